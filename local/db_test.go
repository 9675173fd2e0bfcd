package main

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"slipway/internal/migrate/run"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// succeeds runs a command that must succeed, and returns its output.
func succeeds(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	r := runLocal(t, dir, env, args...)
	if r.code != 0 || r.stderr != "" {
		t.Fatalf("%s: exit code %d\n%s%s", strings.Join(args, " "), r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

// fails runs a command that must fail with exit code 1 and an error of one line that contains
// want.
func fails(t *testing.T, dir string, env []string, want string, args ...string) result {
	t.Helper()
	r := runLocal(t, dir, env, args...)
	if r.code != 1 || strings.Count(r.stderr, "\n") != 1 || !strings.HasPrefix(r.stderr, "error: ") ||
		!strings.Contains(r.stderr, want) {
		t.Errorf("%s: exit code %d, want 1, and one line with %q\n%s%s", strings.Join(args, " "), r.code, want, r.stdout,
			r.stderr)
	}
	return r
}

func report(t *testing.T, text string) (r run.Report) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return r
}

func TestDBMigrate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fails(t, dir, nil, "schema.hcl is missing", "db", "migrate", "-m", "x")

	schema := string(blog.Schema())
	save := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "schema.hcl"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	save(schema)
	fails(t, dir, nil, "missing message: describe the change", "db", "migrate")
	out := succeeds(t, dir, nil, "db", "migrate", "-m", "Create all tables")
	if !regexp.MustCompile(`(?m)^wrote migrations/sqlite/\d{14}_create_all_tables.sql \(\d+ statements up, \d+ down\)$`).
		MatchString(out) {
		t.Errorf("got\n%s", out)
	}
	if out := succeeds(t, dir, nil, "db", "migrate", "-m", "again"); !strings.HasPrefix(out, "nothing changed") {
		t.Errorf("got\n%s", out)
	}

	// The command applies the files of the current folder.
	succeeds(t, dir, nil, "db", "upgrade")
	without := regexp.MustCompile(`(?s)  column "bio" \{.*?\n  \}\n`).ReplaceAllString(schema, "")
	save(without)
	if out := succeeds(t, dir, nil, "db", "migrate", "-m", "drop bio"); !strings.Contains(out,
		"this migration drops users.bio and its data") {
		t.Errorf("got\n%s", out)
	}
	status := report(t, succeeds(t, dir, nil, "db", "status", "--json"))
	if len(status.Applied) != 1 || len(status.Pending) != 1 || status.Pending[0].Description != "drop_bio" {
		t.Errorf("got %+v", status)
	}
	if _, err := os.Stat(filepath.Join(dir, "local", "data", "app.db")); err != nil {
		t.Errorf("the default database: %v", err)
	}

	save(strings.Replace(schema, "type = varchar(80)", "type = words", 1))
	fails(t, dir, nil, "schema.hcl:", "db", "migrate", "-m", "wrong type")
}

func TestDBUpgrade(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, address string) {
		dialect, _, _ := strings.Cut(address, ":")
		// The folder is no project, so the command uses the embedded files.
		dir, env := t.TempDir(), []string{"DATABASE_URL=" + address}
		has := func(out string, parts ...string) {
			t.Helper()
			for _, part := range parts {
				if !strings.Contains(out, part) {
					t.Errorf("want %q in\n%s", part, out)
				}
			}
		}
		has(succeeds(t, dir, env, "db", "current"), "no version")
		has(succeeds(t, dir, env, "db", "status"), "no version", "· ", "pending")
		dry := succeeds(t, dir, env, "db", "upgrade", "--dry-run")
		has(dry, "CREATE TABLE `users` (\n", "nothing was applied")
		plan := report(t, succeeds(t, dir, env, "db", "upgrade", "--dry-run", "--json")).Plan
		has(dry, "db upgrade --plan "+plan)

		fails(t, dir, env, "the pending migrations do not match the plan", "db", "upgrade", "--plan", "x")
		fails(t, dir, env, "no migration has version 1", "db", "upgrade", "--to", "1")
		has(succeeds(t, dir, env, "db", "upgrade", "--plan", plan, "--to", blog.Version),
			"CREATE TABLE `users`", "✓ "+blog.Version, "the database is at "+blog.Version)
		has(succeeds(t, dir, env, "db", "upgrade"), "nothing to apply: the database is at "+blog.Version)
		has(succeeds(t, dir, env, "db", "upgrade", "--dry-run"), "nothing to apply")
		if out := succeeds(t, dir, env, "db", "current"); out != blog.Version+"\n" {
			t.Errorf("got %q", out)
		}
		has(succeeds(t, dir, env, "db", "history"), "✓ ", "applied")
		has(succeeds(t, dir, env, "db", "status"), blog.Version, "none", "match")

		// --url overrides the environment.
		elsewhere := []string{"DATABASE_URL=mysql://root@127.0.0.1:1/nowhere"}
		if r := report(t, succeeds(t, dir, elsewhere, "db", "status", "--json", "--url",
			address)); r.From != blog.Version || r.Dialect != dialect {
			t.Errorf("got %+v", r)
		}
	})
}

