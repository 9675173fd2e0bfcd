package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ariga.io/atlas/sql/migrate"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// testProject returns the folder of a new project with these migrations for both dialects. The
// arguments are pairs of a name and a text.
func testProject(t *testing.T, namesAndTexts ...string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("schema.hcl", "")
	memory := &migrate.MemDir{}
	for i := 0; i < len(namesAndTexts); i += 2 {
		for _, dialect := range []string{"mysql", "sqlite"} {
			write("migrations/"+dialect+"/"+namesAndTexts[i]+".sql", namesAndTexts[i+1])
		}
		if err := memory.WriteFile(namesAndTexts[i]+".sql", []byte(namesAndTexts[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	sum, err := memory.Checksum()
	if err != nil {
		t.Fatal(err)
	}
	text, err := sum.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	write("migrations/mysql/atlas.sum", string(text))
	write("migrations/sqlite/atlas.sum", string(text))
	return dir
}

// emptyTemp returns the variable for a folder for temporary files. It must be empty at the end of
// the test.
func emptyTemp(t *testing.T) (variable string) {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() {
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v %v", left, err)
		}
	})
	return "TMPDIR=" + dir
}

// databasesWith counts the databases of the server that have a table.
func databasesWith(t *testing.T, address, table string) (n int) {
	t.Helper()
	db := dbtest.Open(t, address)
	defer db.Close()
	err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = ?", table).
		Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// uniqueTable returns the name of a table that no other test uses.
func uniqueTable(address string) string {
	return "t_" + strings.TrimPrefix(address[strings.LastIndexByte(address, '/')+1:], "slipway_test_")
}

func testReport(t *testing.T, text string) (r tested) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return r
}

// TestDBTest checks that the embedded migrations pass on both dialects, and that the database in
// the URL does not change.
func TestDBTest(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	dir, env := t.TempDir(), []string{emptyTemp(t), "DEV_DATABASE_URL=" + address}
	out := succeeds(t, dir, env, "db", "test")
	for _, want := range []string{"✓ sqlite: ", "✓ mysql: ", " up, down and up again with ", "✓ sqlite " + blog.Version} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q in\n%s", want, out)
		}
	}
	got := testReport(t, succeeds(t, dir, env, "db", "test", "--json", "--dialect", "mysql"))
	if got.Command != "test" || len(got.Dialects) != 1 || len(got.NotTested) != 0 {
		t.Fatalf("got %+v", got)
	}
	if m := got.Dialects[0]; m.Dialect != "mysql" || m.Migrations != 1 || m.Rows < 50 || m.Failed != nil ||
		m.Notes == nil || m.DurationMS <= 0 {
		t.Errorf("got %+v", m)
	}

	db := dbtest.Open(t, address)
	defer db.Close()
	var tables int
	if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = "+
		"DATABASE()").Scan(&tables); err != nil || tables != 0 {
		t.Errorf("the named database has %d tables, %v", tables, err)
	}
}

// TestDBTestWithoutMySQL checks that db test prints that MySQL is not tested, and that this is an
// error with --dialect mysql.
func TestDBTestWithoutMySQL(t *testing.T) {
	t.Parallel()
	dir, env := t.TempDir(), []string{emptyTemp(t), "DEV_DATABASE_URL=docker://mysql/9/dev",
		"DATABASE_URL=sqlite://app.db"}
	out := succeeds(t, dir, env, "db", "test")
	if !strings.Contains(out, "✓ sqlite: ") || !strings.Contains(out, "! mysql: NOT TESTED: no MySQL server: "+
		"set DEV_DATABASE_URL=") {
		t.Errorf("got\n%s", out)
	}
	if got := testReport(t, succeeds(t, dir, env, "db", "test", "--json")); len(got.Dialects) != 1 ||
		len(got.NotTested) != 1 || got.NotTested[0].Dialect != "mysql" {
		t.Errorf("got %+v", got)
	}
	fails(t, dir, env, "mysql: not tested: no MySQL server", "db", "test", "--dialect", "mysql")
	r := fails(t, dir, env, "not tested", "db", "test", "--dialect", "mysql", "--json")
	if got := testReport(t, r.stdout); len(got.Dialects) != 0 || len(got.NotTested) != 1 {
		t.Errorf("got %+v", got)
	}
	fails(t, dir, env, `unknown dialect "oracle": use mysql or sqlite`, "db", "test", "--dialect", "oracle")
	if _, err := os.Stat(filepath.Join(dir, "app.db")); err == nil {
		t.Error("the command created the named database")
	}
	if out := succeeds(t, dir, env, "db", "test", "--help"); !strings.Contains(out, "go run ./local db test") {
		t.Errorf("no example in\n%s", out)
	}
}

