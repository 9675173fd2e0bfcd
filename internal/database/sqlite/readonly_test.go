package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	process "os/exec" // exec is a function here
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/database"
)

// readAs is the environment variable that makes the test binary read a file.
const readAs = "SLIPWAY_TEST_READ"

func TestMain(m *testing.M) {
	if url := os.Getenv(readAs); url != "" {
		names, err := names(url)
		fmt.Print(names, err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// names opens a file with [database.ReadOnly] and returns the rows of its table.
func names(url string) (all string, err error) {
	db, err := database.Open(database.Config{URL: url, Mode: database.ReadOnly}, Dialect{})
	if err != nil {
		return "", err
	}
	defer db.Close()
	err = db.SQL().QueryRow("SELECT group_concat(name, ' ') FROM x").Scan(&all)
	return all, err
}

// script opens a file without slipway and runs statements on one connection.
func script(t *testing.T, path string, statements ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return db
}

// filesOf returns hashes of the files of a folder. For FILE-shm, an index that SQLite creates again, it contains only
// the name.
func filesOf(t *testing.T, dir string) (all string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(e.Name(), "-shm") {
			content = nil
		}
		all += fmt.Sprintf("%s %x\n", e.Name(), sha256.Sum256(content))
	}
	return all
}

// killed copies a file, with its log and journal, while it is in use. The copy is the state after a kill at that
// moment.
func killed(t *testing.T, from, to string, suffixes ...string) {
	t.Helper()
	for _, suffix := range suffixes {
		if err := copyFile(to+suffix, from+suffix); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReadOnly: every kind of file is read correctly, and no file is changed or created.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	const table, wal = "CREATE TABLE x (name text); INSERT INTO x VALUES ('one')", "PRAGMA journal_mode = WAL"
	const logged = "PRAGMA wal_autocheckpoint = 0; INSERT INTO x VALUES ('two')"
	for name, c := range map[string]struct {
		make func(t *testing.T, path string)
		want string
	}{
		"with a rollback journal": {func(t *testing.T, path string) { script(t, path, table).Close() }, "one"},
		"in WAL mode, closed":     {func(t *testing.T, path string) { script(t, path, wal, table).Close() }, "one"},
		"in WAL mode, in use":     {func(t *testing.T, path string) { script(t, path, wal, table, logged) }, "one two"},
		"the log of a killed process": {func(t *testing.T, path string) {
			other := filepath.Join(t.TempDir(), "other.db")
			script(t, other, wal, table, logged)
			killed(t, other, path, "", "-wal", "-shm")
		}, "one two"},
		"a log without its index": {func(t *testing.T, path string) {
			other := filepath.Join(t.TempDir(), "other.db")
			script(t, other, wal, table, logged)
			killed(t, other, path, "", "-wal")
		}, "one two"},
		"an index without its log": {func(t *testing.T, path string) {
			other := filepath.Join(t.TempDir(), "other.db")
			script(t, other, wal, table)
			script(t, other, "PRAGMA wal_checkpoint(TRUNCATE)")
			killed(t, other, path, "", "-shm")
		}, "one"},
		"a hot journal": {func(t *testing.T, path string) {
			other := filepath.Join(t.TempDir(), "other.db")
			script(t, other, table, "PRAGMA cache_size = 2", "BEGIN IMMEDIATE", "UPDATE x SET name = 'never'",
				"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"+
					" INSERT INTO x SELECT hex(randomblob(200)) FROM n")
			killed(t, other, path, "", "-journal")
		}, "one"},
		"a link": {func(t *testing.T, path string) {
			other := filepath.Join(t.TempDir(), "other.db")
			script(t, other, wal, table, logged)
			if err := os.Symlink(other, path); err != nil {
				t.Fatal(err)
			}
		}, "one two"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "app.db")
			c.make(t, path)
			before := filesOf(t, dir)
			got, err := names("sqlite://" + path)
			if err != nil || got != c.want {
				t.Errorf("read %q, %v, want %q", got, err, c.want)
			}
			if after := filesOf(t, dir); after != before {
				t.Errorf("before:\n%safter:\n%s", before, after)
			}
		})
	}
}

// TestReadOnlyMissing: a missing file is an empty database. Neither the file nor its folder is created.
func TestReadOnlyMissing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	if _, err := names("sqlite://" + dir + "/app.db"); err == nil || !strings.Contains(err.Error(), "no such table") {
		t.Error(err)
	}
	if exists(dir) {
		t.Error("the folder was made")
	}
}

