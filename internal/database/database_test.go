package database_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/internal/database"
	"slipway/internal/database/mysql"
	"slipway/internal/database/sqlite"
	"slipway/internal/test/dbtest"
)

// dialects are the dialects that a URL can name.
var dialects = []database.Dialect{mysql.Dialect{}, sqlite.Dialect{}}

func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(database.Config{URL: url}, dialects...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// TestRefusedURLs: the error for an invalid DATABASE_URL is one sentence with advice, without the password.
func TestRefusedURLs(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"":                                      "is not set",
		"app.db":                                "has no scheme",
		"postgres://u:s3cr3t@h/db":              "use mysql, mysql+unix, sqlite, sqlite3",
		"mysql://u:s3cr3t@h":                    "names no database",
		"mysql://u:s3cr3t@h/":                   "names no database",
		"mysql:///db":                           "names no host",
		"mysql://u:s3cr3t@h:port/db":            "is not a URL",
		"mysql://u:s3cr3t/x@h/db":               "is not a URL",
		"mysql://u:1/s3cr3t@h/db":               "in the password",
		"mysql://u:s3cr3t#x@h/db":               "is not a URL",
		"mysql://u:s3cr3t%zz@h/db":              "is not a URL",
		"mysql://u:s3cr3t@h/db?tls=nonsense":    "parameter that the MySQL driver rejects",
		"mysql://u:s3cr3t@h/db?timeout=quickly": "parameter that the MySQL driver rejects",
		"sqlite://":                             "names no file",
		"sqlite://?mode=ro":                     "names no file",
		"sqlite://:memory:":                     "in memory",
		"sqlite://app?mode=memory":              "in memory",
		"sqlite://%zz":                          "invalid path",
		"sqlite://a%00b":                        "NUL",
	} {
		db, err := database.Open(database.Config{URL: url}, dialects...)
		if err == nil {
			db.Close()
			t.Errorf("%s: opened", url)
			continue
		}
		if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "DATABASE_URL") ||
			strings.Contains(err.Error(), "s3cr3t") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v\nwant: %s", url, err, want)
		}
	}
}

// TestSQLitePaths: Open creates the file in the URL, and its folder.
func TestSQLitePaths(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "slipway-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for path, name := range map[string]string{
		"plain.db":           "plain.db",
		"new/folder/app.db":  "new/folder/app.db",
		"with space.db":      "with space.db",
		"escaped%20space.db": "escaped space.db",
		"100%25.db":          "100%.db",
		"question%3F#.db":    "question?#.db",
		"for-atlas.db?_fk=1": "for-atlas.db",
		"ünï.db":             "ünï.db",
	} {
		db := open(t, "sqlite://"+dir+"/"+path)
		if err := db.Write.Exec("CREATE TABLE x (y)").Error; err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestSQLiteConnections: every connection has the settings, and read connections cannot write.
func TestSQLiteConnections(t *testing.T) {
	t.Parallel()
	db := open(t, dbtest.SQLite(t))
	for name, pool := range map[string]int{"write": 1, "read": 4} {
		from := db.Write
		if name == "read" {
			from = db.Read
		}
		raw, err := from.DB()
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range pool { // all at the same time, so that they are different connections
			conn, err := raw.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				defer conn.Close()
				for pragma, want := range map[string]string{"foreign_keys": "1", "journal_mode": "wal", "busy_timeout": "5000",
					"synchronous": "1"} {
					var got string
					if err := conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
						t.Errorf("%s: %s is %s, want %s (%v)", name, pragma, got, want, err)
					}
				}
			})
		}
		wg.Wait()
	}
	if err := db.Read.Exec("CREATE TABLE x (y)").Error; err == nil {
		t.Error("a reader wrote")
	}
}

