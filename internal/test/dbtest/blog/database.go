package blog

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"slipway/internal/test/dbtest"
)

// Each runs a test on each dialect, as the parallel subtests "sqlite" and "mysql", with the URL of a new database that
// has the tables without rows.
func Each(t *testing.T, run func(t *testing.T, url string)) {
	t.Helper()
	dbtest.Dialects(t, func(t *testing.T, dialect string) { run(t, New(t, dialect)) })
}

// New returns the URL of a new database of the dialect, "sqlite" or "mysql", with the tables without rows.
func New(t testing.TB, dialect string) string {
	t.Helper()
	if dialect == "sqlite" {
		return SQLite(t)
	}
	url := dbtest.New(t, dialect)
	Create(t, url)
	return url
}

// MySQL returns the URL of a new MySQL database with the tables without rows.
func MySQL(t testing.TB) string {
	t.Helper()
	return New(t, "mysql")
}

// SQLite returns the URL of a new SQLite database with the tables without rows. As for [dbtest.Open], the test must
// import a driver named "sqlite".
func SQLite(t testing.TB) string {
	t.Helper()
	content, err := template()
	if err != nil {
		t.Fatalf("blog: %v", err)
	}
	url := dbtest.SQLite(t)
	if err := os.WriteFile(strings.TrimPrefix(url, "sqlite://"), content, 0o600); err != nil {
		t.Fatalf("blog: %v", err)
	}
	return url
}

// Create creates the tables in the empty database of a URL, and closes its connection.
func Create(t testing.TB, url string) {
	t.Helper()
	dialect, _, _ := strings.Cut(url, "://")
	db := dbtest.Open(t, url)
	if err := errors.Join(create(db, dialect), db.Close()); err != nil {
		t.Fatalf("blog: %v", err)
	}
}

// template returns an SQLite file with the tables. It is created once per process, because a copy is faster.
var template = sync.OnceValues(func() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "slipway-test-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "app.db")
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)")
	if err != nil {
		return nil, err
	}
	// Close moves the write-ahead log to the file.
	if err := errors.Join(create(db, "sqlite"), db.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// create runs the migrations, and records the last one for /readyz.
func create(db *sql.DB, dialect string) error {
	folder := Files(dialect)
	names, err := fs.Glob(folder, "*.sql")
	if err != nil {
		return err
	}
	statements := []string{
		"CREATE TABLE atlas_schema_revisions (version varchar(255) PRIMARY KEY, applied bigint, total bigint)",
		"INSERT INTO atlas_schema_revisions VALUES ('" + Version + "', 1, 1)",
	}
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		up, _, _ := strings.Cut(string(text), "-- slipway:down")
		for statement := range strings.SplitSeq(up, ";\n") {
			if strings.TrimSpace(statement) != "" {
				statements = append(statements, statement)
			}
		}
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}