// TestReadOnlyUnwritable: a user without write permission for the folder can read the file, in any journal mode.
func TestReadOnlyUnwritable(t *testing.T) {
	t.Parallel()
	// A folder that another user can access.
	bin, err := os.MkdirTemp("", "slipway-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(bin) })
	program, temporary := filepath.Join(bin, "program"), filepath.Join(bin, "temporary")
	err = errors.Join(copyFile(program, os.Args[0]), os.Chmod(program, 0o755), os.Chmod(bin, 0o755),
		os.Mkdir(temporary, 0o700), os.Chmod(temporary, 0o777))
	if err != nil {
		t.Fatal(err)
	}
	for name, statements := range map[string][]string{
		"rollback": {"CREATE TABLE x (name text); INSERT INTO x VALUES ('one')"},
		"wal":      {"PRAGMA journal_mode = WAL", "CREATE TABLE x (name text); INSERT INTO x VALUES ('one')"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := os.MkdirTemp("", "slipway-test-")
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "app.db")
			script(t, path, statements...).Close()
			t.Cleanup(func() { _ = os.Chmod(dir, 0o755); _ = os.RemoveAll(dir) })
			for file, mode := range map[string]os.FileMode{path: 0o444, dir: 0o555} {
				if err := os.Chmod(file, mode); err != nil {
					t.Fatal(err)
				}
			}
			before := filesOf(t, dir)
			// In another process, because root may write anywhere.
			cmd := process.CommandContext(t.Context(), program)
			cmd.Env = append(os.Environ(), readAs+"=sqlite://"+path, "TMPDIR="+temporary)
			asNobody(cmd)
			out, err := cmd.CombinedOutput()
			if string(out) != "one<nil>" || err != nil {
				t.Errorf("%s, %v", out, err)
			}
			if after := filesOf(t, dir); after != before {
				t.Errorf("before:\n%safter:\n%s", before, after)
			}
		})
	}
}

// TestReadOnlyHeld: while another program has locked the file, a reader fails within seconds with ErrHeld.
func TestReadOnlyHeld(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped with -short: waits for a timeout")
	}
	path := filepath.Join(t.TempDir(), "app.db")
	script(t, path, "CREATE TABLE x (name text)", "PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE")
	began := time.Now()
	_, err := names("sqlite://" + path)
	took := time.Since(began)
	if err == nil || !strings.Contains(err.Error(), path+": another program holds the file (waited 5s)") ||
		took > busyTimeout+2*time.Second {
		t.Errorf("after %v: %v", took, err)
	}
}

// TestMigrateHeld: the connection of a migration fails soon with ErrHeld, so that the engine can report that it waits.
func TestMigrateHeld(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	holder := script(t, path, "CREATE TABLE x (name text)", "BEGIN IMMEDIATE")
	db, err := database.Open(database.Config{URL: "sqlite://" + path, Mode: database.Migrate}, Dialect{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	began := time.Now()
	err = db.SQL().PingContext(context.Background())
	took := time.Since(began)
	if !isBusy(err) || !errors.Is(err, database.ErrHeld) || took > 3*time.Second {
		t.Errorf("after %v: %v", took, err)
	}
	holder.Close()
	if err := db.SQL().PingContext(t.Context()); err != nil {
		t.Error(err)
	}
}
