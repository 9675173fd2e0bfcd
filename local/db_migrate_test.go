package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/dbtest"
)

func saveFile(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func loadFile(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// editFile replaces a text in a file. The file must contain the text.
func editFile(t *testing.T, dir, name, old, text string) {
	t.Helper()
	before := loadFile(t, dir, name)
	if !strings.Contains(before, old) {
		t.Fatalf("%s has no %q", name, old)
	}
	saveFile(t, dir, name, strings.Replace(before, old, text, 1))
}

func mentions(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("got\n%s\nwant %q in it", text, want)
		}
	}
}

// TestDBMigrateRename renames a column that has an index, in a database with rows,
// and undoes the rename.
func TestDBMigrateRename(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		dir, address := projectFolder(t), dbtest.New(t, dialect)
		env := []string{"DATABASE_URL=" + address}
		succeeds(t, dir, env, "db", "upgrade")
		schema := strings.NewReplacer(`column "username"`, `column "handle"`, "column.username", "column.handle",
			`"users_username"`, `"users_handle"`)
		saveFile(t, dir, "schema.hcl", schema.Replace(loadFile(t, dir, "schema.hcl")))
		r := fails(t, dir, env, "users.username is removed and users.handle is added, which looks like a rename", "db",
			"migrate", "-m", "handles")
		mentions(t, r.stderr, "--rename users.username:handle", "--drop users.username")
		mentions(t, succeeds(t, dir, env, "db", "migrate", "-m", "handles", "--rename", "users.username:handle"),
			"_handles.sql (2 statements up, 2 down)", "wrote migrations/sqlite/")
		if dialect == "mysql" {
			files, err := filepath.Glob(filepath.Join(dir, "migrations/mysql/*_handles.sql"))
			if err != nil || len(files) != 1 {
				t.Fatal(files, err)
			}
			want := "-- Modify \"users\" table\nALTER TABLE `users` RENAME COLUMN `username` TO `handle`;\n" +
				"-- Modify \"users\" table\nALTER TABLE `users` RENAME INDEX `users_username` TO `users_handle`;\n" +
				"\n-- slipway:down\n-- ALTER TABLE `users` RENAME COLUMN `handle` TO `username`;\n-- ALTER TABLE `users` RENAME " +
				"INDEX `users_handle` TO `users_username`;\n"
			if got, err := os.ReadFile(files[0]); err != nil || string(got) != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		}
		succeeds(t, dir, env, "db", "upgrade")
		succeeds(t, dir, env, "db", "downgrade")
	})
}

// TestDBMigrateFill adds NOT NULL columns.
func TestDBMigrateFill(t *testing.T) {
	t.Parallel()
	dir := projectFolder(t)
	editFile(t, dir, "schema.hcl", "  column \"bio\" {", "  column \"city\" {\n    type = varchar(80)\n    null = "+
		"false\n  }\n  column \"bio\" {")
	fails(t, dir, nil, `or set a value for existing rows with --fill "users.city=''"`, "db", "migrate", "-m", "cities")
	fails(t, dir, nil, "is not an SQL literal", "db", "migrate", "-m", "cities", "--fill", "users.city=Berlin")
	fails(t, dir, nil, "the column needs no value", "db", "migrate", "-m", "cities", "--fill", "users.city=''", "--fill",
		"users.bio=''")
	mentions(t, succeeds(t, dir, nil, "db", "migrate", "-m", "cities", "--fill", "users.city='it''s, \"far\"'"),
		"3 statements up, 1 down")
	files, err := filepath.Glob(filepath.Join(dir, "migrations/*/*_cities.sql"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		mentions(t, loadFile(t, "", name), "UPDATE `users` SET `city` = 'it''s, \"far\"' WHERE `city` IS NULL;")
	}
}

func TestDBMigrateEmpty(t *testing.T) {
	t.Parallel()
	dir := projectFolder(t)
	env := []string{"DATABASE_URL=" + dbtest.SQLite(t)}
	out := succeeds(t, dir, env, "db", "migrate", "--empty", "-m", "backfill scores")
	mentions(t, out, "wrote migrations/mysql/", "wrote migrations/sqlite/", "_backfill_scores.sql",
		"go run ./local db hash")
	succeeds(t, dir, env, "db", "upgrade")
	succeeds(t, dir, env, "db", "downgrade")
	one := succeeds(t, dir, env, "db", "migrate", "--empty", "--dialect", "sqlite", "-m", "only here")
	if strings.Contains(one, "mysql") ||
		regexp.MustCompile(`\d{14}`).FindString(one) <= regexp.MustCompile(`\d{14}`).FindString(out) {
		t.Errorf("got\n%s", one)
	}
	fails(t, dir, env, "use mysql or sqlite", "db", "migrate", "--empty", "--dialect", "oracle", "-m", "x")
	fails(t, dir, env, "--dialect requires --empty", "db", "migrate", "--dialect", "mysql", "-m", "x")
	fails(t, dir, env, "--drop cannot be used with --empty", "db", "migrate", "--empty", "--drop", "users", "-m", "x")
	fails(t, dir, env, "missing message: describe the change", "db", "migrate", "--empty")
}

// TestDBMigrateSpeed checks that planning the whole project for both dialects is fast. The limit
// is generous, and relative to the time of --help on the same machine.
func TestDBMigrateSpeed(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("measures, which -short leaves out")
	}
	dir := projectFolder(t)
	best := func(args func(run int) []string) time.Duration {
		least := time.Hour
		for run := range 5 {
			began := time.Now()
			succeeds(t, dir, nil, args(run)...)
			least = min(least, time.Since(began))
		}
		return least
	}
	idle := best(func(int) []string { return []string{"--help"} })
	took := best(func(run int) []string {
		editFile(t, dir, "schema.hcl", "  column \"bio\" {", fmt.Sprintf("  column \"extra%d\" {\n    type = int\n    null "+
			"= true\n  }\n  column \"bio\" {", run))
		return []string{"db", "migrate", "-m", fmt.Sprintf("extra %d", run)}
	})
	t.Logf("db migrate takes %v, and --help %v", took, idle)
	if limit := 20*idle + 500*time.Millisecond; took > limit {
		t.Errorf("db migrate takes %v, and --help %v: more than %v", took, idle, limit)
	}
}
