// Package migrated gives a test a database with the project's tables in it, made
// by the project's own migrations, on SQLite and on a real MySQL.
//
// It is for tests of the programs in functions and local, which carry those tables;
// tests of the engine use dbtest/blog.
package migrated

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"slipway/internal/database"
	_ "slipway/internal/database/mysql"
	_ "slipway/internal/database/sqlite"
	"slipway/internal/dbtest"
	"slipway/internal/migration"
	"slipway/migrations"
)

// Each runs one case on each dialect, as the parallel subtests "sqlite" and
// "mysql", each with the URL of a migrated database of its own, without rows.
func Each(t *testing.T, run func(t *testing.T, url string)) {
	t.Helper()
	dbtest.Dialects(t, func(t *testing.T, dialect string) { run(t, New(t, dialect)) })
}

// New returns the URL of a migrated database of the dialect, "sqlite" or "mysql".
func New(t testing.TB, dialect string) string {
	t.Helper()
	if dialect == "sqlite" {
		return SQLite(t)
	}
	url := dbtest.New(t, dialect)
	if err := Upgrade(url); err != nil {
		t.Fatalf("migrated: %v", err)
	}
	return url
}

// MySQL returns the URL of a migrated MySQL database.
func MySQL(t testing.TB) string {
	t.Helper()
	return New(t, "mysql")
}

// SQLite returns the URL of a migrated SQLite database.
func SQLite(t testing.TB) string {
	t.Helper()
	content, err := sqliteFile()
	if err != nil {
		t.Fatalf("migrated: %v", err)
	}
	url := dbtest.SQLite(t)
	if err := os.WriteFile(strings.TrimPrefix(url, "sqlite://"), content, 0o600); err != nil {
		t.Fatalf("migrated: %v", err)
	}
	return url
}

// sqliteFile is a migrated SQLite file, made once in a process: to copy it takes
// no time, and to migrate takes some.
var sqliteFile = sync.OnceValues(func() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "slipway-test-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := dir + "/app.db"
	if err := Upgrade("sqlite://" + file); err != nil {
		return nil, err
	}
	// The last connection to close moves the log into the file; what stayed
	// outside would be missing from every copy.
	if log, err := os.Stat(file + "-wal"); err == nil && log.Size() > 0 {
		return nil, fmt.Errorf("%s was closed with %d bytes of its log outside it", file, log.Size())
	}
	return os.ReadFile(file)
})

// Upgrade applies all migrations of this build to the database of a URL.
func Upgrade(url string) (err error) {
	db, err := database.Open(database.Config{URL: url, Mode: database.Migrate})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	folder, err := migrations.FS(db.Dialect)
	if err != nil {
		return err
	}
	engine, err := migration.New(db.SQL(), db.Dialect, folder)
	if err != nil {
		return err
	}
	// Not the test's context: the SQLite file is made for all tests.
	_, err = engine.Upgrade(context.Background(), migration.Upgrade{})
	return err
}
