package schema_test

import (
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"

	atlas "ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/schema"
)

// FuzzParse checks that any text is either a schema, or an error with the name of the file.
func FuzzParse(f *testing.F) {
	f.Add(shop(f))
	f.Add([]byte(users))
	f.Add([]byte(`table {}`))
	f.Add([]byte("schema \"app\" {}\ntable \"t\" {\n  schema = schema.app\n  column \"c\" { type = geometry }\n}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, read := range []func(string, []byte) error{
			func(name string, text []byte) error { _, err := schema.MySQL(name, text); return err },
			func(name string, text []byte) error { _, err := schema.SQLite(name, text); return err },
		} {
			if err := read("schema.hcl", text); err != nil && !strings.HasPrefix(err.Error(), "schema.hcl:") {
				t.Errorf("no file in %v", err)
			}
		}
	})
}

// misplaced matches a keyword that SQLite treats as a column, but that is a syntax error on MySQL.
var misplaced = regexp.MustCompile(`no such column: "?(?i:when|then|else|end)\b`)

// FuzzExpression checks that SQLite can parse each translated expression, without unknown columns
// or functions.
func FuzzExpression(f *testing.F) {
	for _, expr := range expressions {
		f.Add(expr)
	}
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(f.Context(), "CREATE TABLE t (n, a, b, d, s, s2, f)"); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		text := []byte("schema \"app\" {}\n" + fmt.Sprintf(expressionTable, "t", expr))
		if _, err := schema.MySQL("schema.hcl", text); err != nil {
			return // not what was meant: a template of HCL
		}
		got, ok := translated(t, text)
		if !ok {
			return
		}
		rows, err := db.QueryContext(t.Context(), "SELECT 1 FROM t WHERE "+got)
		if err == nil {
			err = rows.Close()
		}
		// Ignore expressions that are a syntax error on MySQL, too.
		if err != nil && !strings.Contains(err.Error(), "syntax error") &&
			!strings.Contains(err.Error(), "incomplete input") && !strings.Contains(err.Error(), "misuse") &&
			!strings.Contains(err.Error(), "wrong number of arguments") && !strings.Contains(err.Error(), "row value") &&
			!misplaced.MatchString(err.Error()) {
			t.Errorf("%q is %q: %v", expr, got, err)
		}
	})
}

// translated returns the CHECK that the table t has on SQLite.
func translated(t *testing.T, text []byte) (expr string, ok bool) {
	t.Helper()
	s, err := schema.SQLite("schema.hcl", text)
	if err != nil {
		return "", false
	}
	for _, c := range checks(s.Tables[0]) {
		if c.Name == "t_c" {
			return c.Expr, true
		}
	}
	t.Error("the check is lost")
	return "", false
}

func checks(t *atlas.Table) (all []*atlas.Check) {
	for _, a := range t.Attrs {
		if c, ok := a.(*atlas.Check); ok {
			all = append(all, c)
		}
	}
	return all
}
