package migration

import (
	"cmp"
	"context"
	"database/sql"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"ariga.io/atlas/sql/migrate"
	_ "modernc.org/sqlite"

	"slipway/internal/dbtest"
)

// connect opens the database of a URL that dbtest gave, as those who use the engine
// do.
func connect(t testing.TB, address string) *sql.DB {
	t.Helper()
	return dbtest.Open(t, address)
}

// each runs a case on an empty database of each dialect.
func each(t *testing.T, run func(t *testing.T, dialect, address string)) {
	t.Helper()
	dbtest.Dialects(t, func(t *testing.T, dialect string) { run(t, dialect, dbtest.New(t, dialect)) })
}

// engine makes an engine on a connection of its own, for the files of one dialect, with
// scratch databases.
func engine(t testing.TB, dialect, address string, folder fs.FS) *Engine {
	t.Helper()
	return engineOf(t, dialect, address, under{dialect: folder})
}

// engineOf is engine for a whole folder migrations.
func engineOf(t testing.TB, dialect, address string, migrations fs.FS) *Engine {
	t.Helper()
	e, err := New(connect(t, address), dialect, migrations)
	if err != nil {
		t.Fatal(err)
	}
	e.Scratch = scratch(t)
	return e
}

// under is a folder migrations with the files of dialects, and no snapshots.
type under map[string]fs.FS

// Open opens a file of a dialect's folder.
func (u under) Open(name string) (fs.File, error) {
	dialect, file, _ := strings.Cut(name, "/")
	if u[dialect] == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return u[dialect].Open(cmp.Or(file, "."))
}

// scratch makes scratch databases on the test server, and in memory.
func scratch(t testing.TB) Scratch {
	return func(_ context.Context, dialect string) (*sql.DB, func() error, error) {
		if dialect == SQLite {
			db, err := sql.Open("sqlite", ":memory:")
			if err != nil {
				return nil, nil, err
			}
			return db, db.Close, nil
		}
		db := connect(t, dbtest.MySQL(t))
		return db, db.Close, nil
	}
}

// onlySQLite makes scratch databases where there is no server for MySQL.
func onlySQLite(t testing.TB) Scratch {
	return func(ctx context.Context, dialect string) (*sql.DB, func() error, error) {
		if dialect == MySQL {
			return nil, nil, ErrNoScratch
		}
		return scratch(t)(ctx, dialect)
	}
}

// folder is a migration folder with these files, given as name, text, name,
// text, and the checksums that belong to them.
func folder(t testing.TB, namesAndTexts ...string) fstest.MapFS {
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

// query gives the first column of all rows, as text, joined by spaces.
func query(t testing.TB, db *sql.DB, text string) string {
	t.Helper()
	return strings.Join(queryLines(t, db, text), " ")
}

func queryLines(t testing.TB, db *sql.DB, text string) []string {
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

func exec(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// projectRoot is where atlas.hcl is.
var projectRoot = filepath.Join("..", "..")
