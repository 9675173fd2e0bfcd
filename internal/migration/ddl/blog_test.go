package ddl

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"
	atlasmysql "ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	atlassqlite "ariga.io/atlas/sql/sqlite"

	"slipway/internal/dbtest"
	"slipway/internal/dbtest/blog"
	declared "slipway/internal/migrate/schema"
)

// evaluate reads the text of a schema.hcl as the dialect sees it.
func evaluate(t testing.TB, dialect string, text []byte) *schema.Schema {
	t.Helper()
	read := declared.MySQL
	if dialect == SQLite {
		read = declared.SQLite
	}
	s, err := read("schema.hcl", text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBlog holds the model against the real databases after every migration of
// package blog, and against its schema.hcl after the last.
func TestBlog(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		scan := (*atlasmysql.Driver)(nil).ScanStmts
		if dialect == SQLite {
			scan = (*atlassqlite.Driver)(nil).ScanStmts
		}
		folder := blog.Files(dialect)
		files, err := fs.Glob(folder, "*.sql")
		if err != nil || len(files) == 0 {
			t.Fatalf("no migrations: %v", err)
		}
		var downs []string
		model, real := newState(t, dialect), newDatabase(t, dialect)
		for _, name := range files {
			text, err := fs.ReadFile(folder, name)
			if err != nil {
				t.Fatal(err)
			}
			up, down, _ := strings.Cut(string(text), "-- slipway:down")
			downs = append(downs, strings.ReplaceAll(down, "\n-- ", "\n"))
			run(t, model, real, up, scan)
			if found := differences(t, dialect, model.Schema(), real.inspect()); found != "" {
				t.Errorf("after %s the model and the database differ:\n%s", name, found)
			}
		}
		if found := differences(t, dialect, model.Schema(), evaluate(t, dialect, blog.Schema())); found != "" {
			t.Errorf("the model and schema.hcl differ:\n%s", found)
		}
		if found := differences(t, dialect, real.inspect(), evaluate(t, dialect, blog.Schema())); found != "" {
			t.Errorf("the database and schema.hcl differ:\n%s", found)
		}
		for _, down := range slices.Backward(downs) {
			run(t, model, real, down, scan)
			if found := differences(t, dialect, model.Schema(), real.inspect()); found != "" {
				t.Errorf("after\n%s\nthe model and the database differ:\n%s", down, found)
			}
		}
		if left := model.Schema().Tables; len(left) > 0 {
			t.Errorf("%d tables are left", len(left))
		}
	})
}

// run applies the statements of a text to both; each must apply.
func run(t testing.TB, model *State, real *database, text string, scan func(string) ([]*migrate.Stmt, error)) {
	t.Helper()
	statements, err := scan(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		e, err := model.Apply(s.Text)
		if err != nil || !e.Understood {
			t.Fatalf("%s\nunderstood: %v, error: %v", s.Text, e.Understood, err)
		}
		if err := real.exec(s.Text); err != nil {
			t.Fatalf("%s\n%v", s.Text, err)
		}
	}
}
