package verify

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// blogProject returns a project with the tables of package blog, and an engine for its files on
// an empty database.
func blogProject(t *testing.T, dialect, address string) (*run.Engine, Declared) {
	t.Helper()
	return engineOf(t, dialect, address, blog.Migrations()), Declared{Schema: blog.Schema()}
}

// TestCheck checks that a correct project has no differences, before and after an upgrade, and
// that Check reports each kind of drift.
func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by   []string // done to the live database by hand
		edit func(*Declared, *run.Engine)
		want string // one of the differences, "" for none
	}{
		"alike": {nil, nil, ""},
		"a table more": {[]string{"CREATE TABLE other (id int)"}, nil,
			"database and migrations: other is in the database, but not in the migrations"},
		"a table less": {[]string{"DROP TABLE notes"}, nil, "database and migrations: notes is in the migrations, but not " +
			"in the database"},
		"a column more": {[]string{"ALTER TABLE notes ADD COLUMN x int NULL"}, nil,
			"database and migrations: notes.x is in the database, but not in the migrations"},
		"a column less": {[]string{"ALTER TABLE users RENAME COLUMN score TO points"}, nil,
			"database and migrations: users.score is in the migrations, but not in the database"},
		"an index more": {[]string{"CREATE INDEX extra ON notes (title)"}, nil,
			"database and migrations: notes.extra (index) is in the database, but not in the migrations"},
		"rows only": {[]string{"INSERT INTO notes (title, content, created_at, updated_at) VALUES ('a', 'b', " +
			"'2026-01-01 00:00:00', '2026-01-01 00:00:00')"}, nil, ""},
		"two at once": {[]string{"DROP TABLE notes", "CREATE TABLE other (id int)"}, nil, "2 differences"},
		"another schema": {nil, func(d *Declared, _ *run.Engine) {
			d.Schema = []byte(strings.Replace(string(d.Schema), "varchar(80)", "varchar(90)", 1))
		}, "schema.hcl (sqlite): users.username is varchar(90) in schema.hcl, varchar(80) in the migrations"},
		"an old record": {nil, func(_ *Declared, e *run.Engine) {
			e.Migrations.(fstest.MapFS)["snapshots/"+blog.Version+".hcl"].Data = []byte(migratetest.Preamble)
		}, "migrations and migrations/snapshots/" + blog.Version + ".hcl (sqlite): "},
		"row types": {nil, func(d *Declared, _ *run.Engine) { d.RowTypes = []byte("package app\n") },
			"1 difference: schema.hcl and row types: internal/app/tables.go is out of date: run go generate ./internal/app"},
		"no row types": {nil, func(d *Declared, _ *run.Engine) {
			d.RowTypes = []byte{}
		}, "internal/app/tables.go is out of date"},
		"schema.hcl is off":  {nil, func(d *Declared, _ *run.Engine) { d.Schema = []byte("table {") }, "schema.hcl:1"},
		"nothing to compare": {nil, func(d *Declared, _ *run.Engine) { *d = Declared{} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			migratetest.Each(t, func(t *testing.T, dialect, address string) {
				e, declared := blogProject(t, dialect, address)
				if dialect == plan.SQLite && c.edit == nil {
					e.Scratch = migratetest.OnlySQLite(t, plan.ErrNoScratch) // the case for MySQL checks its files
				}
				if name == "alike" {
					if _, err := Check(t.Context(), e, declared); err != nil {
						t.Errorf("before anything is applied: %v", err)
					}
				}
				if _, err := e.Upgrade(t.Context(), run.Upgrade{}); err != nil {
					t.Fatal(err)
				}
				migratetest.Exec(t, migratetest.Connect(t, address), c.by...)
				if c.edit != nil {
					c.edit(&declared, e)
				}
				report, err := Check(t.Context(), e, declared)
				if c.want == "" {
					if err != nil || len(report.Drift) > 0 {
						t.Errorf("got %v", err)
					}
					return
				}
				if err == nil || !strings.Contains(fmt.Sprint(err, report.Drift), c.want) || report.Failed == nil {
					t.Errorf("got %v, want %q", err, c.want)
				}
			})
		})
	}
}

