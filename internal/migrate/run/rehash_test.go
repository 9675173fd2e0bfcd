package run

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"

	"slipway/internal/test/dbtest"
)

// TestRehash: Rehash writes atlas.sum again after a merge or an edit by hand, and reports the
// changed files.
func TestRehash(t *testing.T) {
	t.Parallel()
	remove := func(t *testing.T, root, dialect, name string) {
		t.Helper()
		if err := os.Remove(filepath.Join(migratetest.DirFS(root, dialect), name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		damage  func(t *testing.T, root string)
		written []string
		files   []plan.ChangedFile
	}{
		"nothing to do": {func(*testing.T, string) {}, nil, nil},
		"the last file edited": {func(t *testing.T, root string) {
			migratetest.Write(t, root, "migrations/mysql/2_b.sql", "SELECT 2;\n")
		}, []string{"migrations/mysql/atlas.sum"}, []plan.ChangedFile{{Path: "migrations/mysql/2_b.sql", Change: "edited"}}},
		"the first file edited, and the second": {func(t *testing.T, root string) {
			migratetest.Write(t, root, "migrations/mysql/1_a.sql", "SELECT 2;\n")
			migratetest.Write(t, root, "migrations/mysql/2_b.sql", "SELECT 2;\n")
		}, []string{"migrations/mysql/atlas.sum"}, []plan.ChangedFile{{Path: "migrations/mysql/1_a.sql", Change: "edited"}}},
		"a file added": {func(t *testing.T, root string) {
			migratetest.Write(t, root, "migrations/sqlite/3_c.sql", "SELECT 3;\n")
		}, []string{"migrations/sqlite/atlas.sum"}, []plan.ChangedFile{{Path: "migrations/sqlite/3_c.sql", Change: "added"}}},
		"a file removed": {func(t *testing.T, root string) { remove(t, root, plan.SQLite, "1_a.sql") },
			[]string{"migrations/sqlite/atlas.sum"}, []plan.ChangedFile{{Path: "migrations/sqlite/1_a.sql", Change: "removed"}}},
		"both dialects": {func(t *testing.T, root string) {
			migratetest.Write(t, root, "migrations/mysql/3_c.sql", "SELECT 3;\n")
			remove(t, root, plan.SQLite, "2_b.sql")
		}, []string{"migrations/mysql/atlas.sum", "migrations/sqlite/atlas.sum"},
			[]plan.ChangedFile{{Path: "migrations/mysql/3_c.sql", Change: "added"},
				{Path: "migrations/sqlite/2_b.sql", Change: "removed"}}},
		"a conflict": {func(t *testing.T, root string) {
			sum := migratetest.ReadText(t, root, "migrations/mysql/atlas.sum")
			migratetest.Write(t, root, "migrations/mysql/atlas.sum", "<<<<<<< HEAD\n"+sum+"=======\n>>>>>>> main\n")
		}, []string{"migrations/mysql/atlas.sum"}, nil},
		"no sums": {func(t *testing.T, root string) { remove(t, root, plan.MySQL, "atlas.sum") },
			[]string{"migrations/mysql/atlas.sum"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for _, dialect := range []string{plan.MySQL, plan.SQLite} {
				for file, f := range migratetest.Folder(t, "1_a", "SELECT 1;\n", "2_b", "SELECT 1;\n") {
					migratetest.Write(t, root, "migrations/"+dialect+"/"+file, string(f.Data))
				}
			}
			c.damage(t, root)
			before := migratetest.Tree(t, root)
			for _, dryRun := range []bool{true, false} {
				got, err := plan.Rehash(t.Context(), root, dryRun)
				if err != nil || !slices.Equal(got.Written, c.written) || !slices.Equal(got.Files, c.files) {
					t.Errorf("dry run %v: got %+v, %v", dryRun, got, err)
				}
				if dryRun && migratetest.Tree(t, root) != before {
					t.Error("a dry run changed files")
				}
			}
			for _, dialect := range []string{plan.MySQL, plan.SQLite} {
				dir, err := migrate.NewLocalDir(migratetest.DirFS(root, dialect))
				if err != nil {
					t.Fatal(err)
				}
				if err := migrate.Validate(dir); err != nil {
					t.Errorf("%s: %v", dialect, err)
				}
			}
			if again, err := plan.Rehash(t.Context(), root, false); err != nil || len(again.Written) > 0 {
				t.Errorf("again: got %+v, %v", again, err)
			}
		})
	}
}

// TestCheckApplied: an edit of a fully or partly applied file is an error, and an edit of a
// pending file is not. atlas.sum is not checked.
func TestCheckApplied(t *testing.T) {
	t.Parallel()
	const first, second, broken = "CREATE TABLE a (id int);\n", "CREATE TABLE b (id int);\n", "CREATE TABLE a (id int);\n"
	for name, c := range map[string]struct {
		edit func(t *testing.T, dir string)
		want string // "" for no fault
	}{
		"nothing": {func(*testing.T, string) {}, ""},
		"a pending file edited": {func(t *testing.T, dir string) {
			migratetest.Write(t, dir, "3_c.sql", "SELECT 1;\n")
		}, ""},
		"a pending file removed": {func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "3_c.sql")); err != nil {
				t.Fatal(err)
			}
		}, ""},
		"an applied file edited": {func(t *testing.T, dir string) {
			migratetest.Write(t, dir, "1_a.sql", first+"-- more\n")
		}, "1 was edited after it was applied: restore 1_a.sql, or accept the edit with `db repair`"},
		"an applied file removed": {func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "1_a.sql")); err != nil {
				t.Fatal(err)
			}
		}, "1 is applied, but its file is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			migratetest.Each(t, func(t *testing.T, dialect, address string) {
				dir := t.TempDir()
				for file, f := range migratetest.Folder(t, "1_a", first, "2_b", second, "3_c", broken) {
					migratetest.Write(t, dir, file, string(f.Data))
				}
				e := engine(t, dialect, address, os.DirFS(dir))
				e.Disposable = true // for speed
				if err := e.CheckApplied(t.Context()); err != nil {
					t.Errorf("on an empty database: %v", err)
				}
				if _, err := e.Upgrade(t.Context(), Upgrade{To: "2"}); err != nil {
					t.Fatal(err)
				}
				c.edit(t, dir)
				err := e.CheckApplied(t.Context())
				if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %q", err, c.want)
				}
			})
		})
	}
	t.Run("a partly applied file", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		for file, f := range migratetest.Folder(t, "1_a", first+broken) {
			migratetest.Write(t, dir, file, string(f.Data))
		}
		e := engine(t, plan.MySQL, dbtest.MySQL(t), os.DirFS(dir))
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err == nil {
			t.Fatal("a table was created twice")
		}
		migratetest.Write(t, dir, "1_a.sql", first+second)
		if err := e.CheckApplied(t.Context()); err == nil || !strings.Contains(err.Error(), "db repair") {
			t.Errorf("got %v", err)
		}
	})
}
