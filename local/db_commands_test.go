package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/migrate/plan"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/dbtest/blog/project"
)

// projectFolder returns a new folder with the files that the db commands read: schema.hcl,
// migrations, seed.json and internal/app of package blog.
func projectFolder(t *testing.T) string {
	t.Helper()
	return project.Copy(t, "schema.hcl", "migrations", "seed.json", "internal/app")
}

// nickname adds a column to users in schema.hcl.
func nickname(s string) string {
	return strings.Replace(s, "  column \"bio\" {", "  column \"nickname\" {\n    type = varchar(80)\n    null = true\n "+
		" }\n  column \"bio\" {", 1)
}

// has checks that an output contains all parts.
func has(t *testing.T, out string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(out, part) {
			t.Errorf("want %q in\n%s", part, out)
		}
	}
}

// byHand runs statements on a database without the engine.
func byHand(t *testing.T, address string, statements ...string) {
	t.Helper()
	db := open(t, address)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func open(t *testing.T, address string) *sql.DB {
	t.Helper()
	return dbtest.Open(t, address)
}

// TestDBLife makes a change of the schema, applies it and undoes it with the commands, on a
// database with rows.
func TestDBLife(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, address string) {
		dir, env := projectFolder(t), []string{"DATABASE_URL=" + address}
		first := strings.TrimSpace(succeeds(t, dir, env, "db", "upgrade", "--json"))
		before := report(t, first).To
		has(t, succeeds(t, dir, env, "db", "seed"), "loaded 3 in users")
		has(t, succeeds(t, dir, env, "db", "check"), "no differences: the database is at "+before)
		has(t, succeeds(t, dir, env, "db", "lint"), "nothing to check")

		edit(t, filepath.Join(dir, "schema.hcl"), nickname)
		has(t, succeeds(t, dir, env, "db", "migrate", "-m", "add nickname"), "wrote migrations/mysql/",
			"wrote migrations/sqlite/", "wrote migrations/snapshots/")
		plan := report(t, succeeds(t, dir, env, "db", "plan", "--json"))
		if len(plan.Pending) != 1 || len(plan.Pending[0].SQL) != 1 ||
			!strings.Contains(plan.Pending[0].SQL[0], "ADD COLUMN `nickname`") {
			t.Errorf("plan: %+v", plan)
		}
		has(t, succeeds(t, dir, env, "db", "plan"), "ADD COLUMN `nickname`", "db upgrade --plan "+plan.Plan)
		has(t, succeeds(t, dir, env, "db", "lint"), "0 errors, 0 warnings")
		succeeds(t, dir, env, "db", "upgrade", "--plan", plan.Plan)
		has(t, succeeds(t, dir, env, "db", "check"), "no differences")
		// Row types that differ from schema.hcl.
		tables := loadFile(t, dir, "internal/app/tables.go")
		editFile(t, dir, "internal/app/tables.go", "\tNickname ", "\tOther ")
		fails(t, dir, env, "1 difference: ", "db", "check")
		saveFile(t, dir, "internal/app/tables.go", tables)

		// A downgrade without data loss, and an upgrade.
		dry := succeeds(t, dir, env, "db", "downgrade", "--dry-run")
		has(t, dry, "nothing was undone; to undo exactly this: db downgrade --to "+before+" --plan ")
		has(t, succeeds(t, dir, env, "db", "downgrade"), "undid 1 migration", "the database is at "+before)
		succeeds(t, dir, env, "db", "upgrade")

		// A downgrade with data loss is refused.
		byHand(t, address, "UPDATE users SET nickname = 'x' WHERE username = 'ada'")
		fails(t, dir, env, "the downgrade would delete data: users.nickname (1 value); to allow this, use "+
			"--allow-data-loss", "db", "downgrade")
		r := report(t, fails(t, dir, env, "would delete data", "db", "downgrade", "--json").stdout)
		if len(r.Loss) != 1 || r.Loss[0].Table != "users" || r.Loss[0].Column != "nickname" || r.Loss[0].Rows != 1 ||
			r.Failed == nil {
			t.Errorf("loss: %+v", r.Loss)
		}
		has(t, succeeds(t, dir, env, "db", "downgrade", "-n", "1", "--allow-data-loss"), "deleted: users.nickname (1 value)")
		var n int
		if err := open(t, address).QueryRow("SELECT (SELECT count(*) FROM users) * 100 + (SELECT count(*) FROM posts)").
			Scan(&n); err != nil || n != 305 {
			t.Errorf("users and posts at the end: %d, %v", n, err)
		}
		fails(t, dir, env, "1 or more", "db", "downgrade", "-n", "0")
		fails(t, dir, env, "none of the others can be", "db", "downgrade", "-n", "1", "--to", "base")
		has(t, succeeds(t, dir, env, "db", "downgrade", "--to", "base", "--allow-data-loss"), "the database is at no version")
		has(t, succeeds(t, dir, env, "db", "downgrade"), "nothing to undo")
	})
}

