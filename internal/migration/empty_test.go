package migration

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"
)

// dirFS is a dialect's folder of a project.
func dirFS(root, dialect string) string { return filepath.Join(root, "migrations", dialect) }

func readText(t *testing.T, root, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEmpty writes a migration by hand: as it is written it does nothing, up and
// down; with SQL in it, it is refused until its sum is made anew, and then runs.
func TestEmpty(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dialect, address string) {
		root := project(t, oneTable)
		author(t, root, "create notes")
		authored, err := AuthorEmpty(t.Context(), root, "Backfill\n -- atlas:nolint\nids", "", noon)
		if err != nil {
			t.Fatal(err)
		}
		if authored.Version != "20260102120001" || !slices.Equal(paths(authored), []string{
			"migrations/mysql/20260102120001_backfill_atlas_nolint_ids.sql", "migrations/sqlite/20260102120001_backfill_atlas_nolint_ids.sql",
		}) {
			t.Fatalf("got %+v", authored)
		}
		name := "migrations/" + dialect + "/20260102120001_backfill_atlas_nolint_ids.sql"
		e := engine(t, dialect, address, os.DirFS(dirFS(root, dialect)))
		report, err := e.Upgrade(t.Context(), Upgrade{})
		if err != nil || report.To != "20260102120001" || len(report.Applied) != 2 || report.Applied[1].Statements != 0 {
			t.Errorf("as it is: %+v, %v", report, err)
		}
		if report, err = e.Downgrade(t.Context(), Downgrade{}); err != nil || report.To != "20260102120000" {
			t.Errorf("and down: %+v, %v", report, err)
		}

		text := readText(t, root, name)
		if !strings.Contains(text, "go run ./local db repair") || !strings.HasPrefix(text, "-- By hand: Backfill -- atlas:nolint ids\n") {
			t.Errorf("the file says\n%s", text)
		}
		write(t, root, name, "INSERT INTO notes (id) VALUES (7);\n"+text+"-- DELETE FROM notes WHERE id = 7;\n")
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err == nil || !strings.Contains(err.Error(), "checksum") {
			t.Errorf("edited: %v", err)
		}
		written, err := Rehash(t.Context(), root, false)
		if err != nil || !slices.Equal(written, []string{"migrations/" + dialect + "/atlas.sum"}) {
			t.Errorf("rehash: wrote %v, %v", written, err)
		}
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
			t.Error(err)
		}
		if got := query(t, connect(t, address), "SELECT id FROM notes"); got != "7" {
			t.Errorf("the rows are %q", got)
		}
	})
}

func TestEmptyForOneDialect(t *testing.T) {
	t.Parallel()
	root := project(t, oneTable)
	authored, err := AuthorEmpty(t.Context(), root, "x", MySQL, noon)
	if err != nil || !slices.Equal(paths(authored), []string{"migrations/mysql/20260102120000_x.sql"}) {
		t.Errorf("got %+v, %v", authored, err)
	}
	// The next one of the other dialect comes later all the same.
	if authored, err = AuthorEmpty(t.Context(), root, "x", SQLite, noon); err != nil || authored.Version != "20260102120001" {
		t.Errorf("got %+v, %v", authored, err)
	}
	if authored, err = AuthorEmpty(t.Context(), root, "x", MySQL, noon); err != nil || authored.Version != "20260102120002" {
		t.Errorf("got %+v, %v", authored, err)
	}
	if _, err := AuthorEmpty(t.Context(), root, "x", "oracle", noon); err == nil || !strings.Contains(err.Error(), "use mysql or sqlite") {
		t.Errorf("got %v", err)
	}
}

// TestRehash: what a merge or a hand left in atlas.sum does not matter.
func TestRehash(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		damage func(t *testing.T, root string)
		want   []string
	}{
		"nothing to do": {func(*testing.T, string) {}, nil},
		"a pending file edited": {func(t *testing.T, root string) {
			write(t, root, "migrations/mysql/2_b.sql", "SELECT 2;\n")
		}, []string{"migrations/mysql/atlas.sum"}},
		"a file added": {func(t *testing.T, root string) {
			write(t, root, "migrations/sqlite/3_c.sql", "SELECT 3;\n")
		}, []string{"migrations/sqlite/atlas.sum"}},
		"a file gone": {func(t *testing.T, root string) {
			if err := os.Remove(filepath.Join(dirFS(root, SQLite), "2_b.sql")); err != nil {
				t.Fatal(err)
			}
		}, []string{"migrations/sqlite/atlas.sum"}},
		"a conflict": {func(t *testing.T, root string) {
			sum := readText(t, root, "migrations/mysql/atlas.sum")
			write(t, root, "migrations/mysql/atlas.sum", "<<<<<<< HEAD\n"+sum+"=======\n>>>>>>> main\n")
		}, []string{"migrations/mysql/atlas.sum"}},
		"no sums": {func(t *testing.T, root string) {
			if err := os.Remove(filepath.Join(dirFS(root, MySQL), "atlas.sum")); err != nil {
				t.Fatal(err)
			}
		}, []string{"migrations/mysql/atlas.sum"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for _, dialect := range []string{MySQL, SQLite} {
				for file, f := range folder(t, "1_a", "SELECT 1;\n", "2_b", "SELECT 1;\n") {
					write(t, root, "migrations/"+dialect+"/"+file, string(f.Data))
				}
			}
			c.damage(t, root)
			before := tree(t, root)
			would, err := Rehash(t.Context(), root, true)
			if err != nil || !slices.Equal(would, c.want) || tree(t, root) != before {
				t.Errorf("would write %v, %v, want %v and no change", would, err, c.want)
			}
			written, err := Rehash(t.Context(), root, false)
			if err != nil || !slices.Equal(written, c.want) {
				t.Errorf("wrote %v, %v, want %v", written, err, c.want)
			}
			for _, dialect := range []string{MySQL, SQLite} {
				dir, err := migrate.NewLocalDir(dirFS(root, dialect))
				if err != nil {
					t.Fatal(err)
				}
				if err := migrate.Validate(dir); err != nil {
					t.Errorf("%s: %v", dialect, err)
				}
			}
		})
	}
}
