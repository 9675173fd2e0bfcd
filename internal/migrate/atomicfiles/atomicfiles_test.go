package atomicfiles

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// project makes a project's folder with files in it.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, text := range files {
		target := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// tree returns the files of a folder, hidden ones included.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		files[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

var (
	before = map[string]string{"schema.hcl": "old", "migrations/mysql/1.sql": "one", "migrations/mysql/atlas.sum": "sum 1"}
	after  = map[string]string{"schema.hcl": "new", "migrations/mysql/2.sql": "one", "migrations/mysql/atlas.sum": "sum 2"}
)

// change collects what leads from before to after.
func change(f *Files) error {
	return errors.Join(
		f.Write("schema.hcl", []byte("new")),
		f.Write("migrations/mysql/2.sql", []byte("one")),
		f.Write("migrations/mysql/atlas.sum", []byte("sum 2")),
		f.Remove("migrations/mysql/1.sql"))
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	root := project(t, before)
	if err := Update(t.Context(), root, change); err != nil || !maps.Equal(tree(t, root), after) {
		t.Errorf("%v, %q", err, tree(t, root))
	}
}

func TestUpdateChangesNothing(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	for name, c := range map[string]struct {
		collect func(*Files) error
		want    error
	}{
		"an error":          {func(f *Files) error { return errors.Join(change(f), refused) }, refused},
		"discarded":         {func(f *Files) error { return errors.Join(change(f), f.Discard()) }, nil},
		"nothing collected": {func(*Files) error { return nil }, nil},
	} {
		root := project(t, before)
		if err := Update(t.Context(), root, c.collect); !errors.Is(err, c.want) || !maps.Equal(tree(t, root), before) {
			t.Errorf("%s: %v, %q", name, err, tree(t, root))
		}
	}
}

// TestUpdateAfterKill: if a process is killed after the commit, the next Update completes its
// files. If it is killed before the commit, the next Update discards them.
func TestUpdateAfterKill(t *testing.T) {
	t.Parallel()
	entries := []string{"schema.hcl", "migrations/mysql/2.sql", "migrations/mysql/atlas.sum", "-migrations/mysql/1.sql"}
	for done := range len(entries) + 1 {
		root := project(t, before)
		f := &Files{Root: root}
		if err := errors.Join(change(f), os.Rename(f.staging(), f.staged())); err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries[:done] {
			if err := f.place(entry); err != nil {
				t.Fatal(err)
			}
		}
		err := Update(t.Context(), root, func(*Files) error { return nil })
		if err != nil || !maps.Equal(tree(t, root), after) {
			t.Errorf("killed after %d files: %v, %q", done, err, tree(t, root))
		}
	}
	root := project(t, before)
	if err := change(&Files{Root: root}); err != nil {
		t.Fatal(err)
	}
	err := Update(t.Context(), root, func(*Files) error { return nil })
	if err != nil || !maps.Equal(tree(t, root), before) {
		t.Errorf("killed before the commit: %v, %q", err, tree(t, root))
	}
}

// TestLock: a second Update waits for the first one, and stops waiting when its context
// ends.
func TestLock(t *testing.T) {
	t.Parallel()
	root := project(t, before)
	err := Update(t.Context(), root, func(*Files) error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := Update(ctx, root, change); !errors.Is(err, context.Canceled) || !maps.Equal(tree(t, root), before) {
			t.Errorf("%v, %q", err, tree(t, root))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := Update(t.Context(), root, change); err != nil {
		t.Error(err)
	}
	if err := Update(t.Context(), root+"/missing", change); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("a missing root: %v", err)
	}
}
