package adopt_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"slipway/internal/migrate/adopt"

	"slipway/internal/test/dbtest/blog/project"
)

// TestExamine: the example tables are recognized, and only what is unchanged of the
// hand-written files is removed.
func TestExamine(t *testing.T) {
	t.Parallel()
	root := project.Copy(t, "schema.hcl", "migrations", "seed.json", "internal/app")
	state := func(want adopt.State) (remove []string) {
		t.Helper()
		got, remove, err := adopt.Examine(root)
		if err != nil || got != want {
			t.Errorf("got %d, %v, want %d", got, err, want)
		}
		return remove
	}
	remove := state(adopt.Example)
	for _, path := range []string{"internal/app/rules.go", "seed.json", "migrations/mysql/atlas.sum"} {
		if !slices.Contains(remove, path) {
			t.Errorf("%s stays: %q", path, remove)
		}
	}
	add := func(path string) {
		file, err := os.OpenFile(filepath.Join(root, path), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString("\n"); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	add("internal/app/rules.go")
	if remove := state(adopt.Example); slices.Contains(remove, "internal/app/rules.go") {
		t.Error("rules.go is changed, and would be removed")
	}
	add("schema.hcl")
	state(adopt.Own)
	root = t.TempDir()
	state(adopt.Empty)
}
