// Package migratetest contains helpers for the tests of migrations: databases, folders with
// migration files, projects with a schema.hcl, and the cases of a plan.
package migratetest

import (
	"cmp"
	"context"
	"database/sql"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"ariga.io/atlas/sql/migrate"
	_ "modernc.org/sqlite" // the driver that dbtest.Open expects

	"slipway/internal/test/dbtest"
)

// Connect opens the database of a URL from dbtest. The end of the test closes it.
func Connect(t testing.TB, address string) *sql.DB {
	t.Helper()
	return dbtest.Open(t, address)
}

// Each runs a case on an empty database of each dialect.
func Each(t *testing.T, run func(t *testing.T, dialect, address string)) {
	t.Helper()
	dbtest.Dialects(t, func(t *testing.T, dialect string) { run(t, dialect, dbtest.New(t, dialect)) })
}

// Under is a folder migrations with a folder for each dialect, without snapshots.
type Under map[string]fs.FS

// Open opens a file of a dialect's folder.
func (u Under) Open(name string) (fs.File, error) {
	dialect, file, _ := strings.Cut(name, "/")
	if u[dialect] == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return u[dialect].Open(cmp.Or(file, "."))
}

// Scratch returns a function that creates scratch databases on the test server, and in memory.
func Scratch(t testing.TB) func(context.Context, string) (*sql.DB, func() error, error) {
	return func(_ context.Context, dialect string) (*sql.DB, func() error, error) {
		if dialect == "sqlite" {
			db, err := sql.Open("sqlite", ":memory:")
			if err != nil {
				return nil, nil, err
			}
			return db, db.Close, nil
		}
		db := Connect(t, dbtest.MySQL(t))
		return db, db.Close, nil
	}
}

// OnlySQLite is [Scratch] without a MySQL server: for MySQL it returns the error missing.
func OnlySQLite(t testing.TB, missing error) func(context.Context, string) (*sql.DB, func() error, error) {
	return func(ctx context.Context, dialect string) (*sql.DB, func() error, error) {
		if dialect == "mysql" {
			return nil, nil, missing
		}
		return Scratch(t)(ctx, dialect)
	}
}

// Folder returns a migration folder with checksums. The arguments are pairs of a name and a
// text.
func Folder(t testing.TB, namesAndTexts ...string) fstest.MapFS {
	t.Helper()
	dir, made := &migrate.MemDir{}, fstest.MapFS{}
	for i := 0; i < len(namesAndTexts); i += 2 {
		name, text := namesAndTexts[i]+".sql", []byte(namesAndTexts[i+1])
		made[name] = &fstest.MapFile{Data: text}
		if err := dir.WriteFile(name, text); err != nil {
			t.Fatal(err)
		}
	}
	sum, err := dir.Checksum()
	if err != nil {
		t.Fatal(err)
	}
	text, err := sum.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	made[migrate.HashFileName] = &fstest.MapFile{Data: text}
	return made
}

// Query returns the first column of all rows, as text, separated by spaces.
func Query(t testing.TB, db *sql.DB, text string) string {
	t.Helper()
	return strings.Join(QueryLines(t, db, text), " ")
}

func QueryLines(t testing.TB, db *sql.DB, text string) []string {
	t.Helper()
	rows, err := db.Query(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	var values []string
	for rows.Next() {
		var value sql.NullString
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
		values = append(values, value.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}

func Exec(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}
