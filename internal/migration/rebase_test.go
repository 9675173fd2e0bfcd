package migration

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// branch is what one of two branches adds: a column of notes, or a table where its
// name begins with a capital.
type branch struct {
	column string
	at     time.Time
}

func noteColumns(names ...string) string {
	var columns []string
	tables := ""
	for _, name := range names {
		if name != strings.ToLower(name) {
			tables += strings.Replace(strings.TrimPrefix(oneTable, preamble), `"notes"`, fmt.Sprintf("%q", name), 1)
			continue
		}
		columns = append(columns, "  column \""+name+"\" {\n    type = varchar(80)\n    null = true\n  }")
	}
	if len(columns) == 0 {
		return oneTable + tables
	}
	return withColumn(strings.Join(columns, "\n")) + tables
}

// merged is a project in which two branches each added a migration, as a merge
// leaves it: all files are there, and the sums have a conflict. schema.hcl is
// resolved. What is settled is theirs.
func merged(t *testing.T, ours, theirs branch) (root string, settled Settled) {
	t.Helper()
	root = project(t, noteColumns())
	author(t, root, "create notes")
	other := t.TempDir()
	if err := os.CopyFS(other, os.DirFS(root)); err != nil {
		t.Fatal(err)
	}
	add := func(root string, b branch) Authored {
		t.Helper()
		write(t, root, "schema.hcl", noteColumns(b.column))
		authored, err := Author(t.Context(), root, Authoring{Message: "add " + b.column}, b.at)
		if err != nil {
			t.Fatal(err)
		}
		return authored
	}
	add(root, ours)
	add(other, theirs)
	settled = merge(t, root, other)
	write(t, root, "schema.hcl", noteColumns(ours.column, theirs.column))
	return root, settled
}

// merge merges the migrations of another project into one as git does, with a conflict
// in each file that differs. What the other project has is
// settled.
func merge(t *testing.T, root, other string) Settled {
	t.Helper()
	settled := Settled{Files: map[string]bool{}, Snapshots: map[string][]byte{}}
	names, err := fs.Glob(os.DirFS(other), "migrations/*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		theirs := readText(t, other, name)
		text := theirs
		if ours, err := os.ReadFile(filepath.Join(root, name)); err == nil && string(ours) != theirs {
			text = "<<<<<<< HEAD\n" + string(ours) + "=======\n" + theirs + ">>>>>>> main\n"
		}
		settled.Files[name] = true
		if strings.HasSuffix(name, ".hcl") && text != theirs {
			settled.Snapshots[name] = []byte(theirs)
		}
		write(t, root, name, text)
	}
	return settled
}

func (r Rebased) String() string {
	var all []string
	for _, f := range r.Renamed {
		all = append(all, f.From+" → "+f.To)
	}
	return strings.Join(append(all, r.Written...), "\n")
}