// TestCheckTypes checks differences that only MySQL has.
func TestCheckTypes(t *testing.T) {
	t.Parallel()
	for by, want := range map[string]string{
		"ALTER TABLE users MODIFY COLUMN username varchar(90) NOT NULL": "users.username is " +
			"varchar(80) in the migrations, varchar(90) in the database",
		"ALTER TABLE users MODIFY COLUMN bio longtext NOT NULL": "users.bio is NULL in the " +
			"migrations, NOT NULL in the database",
		"ALTER TABLE users ALTER COLUMN score SET DEFAULT 5": "users.score is DEFAULT 0 in " +
			"the migrations, DEFAULT 5 in the database",
		"ALTER TABLE users MODIFY COLUMN username varchar(80) COLLATE utf8mb4_bin NOT NULL": "users.username",
		"ALTER TABLE users COLLATE utf8mb4_bin":                                             "users",
		"ALTER TABLE posts DROP FOREIGN KEY posts_user_id": "posts.posts_user_id (foreign " +
			"key) is in the migrations, but not in the database",
		"ALTER TABLE notes ADD CONSTRAINT long_enough CHECK (length(title) > 0)": "notes.long_enough (check) is " +
			"in the database",
		"ALTER TABLE users DROP INDEX users_email, ADD INDEX users_email (email)": "users.users_email (index) is " +
			"UNIQUE (email) in the migrations, (email) in the database",
		"ALTER TABLE idempotency_keys DROP PRIMARY KEY, ADD PRIMARY KEY (id, owner)": "idempotency_keys (primary key)",
		"ALTER TABLE posts RENAME INDEX posts_created_at TO posts_by_time":           "posts.posts_",
		"ALTER TABLE notes COMMENT 'a word'":                                         "notes",
		"ALTER TABLE notes MODIFY COLUMN created_at datetime NOT NULL": "notes.created_at is " +
			"datetime(6) in the migrations, datetime in the database",
		"ALTER TABLE notes AUTO_INCREMENT = 500":                                    "",
		"ALTER TABLE users MODIFY COLUMN is_active tinyint(1) NOT NULL DEFAULT '1'": "",
	} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			address := dbtest.MySQL(t)
			e, _ := blogProject(t, plan.MySQL, address)
			if _, err := e.Upgrade(t.Context(), run.Upgrade{}); err != nil {
				t.Fatal(err)
			}
			migratetest.Exec(t, migratetest.Connect(t, address), by)
			for name, scratch := range map[string]plan.Scratch{"replayed": e.Scratch,
				"from snapshots": migratetest.OnlySQLite(t, plan.ErrNoScratch)} {
				e.Scratch = scratch
				_, err := Check(t.Context(), e, Declared{})
				if want == "" && err != nil ||
					want != "" && (err == nil || !strings.Contains(err.Error(), "database and migrations: "+want)) {
					t.Errorf("%s: got %v, want %q", name, err, want)
				}
			}
		})
	}
}

// engineOf returns an engine with its own connection and with scratch databases.
func engineOf(t *testing.T, dialect, address string, migrations fs.FS) *run.Engine {
	t.Helper()
	e, err := run.New(migratetest.Connect(t, address), dialect, migrations)
	if err != nil {
		t.Fatal(err)
	}
	e.Scratch, e.Disposable = migratetest.Scratch(t), true
	return e
}

// TestNotCompared checks that NotCompared lists what only a server can compare, if there is no
// server.
func TestNotCompared(t *testing.T) {
	t.Parallel()
	const computed = `
table "sums" {
  schema = schema.app
  column "a" {
    type = int
  }
  column "b" {
    type = int
    as {
      expr = "a + 1"
      type = STORED
    }
  }
  check "sums_a" {
    expr = "a > 0"
  }
}
`
	root, address := migratetest.Project(t, migratetest.Preamble+computed), dbtest.MySQL(t)
	authored, err := plan.Generate(t.Context(), root, plan.Options{Message: "sums"}, migratetest.Noon)
	if err != nil {
		t.Fatal(err)
	}
	e := engineOf(t, plan.MySQL, address, os.DirFS(filepath.Join(root, "migrations")))
	if _, err := e.Upgrade(t.Context(), run.Upgrade{}); err != nil {
		t.Fatal(err)
	}
	declared := Declared{Schema: []byte(migratetest.Preamble + computed)}
	if report, err := Check(t.Context(), e, declared); err != nil || len(report.NotCompared) > 0 {
		t.Errorf("with a scratch database: %q, %v", report.NotCompared, err)
	}
	e.Scratch = migratetest.OnlySQLite(t, plan.ErrNoScratch)
	report, err := Check(t.Context(), e, declared)
	want := []string{
		"database and migrations: the expression of sums.b", "database and migrations: the expression of sums.sums_a",
		"migrations and migrations/snapshots/" + authored.Version + ".hcl (mysql): the statements of the files",
	}
	if err != nil || !slices.Equal(report.NotCompared, want) {
		t.Errorf("without: %q, %v, want %q", report.NotCompared, err, want)
	}
}