// TestDBTestFails checks that a failure of one dialect does not stop the test of the other, that
// the output has the failed statement, and that no scratch database remains.
func TestDBTestFails(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	table := uniqueTable(address)
	dir := testProject(t,
		"20260101000000_one",
		"CREATE TABLE "+table+" (id int NOT NULL PRIMARY KEY);\n-- slipway:down\n-- DROP TABLE "+table+";\n",
		"20260102000000_two",
		"ALTER TABLE "+table+" ADD COLUMN a int NULL;\n-- slipway:down\n-- ALTER TABLE "+table+" DROP COLUMN b;\n")
	env := []string{emptyTemp(t)}
	r := fails(t, dir, env, "sqlite: migration 20260102000000: down: ", "db", "test", "--url", address)
	for _, want := range []string{"✓ sqlite 20260101000000 one, ", "✓ mysql 20260101000000 one, ",
		"✗ sqlite 20260102000000: down\n    ALTER TABLE " + table + " DROP COLUMN b;\n", "✗ mysql 20260102000000: down\n"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("want %q in\n%s", want, r.stdout)
		}
	}
	if !strings.Contains(r.stderr, "; and mysql: migration 20260102000000: down: ") {
		t.Errorf("got %s", r.stderr)
	}
	got := testReport(t, fails(t, dir, env, "down", "db", "test", "--json", "--dialect", "sqlite").stdout)
	if len(got.Dialects) != 1 || got.Dialects[0].Failed == nil {
		t.Fatalf("got %+v", got)
	}
	if f := got.Dialects[0].Failed; f.Version != "20260102000000" || f.Step != "down" ||
		!strings.Contains(f.Statement, "DROP COLUMN b") || !strings.Contains(f.Error, `"b"`) ||
		got.Dialects[0].Migrations != 1 {
		t.Errorf("got %+v", f)
	}
	if n := databasesWith(t, address, table); n != 0 {
		t.Errorf("%d databases are left", n)
	}

	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("nobody", password)
	r = fails(t, dir, env, "cannot create a scratch database", "db", "test", "--dialect", "mysql", "--url", u.String())
	if all := r.stdout + r.stderr; strings.Contains(all, password) || !strings.Contains(all, "Access denied") {
		t.Errorf("got\n%s", all)
	}
}

// TestDBTestStopped checks that the command drops the scratch database after Ctrl-C.
func TestDBTestStopped(t *testing.T) {
	t.Parallel()
	// So many migrations that the signal comes before the last one.
	const files = 200
	address := dbtest.MySQL(t)
	table := uniqueTable(address)
	var migrations []string
	for i := range files {
		name := fmt.Sprintf("%s_%d", table, i)
		migrations = append(migrations, fmt.Sprintf("2026%010d_x", i),
			"CREATE TABLE "+name+" (id int NOT NULL PRIMARY KEY);\n-- slipway:down\n-- DROP TABLE "+name+";\n")
	}
	dir := testProject(t, migrations...)
	stopped := func(t *testing.T, dialect string) {
		ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
		defer cancel()
		cmd := command(ctx, t, dir, []string{emptyTemp(t)}, "db", "test", "--dialect", dialect,
			"--url", address)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		passed, seen := 0, 0
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			if !strings.HasPrefix(lines.Text(), "✓ "+dialect+" 2026") {
				continue
			}
			if passed++; passed == 2 {
				seen = databasesWith(t, address, table+"_0")
				if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
					t.Error(err)
				}
			}
		}
		_ = cmd.Wait() // ProcessState has the exit code
		if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(stderr.String(), "stopped") ||
			strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("exit code %d: %s", code, &stderr)
		}
		if passed >= files {
			t.Error("the command was not stopped")
		}
		if dialect == "mysql" && seen != 1 {
			t.Errorf("%d scratch databases were there when the signal came", seen)
		}
		if n := databasesWith(t, address, table+"_0"); n != 0 {
			t.Errorf("%d databases are left", n)
		}
	}
	for _, dialect := range []string{"sqlite", "mysql"} { // one after the other, because both have the same tables
		t.Run(dialect, func(t *testing.T) { stopped(t, dialect) })
	}
}

// TestWithDatabase checks that only the name of the database changes.
func TestWithDatabase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ url, want string }{
		{"mysql://root@127.0.0.1:3306/app", "mysql://root@127.0.0.1:3306/x"},
		{"mysql://a:p%40ss@host/app?tls=true", "mysql://a:p%40ss@host/x?tls=true"},
		{"mysql+unix://root@/run/mysqld.sock?database=app", "mysql+unix://root@/run/mysqld.sock?database=x"},
	} {
		if got := withDatabase(c.url, "x"); got != c.want {
			t.Errorf("%s: got %s", c.url, got)
		}
	}
}
