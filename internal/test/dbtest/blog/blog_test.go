package blog_test

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver that dbtest.Open expects

	"slipway/internal/migrate/rowtypes"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// TestEachCreatesSeparateDatabases: every database has the tables without rows, and the record of the last migration. A
// row in one database is not in another.
func TestEachCreatesSeparateDatabases(t *testing.T) {
	t.Parallel()
	blog.Each(t, func(t *testing.T, url string) {
		dialect, _, _ := strings.Cut(url, "://")
		for _, address := range []string{url, blog.New(t, dialect)} {
			db := dbtest.Open(t, address)
			for table, want := range map[string]int{
				"users": 0, "posts": 0, "notes": 0, "idempotency_keys": 0,
				"atlas_schema_revisions WHERE version = '" + blog.Version + "' AND applied = total": 1,
			} {
				var rows int
				if err := db.QueryRow("SELECT COUNT(*) FROM " + table).Scan(&rows); err != nil || rows != want {
					t.Errorf("%s: %d rows, %v; want %d", table, rows, err, want)
				}
			}
			if _, err := db.Exec("INSERT INTO notes (title, content, created_at, updated_at) " +
				"VALUES ('a', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestVersion: Version is that of the only migration of both dialects, and VersionsInTwo returns two versions.
func TestVersion(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{"mysql", "sqlite"} {
		names, err := fs.Glob(blog.Files(dialect), "*.sql")
		if err != nil || len(names) != 1 || !strings.HasPrefix(names[0], blog.Version+"_") {
			t.Errorf("%s: %q, %v", dialect, names, err)
		}
		if versions := blog.VersionsInTwo(dialect); len(versions) != 2 || !slices.IsSorted(versions) {
			t.Errorf("%s in two: %q", dialect, versions)
		}
	}
}

// TestRowTypes: tables.go is generated from schema.hcl.
func TestRowTypes(t *testing.T) {
	t.Parallel()
	source, err := rowtypes.Generate("blog", "schema.hcl", blog.Schema())
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(rowtypes.File); err != nil || string(text) != string(source.Text) {
		t.Errorf("%s is out of date: run go generate ./internal/test/dbtest/blog (%v)", rowtypes.File, err)
	}
}
