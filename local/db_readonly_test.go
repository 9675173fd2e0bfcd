package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/mysqlproxy"
)

// readingCommands are the commands that do not change the database.
var readingCommands = []string{
	"db status", "db history", "db current", "db plan", "db check", "db lint", "db hash",
	"db upgrade --dry-run", "db downgrade --dry-run", "db repair --dry-run",
}

// filesIn returns the hashes of the files in a folder. SQLite writes FILE-shm again, so it
// returns only the name of this file.
func filesIn(t *testing.T, dir string) (all string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		hash := sha256.New()
		if !strings.HasSuffix(e.Name(), "-shm") {
			_, err = io.Copy(hash, f)
		}
		if f.Close(); err != nil {
			t.Fatal(err)
		}
		all += fmt.Sprintf("%s %x\n", e.Name(), hash.Sum(nil))
	}
	return all
}

// TestReadingSQLite checks that commands that read do not change the folder of an SQLite file,
// and leave no temporary files.
func TestReadingSQLite(t *testing.T) {
	t.Parallel()
	const row = "INSERT INTO notes (title, content, created_at, updated_at)" +
		" VALUES ('x', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
	logged := []string{"PRAGMA wal_autocheckpoint = 0", row}
	hot := []string{"PRAGMA journal_mode = DELETE", "PRAGMA cache_size = 2", "BEGIN IMMEDIATE",
		"DROP TABLE notes", "DROP TABLE posts"}
	project, migrated := projectFolder(t), filepath.Join(t.TempDir(), "migrated.db")
	succeeds(t, project, nil, "db", "upgrade", "--url", "sqlite://"+migrated)
	for name, c := range map[string]struct {
		statements []string // on the migrated file; nil leaves it missing
		killed     []string // files that a killed process leaves next to the database
	}{
		"missing":                     {},
		"with a rollback journal":     {statements: []string{"PRAGMA journal_mode = DELETE"}},
		"in WAL mode":                 {statements: []string{row}},
		"the log of a killed process": {statements: logged, killed: []string{"-wal", "-shm"}},
		"a log without its index":     {statements: logged, killed: []string{"-wal"}},
		"a hot journal":               {statements: hot, killed: []string{"-journal"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, temp := t.TempDir(), t.TempDir()
			file := filepath.Join(data, "app.db")
			want := "no version"
			if c.statements != nil {
				first := filepath.Join(t.TempDir(), "first.db")
				copyTo(t, migrated, first)
				want = "✓ "
				db := open(t, "sqlite://"+first)
				for _, s := range c.statements {
					if _, err := db.Exec(s); err != nil {
						t.Fatalf("%s: %v", s, err)
					}
				}
				if c.killed == nil {
					db.Close()
				}
				for _, suffix := range append(c.killed, "") {
					copyTo(t, first+suffix, file+suffix)
				}
			}
			before := filesIn(t, data)
			for _, line := range readingCommands {
				args := append(strings.Fields(line), "--url", "sqlite://"+file)
				r := runLocal(t, project, []string{"TMPDIR=" + temp}, args...)
				if r.code != 0 || line == "db status" && !strings.Contains(r.stdout, want) {
					t.Errorf("%s: exit code %d\n%s%s", line, r.code, r.stdout, r.stderr)
				}
				if after := filesIn(t, data); after != before {
					t.Fatalf("%s: before:\n%safter:\n%s", line, before, after)
				}
			}
			if left := filesIn(t, temp); left != "" {
				t.Errorf("left behind: %s", left)
			}
		})
	}
}

// TestReadingMySQL checks that commands that read send only SELECT, SHOW and SET, work for a
// user with only these privileges, and do not change the database.
func TestReadingMySQL(t *testing.T) {
	t.Parallel()
	for _, migrated := range []bool{false, true} {
		t.Run(fmt.Sprintf("migrated %v", migrated), func(t *testing.T) {
			t.Parallel()
			project, address := projectFolder(t), dbtest.MySQL(t)
			if migrated {
				succeeds(t, project, nil, "db", "upgrade", "--url", address)
				succeeds(t, project, nil, "db", "seed", "--url", address)
			}
			proxy, through := mysqlproxy.Through(t, address)
			u, err := url.Parse(through)
			if err != nil {
				t.Fatal(err)
			}
			name := dbtest.User(t, address, "hunter2")
			u.User = url.UserPassword(name, "hunter2")
			admin := open(t, address)
			for _, s := range []string{"REVOKE ALL ON `%s`.* FROM `%s`", "GRANT SELECT ON `%s`.* TO `%s`"} {
				if _, err := admin.Exec(fmt.Sprintf(s, u.Path[1:], name)); err != nil {
					t.Fatal(err)
				}
			}
			before := schemaOf(t, address)
			for _, line := range readingCommands {
				out := succeeds(t, project, nil, append(strings.Fields(line), "--url", u.String())...)
				if strings.Contains(out, "hunter2") {
					t.Error(out)
				}
			}
			if after := schemaOf(t, address); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
			commands := proxy.Commands()
			if len(commands) < len(readingCommands) {
				t.Errorf("only %d commands went through the proxy", len(commands))
			}
			for _, command := range commands {
				statement := strings.ToUpper(strings.TrimSpace(strings.TrimPrefix(command, "QUERY ")))
				word, _, _ := strings.Cut(statement, " ")
				if word = strings.Fields(word)[0]; word != "SELECT" && word != "SHOW" && word != "SET" && word != "QUIT" {
					t.Errorf("sent %s", command)
				}
			}
		})
	}
}

// schemaOf returns the tables of a database from information_schema, with the numbers of their
// rows.
func schemaOf(t *testing.T, address string) string {
	t.Helper()
	const here = " WHERE table_schema = DATABASE() ORDER BY table_name"
	all := statements(t, address, "SELECT CONCAT_WS(' ', table_name, engine, create_time, update_time, auto_increment)"+
		" FROM information_schema.tables"+here) +
		statements(t, address, "SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable, column_default, "+
			"extra)"+
			" FROM information_schema.columns"+here+", ordinal_position")
	for _, table := range strings.Fields(statements(t, address, "SELECT table_name FROM information_schema.tables"+here)) {
		all += " " + statements(t, address, "SELECT COUNT(*) FROM "+table)
	}
	return all
}