// TestDBLintFormats checks the exit code of db lint with errors, and its text, GitHub and JSON
// output.
func TestDBLintFormats(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, address string) {
		dir, env := projectFolder(t), []string{"DATABASE_URL=" + address}
		succeeds(t, dir, env, "db", "upgrade")
		edit(t, filepath.Join(dir, "schema.hcl"), func(s string) string {
			a, b := strings.Index(s, "  column \"bio\" {"), strings.Index(s, "  column \"is_active\" {")
			return s[:a] + s[b:]
		})
		succeeds(t, dir, env, "db", "migrate", "-m", "drop bio")
		has(t, fails(t, dir, env, "lint found", "db", "lint").stdout, "error DS103", "error SW201", "→ ")
		has(t, fails(t, dir, env, "lint found", "db", "lint", "--format", "github").stdout, "::error file=migrations/mysql/",
			",line=", "DS103")
		r := report(t, fails(t, dir, env, "lint found", "db", "lint", "--json").stdout)
		codes := map[string]int{}
		for _, f := range r.Findings {
			codes[f.Code]++
		}
		if codes["DS103"] != 2 || r.Failed == nil {
			t.Errorf("got %v", codes)
		}
		// Without a database, and with a nolint comment.
		nowhere := []string{"DATABASE_URL=mysql://root@127.0.0.1:1/nowhere"}
		fails(t, dir, nowhere, "lint found", "db", "lint", "--latest", "1")
		files, err := filepath.Glob(filepath.Join(dir, "migrations/*/*_drop_bio.sql"))
		if err != nil || len(files) != 2 {
			t.Fatal(files, err)
		}
		for _, path := range files {
			edit(t, path, func(s string) string { return "-- atlas:nolint\n\n" + s })
		}
		fails(t, dir, env, "db hash", "db", "lint")
		has(t, succeeds(t, dir, env, "db", "repair"), "migrations/mysql/atlas.sum gets the checksums of the current files",
			"migrations/sqlite/atlas.sum gets the checksums of the current files")
		has(t, succeeds(t, dir, env, "db", "lint"), "no findings")
		fails(t, dir, env, "--format must be text or github", "db", "lint", "--format", "xml")
	})
}

// TestDBRepair checks that db repair corrects the record after manual changes.
func TestDBRepair(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, address string) {
		dir, env := projectFolder(t), []string{"DATABASE_URL=" + address}
		succeeds(t, dir, env, "db", "upgrade")
		has(t, succeeds(t, dir, env, "db", "repair"), "nothing to repair")
		edit(t, filepath.Join(dir, "schema.hcl"), nickname)
		succeeds(t, dir, env, "db", "migrate", "-m", "add nickname")
		plan := report(t, succeeds(t, dir, env, "db", "plan", "--json"))
		byHand(t, address, plan.Pending[0].SQL...)
		has(t, succeeds(t, dir, env, "db", "repair", "--dry-run"), "is applied: it is now recorded",
			"nothing was changed")
		has(t, succeeds(t, dir, env, "db", "repair"), "is applied: it is now recorded", "repaired: the database is at ")
		has(t, succeeds(t, dir, env, "db", "upgrade"), "nothing to apply")
		byHand(t, address, "ALTER TABLE users DROP COLUMN nickname", "ALTER TABLE notes ADD COLUMN odd int NULL")
		fails(t, dir, env, "matches no point of the migrations", "db", "repair")
		has(t, fails(t, dir, env, "differences", "db", "check").stdout,
			"users.nickname is in the migrations, but not in the database",
			"notes.odd is in the database, but not in the migrations")
	})
}

