package main

import (
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// TestFailedMessage checks what a command prints after a failed statement. MySQL keeps the
// statements before it. SQLite rolls the file back.
func TestFailedMessage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, address string) {
		dir := projectFolder(t)
		succeeds(t, dir, nil, "db", "migrate", "--empty", "-m", "bad")
		files, err := filepath.Glob(filepath.Join(dir, "migrations", "*", "*_bad.sql"))
		if err != nil || len(files) != 2 {
			t.Fatal(files, err)
		}
		version, _, _ := strings.Cut(filepath.Base(files[0]), "_")
		// The second up statement and the second down statement fail while this row exists.
		const row = "INSERT INTO notes (id, title, content, created_at, updated_at)" +
			" VALUES (1, 'x', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
		for _, file := range files {
			name, err := filepath.Rel(dir, file)
			if err != nil {
				t.Fatal(err)
			}
			saveFile(t, dir, name, "CREATE TABLE first (id integer);\n"+row+";\n\n"+
				"-- slipway:down\n-- DROP TABLE first;\n-- "+row+";\n")
		}
		succeeds(t, dir, nil, "db", "repair", "--url", address)
		succeeds(t, dir, nil, "db", "upgrade", "--url", address, "--to", blog.Version)
		statements(t, address, row, "SELECT 1")
		want := map[bool][2]string{
			true:  {"no statement of " + version + " was applied", "no statement of " + version + " was undone"},
			false: {"the statements that ran are recorded", "the statements that ran are recorded"},
		}[strings.HasPrefix(address, "sqlite:")]
		for i, line := range []string{"db upgrade", "db downgrade --allow-data-loss"} {
			r := fails(t, dir, nil, "migration "+version, append(strings.Fields(line), "--url", address)...)
			if !strings.Contains(r.stdout, want[i]+"\n") && !strings.Contains(r.stdout, want[i]+": ") {
				t.Errorf("%s: want %q in\n%s", line, want[i], r.stdout)
			}
			if i == 0 {
				statements(t, address, "DELETE FROM notes", "SELECT 1")
				succeeds(t, dir, nil, "db", "upgrade", "--url", address)
			}
		}
	})
}
