package migration

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// onlyOnSQLite are findings that MySQL has no reason for: it renames and changes an index
// in one statement, and a table without a key gets one in place.
var onlyOnSQLite = map[string]string{
	"rename_index": "SW205", "change_index_unique": "MF102", "add_key_to_table": "MF103",
}

// TestLintPlans: of one change of schema.hcl, lint finds nothing on SQLite that it does not
// find on MySQL, and the same of types: a table that is rebuilt because a CHECK changes is
// neither dropped, nor does it get a new rule. How long writers wait is another matter.
func TestLintPlans(t *testing.T) {
	t.Parallel()
	narrowed := map[string]string{}
	for _, c := range planCases(t) {
		if !strings.Contains(string(c.from), "\ntable ") {
			continue
		}
		root := project(t, string(c.from))
		author(t, root, "from")
		write(t, root, "schema.hcl", string(c.to))
		ask := c.ask
		ask.Message = "to"
		if _, err := Author(t.Context(), root, ask, noon); err != nil {
			t.Fatal(err)
		}
		said, types := map[string][]string{}, map[string][]string{}
		for _, dialect := range []string{MySQL, SQLite} {
			e, err := New(nil, dialect, os.DirFS(filepath.Join(root, "migrations")))
			if err != nil {
				t.Fatal(err)
			}
			e.Scratch = onlySQLite(t)
			report, _ := LintFiles(t.Context(), e, Lint{Latest: 1})
			for _, f := range report.Findings {
				if strings.HasPrefix(f.Code, "SW3") {
					types[dialect] = append(types[dialect], f.Code)
				} else if !strings.HasPrefix(f.Code, "SW4") && strings.Contains(f.File, "_to.sql") {
					said[dialect] = append(said[dialect], f.Code)
				}
			}
			slices.Sort(types[dialect])
		}
		if !slices.Equal(types[MySQL], types[SQLite]) {
			t.Errorf("%s: of types on MySQL %v, on SQLite %v", c.name, types[MySQL], types[SQLite])
		}
		for _, code := range said[SQLite] {
			if !slices.Contains(said[MySQL], code) && onlyOnSQLite[c.name] != code {
				t.Errorf("%s: %s on SQLite, and on MySQL only %v", c.name, code, said[MySQL])
			}
		}
		narrowed[c.name] = strings.Join(types[SQLite], " ")
	}
	for name, want := range map[string]string{"change_types": "SW301 SW302 SW302", "change_size": "", "change_type": ""} {
		if narrowed[name] != want {
			t.Errorf("%s: %q, want %q", name, narrowed[name], want)
		}
	}
}