// TestDBRepairOneDialect checks that db repair writes the checksums of one dialect, although
// the database uses the other dialect, which has no files.
func TestDBRepairOneDialect(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for path, text := range map[string]string{"schema.hcl": "",
		"migrations/mysql/20260101000000_a.sql": "CREATE TABLE a (id int);\n",
		"migrations/sqlite/atlas.sum":           plan.EmptySum} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	has(t, succeeds(t, dir, nil, "db", "repair"), "migrations/mysql/atlas.sum gets the checksums of the current files")
	has(t, succeeds(t, dir, nil, "db", "upgrade", "--url", dbtest.MySQL(t)), "applied 1 migration")
}

// TestDBInit creates projects, and adopts databases with tables.
func TestDBInit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, address string) {
		env := []string{"DATABASE_URL=" + address}
		fails(t, t.TempDir(), env, "schema.hcl is missing, and the database has no tables", "db", "init")

		// A new project without migrations.
		fresh := t.TempDir()
		saveFile(t, fresh, "schema.hcl", string(blog.Schema()))
		has(t, succeeds(t, fresh, env, "db", "init"), "wrote migrations/embed.go", "wrote migrations/mysql/atlas.sum",
			"wrote migrations/sqlite/atlas.sum")
		has(t, succeeds(t, fresh, env, "db", "init"), "nothing to do: migrations/ exists, and the database is empty")
		has(t, succeeds(t, fresh, env, "db", "migrate", "-m", "first"), "_first.sql")

		// A database with the tables of the project, but without a record.
		dir := projectFolder(t)
		latest := report(t, succeeds(t, dir, env, "db", "upgrade", "--json")).To
		succeeds(t, dir, env, "db", "seed")
		byHand(t, address, "DROP TABLE atlas_schema_revisions")
		fails(t, dir, env, "record that version with `db init`", "db", "upgrade")
		has(t, succeeds(t, dir, env, "db", "init"), "the database has the tables of "+latest+": recorded as the baseline")
		has(t, succeeds(t, dir, env, "db", "init"), "nothing to do: migrations/ exists, and the database is at "+latest)
		has(t, succeeds(t, dir, env, "db", "upgrade"), "nothing to apply")

		// A project without any files.
		byHand(t, address, "DROP TABLE atlas_schema_revisions")
		adopts := t.TempDir()
		has(t, succeeds(t, adopts, env, "db", "init"), "wrote schema.hcl", "_baseline.sql", "recorded as the baseline")
		copies, err := filepath.Glob(filepath.Join(adopts, "migrations", "snapshots", "*.hcl"))
		if err != nil || len(copies) != 1 || loadFile(t, "", copies[0]) != loadFile(t, adopts, "schema.hcl") {
			t.Errorf("the snapshots are %v, %v", copies, err)
		}
		has(t, succeeds(t, adopts, env, "db", "migrate", "-m", "again"), "nothing changed")
		has(t, succeeds(t, adopts, env, "db", "status"), "  baseline  applied")
		if _, err := os.Stat(filepath.Join(adopts, "migrations", "embed.go")); err != nil {
			t.Error(err)
		}
		var users int
		if err := open(t, address).QueryRow("SELECT count(*) FROM users").Scan(&users); err != nil || users != 3 {
			t.Errorf("%d users, %v", users, err)
		}
	})
}