// TestDBUpgradeAtOnce runs several upgrades of one database at the same time. Together they apply
// each of three files once.
func TestDBUpgradeAtOnce(t *testing.T) {
	t.Parallel()
	dir := projectFolder(t)
	saveFile(t, dir, "schema.hcl", loadFile(t, dir, "schema.hcl")+tags)
	succeeds(t, dir, nil, "db", "migrate", "-m", "tags")
	saveFile(t, dir, "schema.hcl", nickname(loadFile(t, dir, "schema.hcl")))
	succeeds(t, dir, nil, "db", "migrate", "-m", "nickname")
	for _, n := range []int{2, 20} {
		dbtest.Each(t, func(t *testing.T, address string) {
			outputs := make([]result, n)
			var all sync.WaitGroup
			for i := range n {
				all.Go(func() { outputs[i] = runLocal(t, dir, nil, "db", "upgrade", "--json", "--url", address) })
			}
			all.Wait()
			var applied, want []string
			for _, r := range outputs {
				if r.code != 0 {
					t.Errorf("exit code %d: %s", r.code, r.stderr)
					continue
				}
				for _, m := range report(t, r.stdout).Applied {
					applied = append(applied, m.Version)
				}
			}
			status := report(t, succeeds(t, dir, nil, "db", "status", "--json", "--url", address))
			for _, m := range status.Applied {
				want = append(want, m.Version)
			}
			slices.Sort(applied)
			if len(want) != 3 || len(status.Pending) > 0 || !slices.Equal(applied, want) {
				t.Errorf("the upgrades applied %v, the database has %v and lacks %d", applied, want, len(status.Pending))
			}
			if out := succeeds(t, dir, nil, "db", "check", "--url", address); !strings.Contains(out, "no differences") {
				t.Error(out)
			}
		})
	}
}

