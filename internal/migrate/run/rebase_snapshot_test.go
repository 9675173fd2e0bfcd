package run

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"
)

// TestRebaseSnapshots: after a rebase, each snapshot equals the schema that the files up to
// its version produce. The last one is a copy of schema.hcl if both branches changed it.
func TestRebaseSnapshots(t *testing.T) {
	t.Parallel()
	hour := migratetest.Noon.Add(time.Hour)
	for name, c := range map[string]struct {
		theirs  string   // the column that theirs adds; "" for an empty migration
		columns []string // what schema.hcl has after the merge
		want    map[string]string
		removed string
	}{
		"theirs changed the schema": {"theirs", []string{"one", "two", "theirs"}, map[string]string{
			"20260102120000": noteColumns(),
			"20260102140000": noteColumns("theirs"),
			"20260102140002": noteColumns("one", "two", "theirs"),
		}, "[migrations/snapshots/20260102130000.hcl]"},
		"theirs is an empty migration": {"", []string{"one", "two"}, map[string]string{
			"20260102120000": noteColumns(),
			"20260102140001": noteColumns("one"),
			"20260102140002": noteColumns("one", "two"),
		}, "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := migratetest.Project(t, noteColumns())
			author(t, root, "create notes")
			other := t.TempDir()
			if err := os.CopyFS(other, os.DirFS(root)); err != nil {
				t.Fatal(err)
			}
			add := func(root string, at time.Time, columns ...string) {
				t.Helper()
				migratetest.Write(t, root, "schema.hcl", noteColumns(columns...))
				if _, err := plan.Generate(t.Context(), root, plan.Options{Message: columns[len(columns)-1]}, at); err != nil {
					t.Fatal(err)
				}
			}
			add(root, hour, "one")
			add(root, hour, "one", "two")
			if theirs := hour.Add(time.Hour); c.theirs != "" {
				add(other, theirs, c.theirs)
			} else if _, err := plan.GenerateEmpty(t.Context(), other, "theirs", "", theirs); err != nil {
				t.Fatal(err)
			}
			settled := merge(t, root, other)
			migratetest.Write(t, root, "schema.hcl", noteColumns(c.columns...))
			rebased, err := plan.Rebase(t.Context(), root, settled, migratetest.Noon, false, migratetest.Scratch(t))
			if err != nil || fmt.Sprint(rebased.Removed) != c.removed {
				t.Errorf("removed %v, %v, want %s", rebased.Removed, err, c.removed)
			}
			got := map[string]string{}
			names, err := fs.Glob(os.DirFS(root), "migrations/snapshots/*.hcl")
			for _, name := range names {
				got[strings.TrimSuffix(path.Base(name), ".hcl")] = migratetest.ReadText(t, root, name)
			}
			if err != nil || !maps.Equal(got, c.want) {
				t.Errorf("%v, got\n%v\nwant\n%v", err, got, c.want)
			}
			if authored := author(t, root, "nothing"); len(authored.Files) > 0 {
				t.Errorf("after it, there was something to write: %v", paths(authored))
			}
		})
	}
}