func TestRebase(t *testing.T) {
	t.Parallel()
	sums := "migrations/mysql/atlas.sum\nmigrations/sqlite/atlas.sum\nmigrations/snapshots/"
	hour := noon.Add(time.Hour)
	for name, c := range map[string]struct {
		ours, theirs branch
		want         string
	}{
		"ours is earlier": {branch{"ours", hour}, branch{"theirs", hour.Add(time.Minute)},
			"migrations/mysql/20260102130000_add_ours.sql → migrations/mysql/20260102130101_add_ours.sql\n" +
				"migrations/sqlite/20260102130000_add_ours.sql → migrations/sqlite/20260102130101_add_ours.sql\n" +
				"migrations/snapshots/20260102130000.hcl → migrations/snapshots/20260102130101.hcl\n" + sums + "20260102130101.hcl"},
		"ours is later": {branch{"ours", hour.Add(time.Minute)}, branch{"theirs", hour}, sums + "20260102130100.hcl"},
		"the same second": {branch{"ours", hour}, branch{"theirs", hour},
			"migrations/mysql/20260102130000_add_ours.sql → migrations/mysql/20260102130001_add_ours.sql\n" +
				"migrations/sqlite/20260102130000_add_ours.sql → migrations/sqlite/20260102130001_add_ours.sql\n" + sums + "20260102130000.hcl\n" +
				"migrations/snapshots/20260102130001.hcl"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, dialect, address string) {
				root, settled := merged(t, c.ours, c.theirs)
				before := tree(t, root)
				dry, err := Rebase(t.Context(), root, settled, noon, true, scratch(t))
				if err != nil || tree(t, root) != before {
					t.Fatalf("dry run: %v, or it changed something", err)
				}
				rebased, err := Rebase(t.Context(), root, settled, noon, false, scratch(t))
				if err != nil {
					t.Fatal(err)
				}
				if dialect == SQLite {
					// Their ways down build the table anew, and know the other column now.
					want := 1
					if len(rebased.Mended) != want {
						t.Errorf("mended %v", rebased.Mended)
					}
				}
				got := strings.Split(strings.TrimSpace(rebased.String()), "\n")
				want := strings.Split(c.want, "\n")
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) || dry.String() != rebased.String() {
					t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
				for name, text := range settled.Snapshots {
					if readText(t, root, name) != string(text) {
						t.Errorf("%s is not as theirs", name)
					}
				}
				settled.Snapshots = nil // they are the same here now
				if again, err := Rebase(t.Context(), root, settled, noon, false, scratch(t)); err != nil || again.String() != "" {
					t.Errorf("again: %v, %v", again, err)
				}
				if authored := author(t, root, "nothing"); len(authored.Files) > 0 {
					t.Errorf("after it, there was something to write: %v", paths(authored))
				}
				e := engineOf(t, dialect, address, os.DirFS(filepath.Join(root, "migrations")))
				report, err := e.Upgrade(t.Context(), Upgrade{})
				if err != nil || len(report.Applied) != 3 {
					t.Fatalf("upgrade: %+v, %v", report, err)
				}
				sameSchema(t, dialect, address, []byte(readText(t, root, "schema.hcl")))
				// Undone, ours leaves theirs as it was.
				exec(t, connect(t, address), "INSERT INTO notes (theirs) VALUES ('kept')")
				if report, err := e.Downgrade(t.Context(), Downgrade{AllowDataLoss: true}); err != nil || len(report.Applied) != 1 {
					t.Fatalf("downgrade: %+v, %v", report, err)
				}
				if got := query(t, connect(t, address), "SELECT theirs FROM notes"); got != "kept" {
					t.Errorf("theirs has %q", got)
				}
				sameSchema(t, dialect, address, []byte(noteColumns("theirs")))
			})
		})
	}
}

