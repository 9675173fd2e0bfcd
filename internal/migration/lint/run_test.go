package lint

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"slipway/internal/dbtest"
	"slipway/internal/dbtest/blog"
	"slipway/internal/migration/ddl"
)

// TestBlog: the migrations of package blog have no errors, and each says how to undo
// it.
func TestBlog(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		folder := blog.Files(dialect)
		names, err := fs.Glob(folder, "*.sql")
		if err != nil || len(names) == 0 {
			t.Fatal(names, err)
		}
		var files []File
		for _, name := range names {
			text, err := fs.ReadFile(folder, name)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, readFile(t, dialect, name, string(text)))
		}
		for _, f := range Run(state(t, dialect, ""), dialect, files, Options{}) {
			if f.Severity == Error || f.Code == "SW605" {
				t.Errorf("%+v", f)
			}
		}
	})
}

// TestRunOverFiles: a file meets what the ones before it made, and the state that
// was given stays as it is.
func TestRunOverFiles(t *testing.T) {
	t.Parallel()
	before := state(t, ddl.MySQL, mysqlTables)
	files := []File{
		readFile(t, ddl.MySQL, "1.sql", "CREATE TABLE tags (id bigint NOT NULL, name varchar(20) NULL, PRIMARY KEY (id));\n-- slipway:down\n-- DROP TABLE tags;\n"),
		readFile(t, ddl.MySQL, "2.sql", "ALTER TABLE tags DROP COLUMN name;\n-- slipway:down\n-- ALTER TABLE tags ADD COLUMN name varchar(20) NULL;\n"),
		readFile(t, ddl.MySQL, "3.sql", "ALTER TABLE tags DROP COLUMN name;\n"),
	}
	var got []string
	for _, f := range Run(before, ddl.MySQL, files, Options{}) {
		got = append(got, f.File+" "+brief(f))
	}
	want := []string{"2.sql 1 error DS103", "2.sql 1 notice SW401", "3.sql 1 error SW606", "3.sql 1 warning SW501"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if _, there := before.Schema().Table("tags"); there {
		t.Error("Run changed the state it was given")
	}
	if none := Run(before, ddl.MySQL, nil, Options{}); none == nil || len(none) != 0 {
		t.Errorf("no files: %v; want an empty list, which JSON writes as []", none)
	}
}

// TestDetail: a finding names the table and the column, and says what to do.
func TestDetail(t *testing.T) {
	t.Parallel()
	for _, x := range hazards {
		for _, f := range x.run(t) {
			if f.Severity != Notice && f.Advice == "" || f.Detail == "" || strings.Contains(f.Detail, "..") || strings.Contains(f.Detail, "\n") {
				t.Errorf("%s: %+v", x.name, f)
			}
			if f.Line < 1 || f.Line > 1+strings.Count(x.file, "\n") {
				t.Errorf("%s: %+v: no such line", x.name, f)
			}
		}
	}
}

// FuzzRun: lint finds fault with any text; it never panics.
func FuzzRun(f *testing.F) {
	for _, x := range slices.Concat(hazards, harmless) {
		f.Add(x.file, x.dialect == ddl.SQLite)
	}
	f.Fuzz(func(t *testing.T, text string, sqlite bool) {
		dialect, tables := ddl.MySQL, mysqlTables
		if sqlite {
			dialect, tables = ddl.SQLite, sqliteTables
		}
		file := File{Name: "1.sql", Text: text, Down: Down{Stated: true, Line: 1}}
		rest := text
		for {
			statement, after, more := strings.Cut(rest, ";")
			file.Statements = append(file.Statements, Statement{Text: statement, Pos: len(text) - len(rest)})
			file.Down.Statements = append(file.Down.Statements, statement)
			if !more {
				break
			}
			rest = after
		}
		lines := 1 + strings.Count(text, "\n")
		for _, found := range Run(state(t, dialect, tables), dialect, []File{file}, Options{
			LargeTable: large,
			Rows:       func(string) (int64, bool) { return large, true },
			Uses:       func(string, string) bool { return true },
		}) {
			if found.Line < 1 || found.Line > lines {
				t.Errorf("%+v: there are %d lines", found, lines)
			}
		}
	})
}

// BenchmarkRun looks at a thousand files of one statement on forty tables.
func BenchmarkRun(b *testing.B) {
	var tables strings.Builder
	for i := range 40 {
		tables.WriteString(strings.ReplaceAll(strings.Split(mysqlTables, "\n")[0], "`users`", fmt.Sprintf("`users%d`", i)))
	}
	before := state(b, ddl.MySQL, tables.String())
	var files []File
	for i := range 1000 {
		files = append(files, readFile(b, ddl.MySQL, "x.sql", fmt.Sprintf("ALTER TABLE users%d ADD COLUMN c%d int NULL;\n-- slipway:down\n-- ALTER TABLE users%d DROP COLUMN c%d;\n", i%40, i, i%40, i)))
	}
	for b.Loop() {
		Run(before, ddl.MySQL, files, Options{})
	}
}