// TestSQLiteReadersDoNotWait: reads do not wait for a transaction that writes.
func TestSQLiteReadersDoNotWait(t *testing.T) {
	t.Parallel()
	db := open(t, dbtest.SQLite(t))
	if err := db.Write.Exec("CREATE TABLE x (y)").Error; err != nil {
		t.Fatal(err)
	}
	tx := db.Write.Begin()
	defer tx.Rollback()
	if err := tx.Exec("INSERT INTO x VALUES (1)").Error; err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	var n int
	if err := db.Read.WithContext(ctx).Raw("SELECT COUNT(*) FROM x").Scan(&n).Error; err != nil || n != 0 {
		t.Errorf("%d rows, %v", n, err)
	}
}

// TestTimes: a time is written and read in UTC with microseconds, and compares correctly.
func TestTimes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		typ := map[string]string{"mysql": "datetime(6)", "sqlite": "datetime"}[db.Dialect]
		if err := db.Write.Exec("CREATE TABLE x (id int, y " + typ + ")").Error; err != nil {
			t.Fatal(err)
		}
		zone := time.FixedZone("east", 5*3600)
		for i, at := range []time.Time{
			time.Date(2026, 1, 2, 3, 4, 5, 123456000, time.UTC),
			time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
			time.Date(2026, 1, 2, 3, 4, 5, 120000000, zone),
			time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
			database.Now(),
		} {
			if err := db.Write.Exec("INSERT INTO x VALUES (?, ?)", i, at).Error; err != nil {
				t.Fatal(err)
			}
			var got time.Time
			if err := db.Write.Raw("SELECT y FROM x WHERE id = ? AND y = ?", i, at).Scan(&got).Error; err != nil {
				t.Fatal(err)
			}
			if !got.Equal(at) || got.Location() != time.UTC {
				t.Errorf("%s reads as %s", at, got)
			}
		}
	})
}

// TestReady: the database is ready only if the expected migration is applied completely.
func TestReady(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		ready := func() string { return fmt.Sprint(db.Ready(t.Context(), "2")) }
		if got := ready(); !strings.Contains(got, string(database.Schema)) {
			t.Errorf("without a table of migrations: %s", got)
		}
		for _, step := range []struct{ statement, want string }{
			{"CREATE TABLE atlas_schema_revisions (version varchar(255), applied bigint, total bigint)",
				"2, which this build expects, is not applied"},
			{"INSERT INTO atlas_schema_revisions VALUES ('1', 3, 3)", "is not applied"},
			{"INSERT INTO atlas_schema_revisions VALUES ('2', 1, 3)", "half applied (1 of 3 statements)"},
			{"UPDATE atlas_schema_revisions SET applied = 3 WHERE version = '2'", "<nil>"},
			{"INSERT INTO atlas_schema_revisions VALUES ('3', 1, 1)", "<nil>"},
		} {
			if err := db.Write.Exec(step.statement).Error; err != nil {
				t.Fatal(err)
			}
			if got := ready(); !strings.Contains(got, step.want) {
				t.Errorf("after %s: %s", step.statement, got)
			}
		}
	})
}

// FuzzOpen: no URL causes a panic, and errors do not contain the password.
func FuzzOpen(f *testing.F) {
	for _, s := range []string{"mysql://u:p@h/db?tls=true", "sqlite://x", "mysql+unix://u@/tmp/s.sock?database=d",
		"mysql://u:p#@/%zz"} {
		f.Add(s, "s3cr3t")
	}
	f.Fuzz(func(t *testing.T, text, secret string) {
		// Only MySQL, because SQLite creates files.
		url := "mysql" + strings.Replace(strings.TrimPrefix(text, "mysql"), ":p@", ":"+secret+"@", 1)
		db, err := database.Open(database.Config{URL: url}, dialects...)
		if err == nil {
			db.Close()
			return
		}
		if len(secret) > 5 && !strings.Contains("DATABASE_URL is not a URL"+text, secret) &&
			strings.Contains(err.Error(), secret) {
			t.Errorf("%q is in %v", secret, err)
		}
	})
}
