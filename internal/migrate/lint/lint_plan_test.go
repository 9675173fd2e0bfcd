package lint_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/internal/migrate/lint"
	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"
)

// onlyOnSQLite lists findings that MySQL does not have, because it renames and changes an
// index in one statement, and enforces the type of a column without AUTO_INCREMENT by itself.
var onlyOnSQLite = map[string]string{
	"rename_index": "SW205", "change_index_unique": "MF102", "drop_auto_increment": "SW206",
}

// TestLintPlans: for each change of schema.hcl, every finding on SQLite is also a finding on
// MySQL, except findings about blocking. In particular, lint does not report the rebuild of a
// table as a drop or as a new CHECK. Findings about types are the same on both.
func TestLintPlans(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("lints thousands of plans, which -short leaves out")
	}
	narrowed := map[string]string{}
	for _, c := range migratetest.PlanCases(t, "../plan/testdata/plan") {
		if !strings.Contains(string(c.From), "\ntable ") {
			continue
		}
		root := migratetest.Project(t, string(c.From))
		authorFrom(t, root)
		migratetest.Write(t, root, "schema.hcl", string(c.To))
		ask := plan.Options{Message: "to", Renames: c.Renames, Drops: c.Drops, Fills: c.Fills}
		if _, err := plan.Generate(t.Context(), root, ask, migratetest.Noon); err != nil {
			t.Fatal(err)
		}
		said, types := map[string][]string{}, map[string][]string{}
		for _, dialect := range []string{plan.MySQL, plan.SQLite} {
			e, err := run.New(nil, dialect, os.DirFS(filepath.Join(root, "migrations")))
			if err != nil {
				t.Fatal(err)
			}
			e.Scratch = migratetest.OnlySQLite(t, plan.ErrNoScratch)
			report, _ := lint.Look(t.Context(), e, lint.Lint{Latest: 1})
			for _, f := range report.Findings {
				if strings.HasPrefix(f.Code, "SW3") {
					types[dialect] = append(types[dialect], f.Code)
				} else if !strings.HasPrefix(f.Code, "SW4") && strings.Contains(f.File, "_to.sql") {
					said[dialect] = append(said[dialect], f.Code)
				}
			}
			slices.Sort(types[dialect])
		}
		if !slices.Equal(types[plan.MySQL], types[plan.SQLite]) {
			t.Errorf("%s: of types on MySQL %v, on SQLite %v", c.Name, types[plan.MySQL], types[plan.SQLite])
		}
		for _, code := range said[plan.SQLite] {
			if !slices.Contains(said[plan.MySQL], code) && onlyOnSQLite[c.Name] != code {
				t.Errorf("%s: %s on SQLite, and on MySQL only %v", c.Name, code, said[plan.MySQL])
			}
		}
		narrowed[c.Name] = strings.Join(types[plan.SQLite], " ")
	}
	for name, want := range map[string]string{"change_types": "SW301 SW302 SW302", "change_size": "", "change_type": ""} {
		if narrowed[name] != want {
			t.Errorf("%s: %q, want %q", name, narrowed[name], want)
		}
	}
}

func authorFrom(t *testing.T, root string) {
	t.Helper()
	if _, err := plan.Generate(t.Context(), root, plan.Options{Message: "from"}, migratetest.Noon); err != nil {
		t.Fatal(err)
	}
}
