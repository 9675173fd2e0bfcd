package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
)

// TestLastSnapshot: LastSnapshot returns the snapshot of the last version that has one.
func TestLastSnapshot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files         []string // "NAME" or "NAME=TEXT"
		version, text string
		err           string
	}{
		"no migrations": {nil, "", "", ""},
		"only by hand":  {[]string{"mysql/1_a.sql"}, "", "", ""},
		"one":           {[]string{"mysql/1_a.sql", "snapshots/1.hcl=one"}, "1", "one", ""},
		"of one dialect": {[]string{"mysql/1_a.sql", "snapshots/1.hcl=one", "sqlite/2_b.sql", "snapshots/2.hcl=two"},
			"2", "two", ""},
		"the last has none": {[]string{"mysql/1_a.sql", "mysql/2_b.sql", "snapshots/1.hcl=one"}, "1", "one", ""},
		"no description":    {[]string{"mysql/1.sql", "snapshots/1.hcl=one"}, "1", "one", ""},
		"no migration of its version": {[]string{"mysql/1_a.sql", "snapshots/1.hcl", "snapshots/2.hcl"}, "", "",
			"migrations/snapshots/2.hcl has no migration of the same version: restore the migration, or delete the snapshot"},
		"as it was in older projects": {[]string{"mysql/1_a.sql", "schema.hcl=one"}, "", "",
			"migrations/schema.hcl is no longer read: move it to migrations/snapshots/VERSION.hcl"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for _, file := range c.files {
				name, text, _ := strings.Cut(file, "=")
				migratetest.Write(t, root, "migrations/"+name, text)
			}
			got, err := LastSnapshot(os.DirFS(filepath.Join(root, "migrations")))
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v, want %q", err, c.err)
				}
				return
			}
			if err != nil || got.Version != c.version || got.Text == nil || string(got.Text) != c.text {
				t.Errorf("got %q, %q, %v", got.Version, got.Text, err)
			}
		})
	}
}

// TestSnapshots: each version that changes a table has a byte copy of schema.hcl. Generate
// compares the meaning of schema.hcl and the last snapshot, not their bytes.
func TestSnapshots(t *testing.T) {
	t.Parallel()
	root := migratetest.Project(t, "# first\n"+migratetest.OneTable)
	generate(t, root, "create notes")
	migratetest.Write(t, root, "schema.hcl", "# means the same\n"+migratetest.OneTable)
	if result := generate(t, root, "nothing"); len(result.Files) > 0 {
		t.Errorf("a comment makes a migration: %v", Paths(result))
	}
	if _, err := GenerateEmpty(t.Context(), root, "by hand", "", migratetest.Noon); err != nil {
		t.Fatal(err)
	}
	migratetest.Write(t, root, "schema.hcl", "# last\n"+migratetest.WithColumn(size80))
	generate(t, root, "add title")
	for version, want := range map[string]string{
		"20260102120000": "# first\n" + migratetest.OneTable,
		"20260102120002": "# last\n" + migratetest.WithColumn(size80),
	} {
		if got := migratetest.ReadText(t, root, "migrations/snapshots/"+version+".hcl"); got != want {
			t.Errorf("%s: got\n%s", version, got)
		}
	}
	names, err := filepath.Glob(filepath.Join(root, "migrations", "snapshots", "*"))
	if err != nil || len(names) != 2 {
		t.Errorf("got %v, %v", names, err)
	}
	if _, err := os.Stat(filepath.Join(root, "migrations", "schema.hcl")); err == nil {
		t.Error("there is a migrations/schema.hcl")
	}
}