// TestDBErrors checks that an error about the database is one line without a password.
func TestDBErrors(t *testing.T) {
	t.Parallel()
	const password = "hunter2secret"
	server, err := url.Parse(dbtest.MySQL(t))
	if err != nil {
		t.Fatal(err)
	}
	to := func(change func(u *url.URL)) string {
		u := *server
		u.User = url.UserPassword("root", password)
		change(&u)
		return u.String()
	}
	for name, c := range map[string]struct{ url, want string }{
		"wrong password": {to(func(*url.URL) {}), "Access denied"},
		"no server":      {to(func(u *url.URL) { u.Host = "127.0.0.1:1" }), "connection refused"},
		"no such host":   {to(func(u *url.URL) { u.Host = "nowhere.invalid:3306" }), "nowhere.invalid"},
		"no such database": {strings.Replace(server.String(), server.Path, "/slipway_is_not_there", 1),
			"slipway_is_not_there"},
		"no database":          {to(func(u *url.URL) { u.Path = "" }), "names no database"},
		"port out of range":    {to(func(u *url.URL) { u.Host = "127.0.0.1:99999" }), "99999"},
		"no URL":               {"mysql://root:" + password + "%zz@127.0.0.1:3306/app", "not a URL"},
		"slash in password":    {"mysql://root:x/" + password + "@127.0.0.1:3306/app", "not a URL"},
		"unknown scheme":       {"oracle://root:" + password + "@127.0.0.1/app", "DATABASE_URL"},
		"unknown parameter":    {to(func(u *url.URL) { u.RawQuery = "tls=nonsense" }), "nonsense"},
		"a folder, not a file": {"sqlite:///", "unable to open database file"},
		"in memory":            {"sqlite://file?mode=memory", "in memory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, args := range [][]string{{"db", "status"}, {"db", "upgrade"}, {"db", "upgrade", "--json"}} {
				r := fails(t, dir, []string{"DATABASE_URL=" + c.url}, c.want, args...)
				if args[len(args)-1] == "--json" {
					if got := report(t, r.stdout); got.Command != "upgrade" || got.Failed == nil ||
						!strings.Contains(got.Failed.Error, c.want) {
						t.Errorf("%v: got %+v", args, got)
					}
				}
				if all := r.stdout + r.stderr; strings.Contains(all, password) || strings.Contains(all, "Usage:") {
					t.Errorf("%v: got\n%s", args, all)
				}
			}
		})
	}
	t.Run("unknown flag", func(t *testing.T) {
		t.Parallel()
		fails(t, t.TempDir(), nil, "unknown flag: --upto", "db", "upgrade", "--upto", "1")
	})
}

// TestDBStatementFails checks that a command prints the failed statement and what to do.
func TestDBStatementFails(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, address string) {
		dir := t.TempDir()
		folder := filepath.Join(dir, "migrations", strings.SplitN(address, ":", 2)[0])
		for name, text := range map[string]string{
			filepath.Join(dir, "schema.hcl"):              "",
			filepath.Join(folder, "20260101000000_a.sql"): "CREATE TABLE a (id int);\nDROP TABLE missing;\n",
			filepath.Join(folder, "atlas.sum"): "h1:3ziT97s6+6UNo0BwYUdWCbfA+w97dsXKTowHpqAiRPY=\n" +
				"20260101000000_a.sql h1:3RQDcS+2ayCaRe5l3PI1EsjQmXzsTruvJzNEW+mCEzI=\n",
		} {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		r := fails(t, dir, nil, "migration 20260101000000: ", "db", "upgrade", "--url", address)
		if !strings.Contains(r.stdout, "✗ 20260101000000\n    DROP TABLE missing;\n") {
			t.Errorf("got\n%s", r.stdout)
		}
		r = fails(t, dir, nil, "migration 20260101000000: ", "db", "upgrade", "--json", "--url", address)
		if got := report(t, r.stdout); got.Failed == nil || got.Failed.Statement != "DROP TABLE missing;" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestDBHelp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"", "init", "migrate", "upgrade", "downgrade", "history", "current", "status", "plan",
		"lint", "check", "test", "repair", "rebase", "seed", "erd"} {
		args := []string{"db", name, "--help"}
		if name == "" {
			args = []string{"db", "--help"}
		}
		if out := succeeds(t, dir, nil, args...); !strings.Contains(out, "go run ./local db "+name) {
			t.Errorf("%v: no example in\n%s", args, out)
		}
	}
}

// TestDBReadMissing checks that a command that reads does not create a missing SQLite file.
func TestDBReadMissing(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"status"}, {"history"}, {"current"}, {"upgrade", "--dry-run"},
		{"downgrade", "--dry-run"}, {"plan"}, {"lint"}, {"repair", "--dry-run"}} {
		dir := t.TempDir()
		got := runLocal(t, dir, nil, append([]string{"db", args[0], "--url", "sqlite://new/app.db"}, args[1:]...)...)
		if got.code != 0 || got.stderr != "" {
			t.Errorf("%q: %+v", args, got)
		}
		if _, err := os.Stat(filepath.Join(dir, "new")); err == nil {
			t.Errorf("%q created the folder of the file", args)
		}
	}
}
