package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog/project"
)

// clone returns a copy of the whole project with the example tables, and an environment in
// which the go command builds it.
func clone(t *testing.T) (dir string, env []string) {
	t.Helper()
	dir = project.Copy(t)
	for _, name := range []string{"go.mod", "internal/app/rules.go", "seed.json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir, []string{"HOME=" + t.TempDir()} // the go command writes to HOME
}

// adopted returns a database with the tables of a file in testdata/adopt.
func adopted(t *testing.T, file string) (url string) {
	t.Helper()
	dialect := "mysql"
	if strings.Contains(file, "sqlite") {
		dialect = "sqlite"
	}
	url = dbtest.New(t, dialect)
	db := dbtest.Open(t, url)
	for _, s := range strings.Split(strings.TrimSpace(loadFile(t, "testdata/adopt", file)), ";\n") {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return url
}

// TestAdopt: in a fresh clone, one command makes a project of a live database with rows. After
// it, db check and db migrate find nothing, the project builds, and it serves every table on
// the database and on SQLite.
func TestAdopt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file  string
		paths []string
		says  []string
		empty string
	}{
		{"rental_shop.sql", []string{"/customers", "/items", "/rentals", "/item_tags"}, []string{
			"adopted 4 tables of mysql://", "they take the place of the example tables",
			"removed internal/app/rules.go", "items.stock: the default 18446744073709551615 is left out on SQLite",
			"items: the index words is left out on SQLite", "items: the index unseen is invisible",
			"not managed by slipway: view open_rentals", "not managed by slipway: trigger returned of rentals",
			"pending: ", "create_idempotency_keys"}, ""},
		{"blog.sql", []string{"/wb_posts", "/wb_users", "/wb_meta"}, []string{
			"wb_users.user_registered: the default 0000-00-00 00:00:00 is left out on SQLite",
			"wrote internal/app/adopted.go"}, `{"post_content": "", "post_date": "2026-01-02T03:04:05Z"}`},
		{"flask.sqlite.sql", []string{"/user", "/post"}, []string{"pending: ", "add_checks", "create_idempotency_keys",
			"not managed by slipway: view titles", "not managed by slipway: trigger shout of post"}, ""},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			url := adopted(t, c.file)
			dir, env := clone(t)
			has(t, succeeds(t, dir, env, "db", "init", "--url", url), c.says...)
			has(t, succeeds(t, dir, env, "db", "check", "--url", url), "no differences", "pending")
			has(t, succeeds(t, dir, env, "db", "migrate", "-m", "again"), "nothing changed")
			has(t, succeeds(t, dir, env, "db", "init", "--url", url), "nothing to do")

			path := filepath.Join(dir, "local-adopted")
			build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./local")
			build.Dir, build.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			live := startBinary(t, path, dir, "DATABASE_URL="+url)
			copied := startBinary(t, path, dir)
			if c.empty != "" {
				answer, err := http.Post(live.url+c.paths[0], "application/json", strings.NewReader(c.empty))
				if err != nil || answer.StatusCode != http.StatusCreated {
					t.Errorf("an empty text: %v, %v", answer, err)
				}
			}
			for _, p := range c.paths {
				if code, body := get(t, live.url+p); code != http.StatusOK || body == "[]" {
					t.Errorf("%s: %d %s", p, code, body)
				}
				if code, body := get(t, copied.url+p); code != http.StatusOK || body != "[]" {
					t.Errorf("%s on SQLite: %d %s", p, code, body)
				}
			}
			has(t, succeeds(t, dir, env, "db", "check", "--url", url), "no differences")
			if strings.HasPrefix(url, "sqlite") {
				var title string
				db := open(t, url)
				byHand(t, url, "INSERT INTO post VALUES (2, 'loud', 1)")
				if err := db.QueryRow("SELECT title FROM titles ORDER BY title DESC LIMIT 1").Scan(&title); err != nil {
					t.Error(err)
				}
				if err := db.QueryRow("SELECT title FROM post WHERE id = 2").Scan(&title); err != nil || title != "LOUD" {
					t.Errorf("the trigger is lost: %s, %v", title, err)
				}
			}
		})
	}
}

// TestAdoptRefused: a refusal leaves the folder and the database as they were.
func TestAdoptRefused(t *testing.T) {
	t.Parallel()
	dir, env := clone(t)
	refuses := func(url, want string, args ...string) {
		t.Helper()
		before := fingerprint(t, dir)
		fails(t, dir, env, want, append([]string{"db", "init", "--url", url}, args...)...)
		if fingerprint(t, dir) != before {
			t.Errorf("%s: files changed", want)
		}
		var n int
		query := "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'atlas%'"
		if err := open(t, url).QueryRow(query).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: the database has a record, %v", want, err)
		}
	}
	url := dbtest.MySQL(t)
	byHand(t, url, "CREATE TABLE things (id int NOT NULL PRIMARY KEY, a int INVISIBLE)")
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

// get returns the status and the body of a GET request.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(text))
}
