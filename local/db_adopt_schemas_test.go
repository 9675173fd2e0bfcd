package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/test/dbtest"
)

// live is a database of another program, and the project that adopts it. It is a file in
// testdata/adopt. In section sql, an empty line ends a statement. The other sections:
//
//   - works has statements that use the views, triggers and routines. "QUERY => value" is
//     what a query returns. The test rolls them back.
//   - says has parts of the output of db init.
//   - readonly has tables with a column that is required and not served.
//   - zero dates has columns with zero dates, which the API cannot write.
type live struct {
	name, dialect string
	sections      map[string][]string
	url, dir      string
	env           []string
}

// lives returns the databases of testdata/adopt, not yet created.
func lives(t *testing.T) (all []*live) {
	t.Helper()
	paths, err := filepath.Glob("testdata/adopt/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		l := &live{name: strings.TrimSuffix(filepath.Base(path), ".txtar"), dialect: filepath.Base(filepath.Dir(path)),
			sections: map[string][]string{}}
		for _, f := range migratetest.ReadArchive(t, path).Files {
			end := "\n"
			if f.Name == "sql" {
				end = "\n\n"
			}
			l.sections[f.Name] = strings.Split(strings.TrimSpace(string(f.Data)), end)
		}
		all = append(all, l)
	}
	return all
}

// project returns the project that adopts the database. In a fresh clone, one command makes a
// project of a live database with rows. After it, db check and db migrate find nothing, and the
// views and triggers work after each later migration. The project builds, and serves every table
// on both dialects.
func (l *live) project() *made {
	return &made{
		name: "adopt/" + l.dialect + "/" + l.name,
		make: func(t, parent *testing.T) string {
			l.create(parent)
			l.adopt(t)
			l.change(t)
			return l.dir
		},
		serve: l.serve,
	}
}

func (l *live) create(t *testing.T) {
	l.url = dbtest.New(t, l.dialect)
	db := dbtest.Open(t, l.url)
	for _, s := range l.sections["sql"] {
		if _, err := db.ExecContext(t.Context(), strings.TrimSuffix(s, ";")); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	l.dir, l.env = clone(t, tableFiles...)
	for _, name := range []string{"internal/app/rules.go", "seed.json"} {
		if _, err := os.Stat(filepath.Join(l.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// run runs a command on the database.
func (l *live) run(t *testing.T, args ...string) string {
	t.Helper()
	return succeeds(t, l.dir, l.env, append(args, "--url", l.url)...)
}

// adopt checks db init, and that it leaves the rows as they are.
func (l *live) adopt(t *testing.T) {
	t.Helper()
	before := l.rows(t, nil)
	has(t, l.run(t, "db", "init"), append(l.sections["says"], "they take the place of the example tables",
		"removed internal/app/rules.go", "pending: ", "create_idempotency_keys")...)
	has(t, l.run(t, "db", "check"), "no differences", "pending")
	has(t, succeeds(t, l.dir, l.env, "db", "migrate", "-m", "again"), "nothing changed")
	has(t, l.run(t, "db", "init"), "nothing to do")
	lint := l.env
	if l.dialect == "mysql" { // for options that schema.hcl cannot declare
		lint = append(slices.Clone(l.env), "DEV_DATABASE_URL="+l.url)
	}
	succeeds(t, l.dir, lint, "db", "lint")
	l.unchanged(t, before)
	l.run(t, "db", "upgrade")
	l.unchanged(t, before)
}

var tableBlock = regexp.MustCompile(`(?m)^table ".*" \{\n  schema = .*\n`)

// change adds a column to each table and takes it back.
func (l *live) change(t *testing.T) {
	t.Helper()
	before := l.rows(t, nil)
	declared, types := loadFile(t, l.dir, "schema.hcl"), loadFile(t, l.dir, "internal/app/tables.go")
	added := "  column \"added\" {\n    type = varchar(20)\n    null = true\n  }\n"
	for _, step := range []struct{ name, schema string }{
		{"add a column", tableBlock.ReplaceAllString(declared, "${0}"+added)},
		{"drop a column", declared},
	} {
		saveFile(t, l.dir, "schema.hcl", step.schema)
		succeeds(t, l.dir, l.env, "db", "migrate", "-m", step.name)
		l.run(t, "db", "upgrade")
		has(t, l.run(t, "db", "check"), "no differences")
		l.unchanged(t, before)
	}
	if loadFile(t, l.dir, "internal/app/tables.go") != types {
		t.Error("the row types differ after the column is dropped")
	}
}

// unchanged checks that the tables have the rows that they had before, and that the views,
// triggers and routines work.
func (l *live) unchanged(t *testing.T, before map[string]content) {
	t.Helper()
	for name, c := range l.rows(t, before) {
		if was := before[name].rows; c.rows != was {
			t.Errorf("%s has the rows\n%s\nwant\n%s", name, c.rows, was)
		}
	}
	tx, err := dbtest.Open(t, l.url).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for _, line := range l.sections["works"] {
		statement, want, isQuery := strings.Cut(line, " => ")
		var got string
		if isQuery {
			err = tx.QueryRow(statement).Scan(&got)
		} else {
			_, err = tx.Exec(statement)
		}
		if err != nil || got != want {
			t.Errorf("%s: %q, %v", line, got, err)
		}
	}
}

// content has the columns of a table and its rows as text.
type content struct {
	columns []string
	rows    string
}

// rows returns the contents of all tables, or of the columns in of.
func (l *live) rows(t *testing.T, of map[string]content) map[string]content {
	t.Helper()
	db := dbtest.Open(t, l.url)
	all := map[string]content{}
	for _, name := range tableNames(t, db, l.dialect) {
		if of != nil && of[name].columns == nil {
			continue // a table of slipway
		}
		columns := of[name].columns
		if of == nil {
			columns = columnsOf(t, db, name)
		}
		list := "`" + strings.Join(columns, "`, `") + "`"
		if l.dialect == "sqlite" { // the driver depends on the declared type
			list = "quote(`" + strings.Join(columns, "`), quote(`") + "`)"
		}
		all[name] = content{columns, queryText(t, db, "SELECT "+list+" FROM `"+name+"`")}
	}
	return all
}

func columnsOf(t *testing.T, db *sql.DB, table string) []string {
	t.Helper()
	rows, err := db.Query("SELECT * FROM `" + table + "` LIMIT 0")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	return columns
}

// queryText returns the sorted rows of a query as lines.
func queryText(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%q", values))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// tableNames lists the tables without those of slipway and of SQLite.
func tableNames(t *testing.T, db *sql.DB, dialect string) (names []string) {
	t.Helper()
	query := "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()" +
		" AND table_type = 'BASE TABLE'"
	if dialect == "sqlite" {
		query = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%'"
	}
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if name != "idempotency_keys" && !strings.HasPrefix(name, "atlas_") && !strings.HasPrefix(name, "slipway_") {
			names = append(names, name)
		}
	}
	return names
}
