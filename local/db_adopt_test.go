package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog/project"
)

// clone returns a copy of the project with the example tables, or of files of it, and a HOME for its commands.
func clone(t *testing.T, names ...string) (dir string, env []string) {
	t.Helper()
	dir = project.Copy(t, names...)
	return dir, []string{"HOME=" + t.TempDir()} // the go command writes to HOME
}

// TestAdoptRefused: a refusal leaves the folder and the database byte for byte as they were.
func TestAdoptRefused(t *testing.T) {
	t.Parallel()
	dir, env := clone(t, tableFiles...)
	refuses := func(url, want string, args ...string) {
		t.Helper()
		files, database := fingerprint(t, dir), stateOf(t, url)
		fails(t, dir, env, want, append([]string{"db", "init", "--url", url}, args...)...)
		if fingerprint(t, dir) != files {
			t.Errorf("%s: files changed", want)
		}
		if is := stateOf(t, url); is != database {
			t.Errorf("%s: the database was\n%s\nand is\n%s", want, database, is)
		}
	}
	url := dbtest.SQLite(t)
	byHand(t, url, "CREATE TABLE t (id INTEGER PRIMARY KEY)", `CREATE TABLE "it's" (id INTEGER PRIMARY KEY)`,
		"INSERT INTO t VALUES (1)", "PRAGMA journal_mode = DELETE")
	refuses(url, "the name of table it's contains a quote")

	url = dbtest.MySQL(t)
	byHand(t, url, "CREATE TABLE things (id int NOT NULL PRIMARY KEY, a int INVISIBLE)")
	byHand(t, url, "INSERT INTO things (id, a) VALUES (1, 1), (2, 2)", "CREATE VIEW v AS SELECT id FROM things")
	refuses(url, "column a of table things is invisible")
	byHand(t, url, "ALTER TABLE things ALTER COLUMN a SET VISIBLE",
		"ALTER TABLE things ADD CONSTRAINT things_a_type CHECK (a > 0)")
	refuses(url, `table "things": check "things_a_type"`)

	// Hand-written code that needs the example tables.
	saveFile(t, dir, "internal/app/hooks.go", "package app\n\nvar _ = User{}\n")
	refuses(url, "internal/app/hooks.go:3:9", "--mysql-only")
	if err := os.Remove(filepath.Join(dir, "internal/app/hooks.go")); err != nil {
		t.Fatal(err)
	}

	// A project with tables of its own.
	saveFile(t, dir, "schema.hcl", loadFile(t, dir, "schema.hcl")+"\n")
	refuses(url, "add --replace")
	has(t, succeeds(t, dir, env, "db", "init", "--url", url, "--replace", "--mysql-only"),
		"they take the place of the tables of this project")
	if _, err := os.Stat(filepath.Join(dir, "migrations/sqlite")); err == nil {
		t.Error("migrations/sqlite is still there")
	}
	fails(t, dir, env, "this project has migrations for MySQL only: set DATABASE_URL", "db", "status")
	has(t, succeeds(t, dir, env, "db", "check", "--url", url), "no differences")
	has(t, succeeds(t, dir, env, "db", "migrate", "-m", "again"), "nothing changed")
	build := exec.CommandContext(t.Context(), "go", "vet", "./migrations", "./internal/app")
	build.Dir, build.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// stateOf returns everything that a database contains: the bytes of the file, or the
// definitions and checksums of the tables.
func stateOf(t *testing.T, url string) string {
	t.Helper()
	if path, ok := strings.CutPrefix(url, "sqlite://"); ok {
		return fingerprint(t, filepath.Dir(path))
	}
	db := dbtest.Open(t, url)
	var all strings.Builder
	for _, query := range []string{"SHOW FULL TABLES", "SHOW CREATE TABLE things", "SHOW CREATE VIEW v",
		"CHECKSUM TABLE things"} {
		all.WriteString(queryText(t, db, query))
	}
	return all.String()
}