// TestRebaseAfterCut cuts a rebase off after each thing that it puts in place. The
// next run ends where an undisturbed one would have.
func TestRebaseAfterCut(t *testing.T) {
	t.Parallel()
	hour := noon.Add(time.Hour)
	make := func() (string, Settled) {
		return merged(t, branch{"ours", hour}, branch{"theirs", hour.Add(time.Minute)})
	}
	root, settled := make()
	rebased, err := Rebase(t.Context(), root, settled, noon, false, scratch(t))
	if err != nil {
		t.Fatal(err)
	}
	undisturbed := tree(t, root)
	steps := 2*len(rebased.Renamed) + len(rebased.Written)
	for done := range steps + 1 {
		cut, settled := make()
		err := authoring(t.Context(), cut, func(s stage) error {
			for _, f := range rebased.Renamed {
				if slices.Contains(rebased.Written, f.To) {
					continue // below, with its new text
				}
				if err := s.write(f.To, []byte(readText(t, cut, f.From))); err != nil {
					return err
				}
				if err := s.remove(f.From); err != nil {
					return err
				}
			}
			for _, name := range rebased.Written {
				if err := s.write(name, []byte(readText(t, root, name))); err != nil {
					return err
				}
			}
			for _, f := range rebased.Renamed {
				if slices.Contains(rebased.Written, f.To) {
					if err := s.remove(f.From); err != nil {
						return err
					}
				}
			}
			return cutAfter(t, s, done)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Rebase(t.Context(), cut, settled, noon, false, scratch(t)); err != nil {
			t.Fatalf("cut after %d of %d: %v", done, steps, err)
		}
		if got := tree(t, cut); got != undisturbed {
			t.Errorf("cut after %d of %d: got\n%s\nwant\n%s", done, steps, got, undisturbed)
		}
	}
}

// cutAfter makes what is staged count, and puts only the first of it in place.
func cutAfter(t *testing.T, s stage, done int) error {
	t.Helper()
	if err := os.Rename(s.staging(), s.staged()); err != nil {
		return err
	}
	list, err := os.ReadFile(s.staged() + "/" + order)
	if err != nil {
		return err
	}
	for i, entry := range strings.Fields(string(list)) {
		if i == done {
			break
		}
		if gone, ok := strings.CutPrefix(entry, removal); ok {
			err = os.Remove(s.root + "/" + gone)
		} else {
			err = os.Rename(s.staged()+"/"+strings.ReplaceAll(entry, "/", "%"), s.root+"/"+entry)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func TestRebaseErrors(t *testing.T) {
	t.Parallel()
	hour := noon.Add(time.Hour)
	for name, c := range map[string]struct {
		damage func(t *testing.T, root string)
		want   string
	}{
		"schema.hcl has a conflict": {func(t *testing.T, root string) {
			write(t, root, "schema.hcl", "<<<<<<< HEAD\n"+noteColumns("ours")+"=======\n"+noteColumns("theirs")+">>>>>>> main\n")
		}, "schema.hcl has a conflict in it: resolve it first"},
		"schema.hcl is wrong": {func(t *testing.T, root string) {
			write(t, root, "schema.hcl", noteColumns("ours")+"table {\n}\n")
		}, "schema.hcl:"},
		"schema.hcl lacks one branch": {func(t *testing.T, root string) {
			write(t, root, "schema.hcl", noteColumns("ours"))
		}, "notes.theirs"},
		"schema.hcl has more": {func(t *testing.T, root string) {
			write(t, root, "schema.hcl", noteColumns("ours", "theirs", "mine"))
		}, "notes.mine"},
		"a migration has a conflict": {func(t *testing.T, root string) {
			write(t, root, "migrations/mysql/20260102130000_add_ours.sql", "<<<<<<< HEAD\nSELECT 1;\n=======\nSELECT 2;\n>>>>>>> main\n")
		}, "migrations/mysql/20260102130000_add_ours.sql has a conflict"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, settled := merged(t, branch{"ours", hour}, branch{"theirs", hour.Add(time.Minute)})
			c.damage(t, root)
			before := tree(t, root)
			rebased, err := Rebase(t.Context(), root, settled, noon, false, scratch(t))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, %v, want %q", rebased, err, c.want)
			}
			if tree(t, root) != before {
				t.Error("something was changed")
			}
		})
	}
}

// TestRenumber: a database that has a migration under its old version follows,
// and can go on: what is the others' comes first.
func TestRenumber(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dialect, address string) {
		hour := noon.Add(time.Hour)
		root, settled := merged(t, branch{"ours", hour}, branch{"Theirs", hour.Add(time.Minute)})
		// As it was before the merge: without theirs.
		alone := project(t, noteColumns())
		author(t, alone, "create notes")
		write(t, alone, "schema.hcl", noteColumns("ours"))
		if _, err := Author(t.Context(), alone, Authoring{Message: "add ours"}, hour); err != nil {
			t.Fatal(err)
		}
		e := engine(t, dialect, address, os.DirFS(dirFS(alone, dialect)))
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
			t.Fatal(err)
		}
		exec(t, connect(t, address), "INSERT INTO notes (ours) VALUES ('kept')")

		if _, err := Rebase(t.Context(), root, settled, noon, false, scratch(t)); err != nil {
			t.Fatal(err)
		}
		e.folder = os.DirFS(dirFS(root, dialect))
		want := "[20260102130000_add_ours is recorded as 20260102130101 now]"
		for _, dryRun := range []bool{true, false} {
			if report, err := e.Renumber(t.Context(), dryRun); err != nil || fmt.Sprint(report.Repaired) != want {
				t.Errorf("dry run %v: got %v, %v", dryRun, report.Repaired, err)
			}
		}
		if dialect == MySQL {
			if got := query(t, e.db, "SELECT version FROM "+journalTable); got != "20260102130101" {
				t.Errorf("the journal has version %s", got)
			}
		}
		hash := query(t, connect(t, address), "SELECT hash FROM atlas_schema_revisions WHERE version = '20260102130101'")
		if sums := readText(t, root, "migrations/"+dialect+"/atlas.sum"); hash == "" || !strings.Contains(sums, "_add_ours.sql h1:"+hash+"\n") {
			t.Errorf("the row has the hash %q, and the sums are\n%s", hash, sums)
		}
		if report, err := e.Renumber(t.Context(), false); err != nil || len(report.Repaired) > 0 {
			t.Errorf("again: got %v, %v", report.Repaired, err)
		}
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err == nil || !strings.Contains(err.Error(), "20260102130100") {
			t.Errorf("theirs is missing, and an upgrade says %v", err)
		}
		if report, err := e.Downgrade(t.Context(), Downgrade{AllowDataLoss: true}); err != nil || len(report.Applied) != 1 {
			t.Fatalf("downgrade: %+v, %v", report, err)
		}
		if report, err := e.Upgrade(t.Context(), Upgrade{}); err != nil || len(report.Applied) != 2 {
			t.Fatalf("upgrade: %+v, %v", report, err)
		}
		sameSchema(t, dialect, address, []byte(readText(t, root, "schema.hcl")))
	})
}
