package run

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"
)

// branch is the change of one of two branches: a column of notes or, if the name starts with
// a capital letter, a table.
type branch struct {
	column string
	at     time.Time
}

func noteColumns(names ...string) string {
	var columns []string
	tables := ""
	for _, name := range names {
		if name != strings.ToLower(name) {
			tables += strings.Replace(strings.TrimPrefix(migratetest.OneTable, migratetest.Preamble), `"notes"`,
				fmt.Sprintf("%q", name), 1)
			continue
		}
		columns = append(columns, "  column \""+name+"\" {\n    type = varchar(80)\n    null = true\n  }")
	}
	if len(columns) == 0 {
		return migratetest.OneTable + tables
	}
	return migratetest.WithColumn(strings.Join(columns, "\n")) + tables
}

// merged returns a project after a merge of two branches that each added a migration. It has
// all files, and the checksum files have a conflict. schema.hcl is resolved. The files of
// theirs are settled.
func merged(t *testing.T, ours, theirs branch) (root string, settled plan.Settled) {
	t.Helper()
	root = migratetest.Project(t, noteColumns())
	author(t, root, "create notes")
	other := t.TempDir()
	if err := os.CopyFS(other, os.DirFS(root)); err != nil {
		t.Fatal(err)
	}
	add := func(root string, b branch) plan.Result {
		t.Helper()
		migratetest.Write(t, root, "schema.hcl", noteColumns(b.column))
		authored, err := plan.Generate(t.Context(), root, plan.Options{Message: "add " + b.column}, b.at)
		if err != nil {
			t.Fatal(err)
		}
		return authored
	}
	add(root, ours)
	add(other, theirs)
	settled = merge(t, root, other)
	migratetest.Write(t, root, "schema.hcl", noteColumns(ours.column, theirs.column))
	return root, settled
}

// merge merges the migrations of another project as git does, with a conflict in each file
// that differs. It returns the files of the other project as settled.
func merge(t *testing.T, root, other string) plan.Settled {
	t.Helper()
	settled := plan.Settled{Files: map[string]bool{}, Snapshots: map[string][]byte{}}
	names, err := fs.Glob(os.DirFS(other), "migrations/*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		theirs := migratetest.ReadText(t, other, name)
		text := theirs
		if ours, err := os.ReadFile(filepath.Join(root, name)); err == nil && string(ours) != theirs {
			text = "<<<<<<< HEAD\n" + string(ours) + "=======\n" + theirs + ">>>>>>> main\n"
		}
		settled.Files[name] = true
		if strings.HasSuffix(name, ".hcl") && text != theirs {
			settled.Snapshots[name] = []byte(theirs)
		}
		migratetest.Write(t, root, name, text)
	}
	return settled
}

// summary returns the renamed and written files of a rebase.
func summary(r plan.Rebased) string {
	var all []string
	for _, f := range r.Renamed {
		all = append(all, f.From+" → "+f.To)
	}
	return strings.Join(append(all, r.Written...), "\n")
}

func TestRebase(t *testing.T) {
	t.Parallel()
	sums := "migrations/mysql/atlas.sum\nmigrations/sqlite/atlas.sum\nmigrations/snapshots/"
	hour := migratetest.Noon.Add(time.Hour)
	for name, c := range map[string]struct {
		ours, theirs branch
		want         string
	}{
		"ours is earlier": {branch{"ours", hour}, branch{"theirs", hour.Add(time.Minute)},
			"migrations/mysql/20260102130000_add_ours.sql → migrations/mysql/20260102130101_add_ours.sql\n" +
				"migrations/sqlite/20260102130000_add_ours.sql → migrations/sqlite/20260102130101_add_ours.sql\n" +
				"migrations/snapshots/20260102130000.hcl → migrations/snapshots/20260102130101.hcl\n" + sums +
				"20260102130101.hcl"},
		"ours is later": {branch{"ours", hour.Add(time.Minute)}, branch{"theirs", hour}, sums + "20260102130100.hcl"},
		"the same second": {branch{"ours", hour}, branch{"theirs", hour},
			"migrations/mysql/20260102130000_add_ours.sql → migrations/mysql/20260102130001_add_ours.sql\n" +
				"migrations/sqlite/20260102130000_add_ours.sql → migrations/sqlite/20260102130001_add_ours.sql\n" + sums +
				"20260102130000.hcl\n" +
				"migrations/snapshots/20260102130001.hcl"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			migratetest.Each(t, func(t *testing.T, dialect, address string) {
				root, settled := merged(t, c.ours, c.theirs)
				before := migratetest.Tree(t, root)
				dry, err := plan.Rebase(t.Context(), root, settled, migratetest.Noon, true, migratetest.Scratch(t))
				if err != nil || migratetest.Tree(t, root) != before {
					t.Fatalf("dry run: %v, or it changed files", err)
				}
				rebased, err := plan.Rebase(t.Context(), root, settled, migratetest.Noon, false, migratetest.Scratch(t))
				if err != nil {
					t.Fatal(err)
				}
				if dialect == plan.SQLite {
					// Its down statements rebuild the table, so they must contain the other column.
					want := 1
					if len(rebased.Replanned) != want {
						t.Errorf("replanned %v", rebased.Replanned)
					}
				}
				got := strings.Split(strings.TrimSpace(summary(rebased)), "\n")
				want := strings.Split(c.want, "\n")
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) || summary(dry) != summary(rebased) {
					t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
				for name, text := range settled.Snapshots {
					if migratetest.ReadText(t, root, name) != string(text) {
						t.Errorf("%s differs from the file of theirs", name)
					}
				}
				settled.Snapshots = nil // they are the same here now
				if again, err := plan.Rebase(t.Context(), root, settled, migratetest.Noon, false,
					migratetest.Scratch(t)); err != nil || summary(again) != "" {
					t.Errorf("again: %v, %v", again, err)
				}
				if authored := author(t, root, "nothing"); len(authored.Files) > 0 {
					t.Errorf("after it, there was something to write: %v", paths(authored))
				}
				e := engineOf(t, dialect, address, os.DirFS(filepath.Join(root, "migrations")))
				e.Disposable = true // for speed
				report, err := e.Upgrade(t.Context(), Upgrade{})
				if err != nil || len(report.Applied) != 3 {
					t.Fatalf("upgrade: %+v, %v", report, err)
				}
				migratetest.SameSchema(t, dialect, address, []byte(migratetest.ReadText(t, root, "schema.hcl")))
				// A downgrade of ours keeps the column of theirs.
				migratetest.Exec(t, migratetest.Connect(t, address), "INSERT INTO notes (theirs) VALUES ('kept')")
				if report, err := e.Downgrade(t.Context(), Downgrade{AllowDataLoss: true}); err != nil || len(report.Applied) != 1 {
					t.Fatalf("downgrade: %+v, %v", report, err)
				}
				if got := migratetest.Query(t, migratetest.Connect(t, address), "SELECT theirs FROM notes"); got != "kept" {
					t.Errorf("theirs has %q", got)
				}
				migratetest.SameSchema(t, dialect, address, []byte(noteColumns("theirs")))
			})
		})
	}
}

// TestRebaseAfterCut interrupts a rebase after each written file. The next run has the same
// result as a run without an interruption.
func TestRebaseAfterCut(t *testing.T) {
	t.Parallel()
	hour := migratetest.Noon.Add(time.Hour)
	make := func() (string, plan.Settled) {
		return merged(t, branch{"ours", hour}, branch{"theirs", hour.Add(time.Minute)})
	}
	root, settled := make()
	rebased, err := plan.Rebase(t.Context(), root, settled, migratetest.Noon, false, migratetest.Scratch(t))
	if err != nil {
		t.Fatal(err)
	}
	undisturbed := migratetest.Tree(t, root)
	steps := 2*len(rebased.Renamed) + len(rebased.Written)
	for done := range steps + 1 {
		cut, settled := make()
		var staged []stagedFile
		for _, f := range rebased.Renamed {
			if !slices.Contains(rebased.Written, f.To) {
				staged = append(staged, stagedFile{path: f.To, text: migratetest.ReadText(t, cut, f.From)},
					stagedFile{path: f.From, gone: true})
			}
		}
		for _, name := range rebased.Written {
			staged = append(staged, stagedFile{path: name, text: migratetest.ReadText(t, root, name)})
		}
		for _, f := range rebased.Renamed {
			if slices.Contains(rebased.Written, f.To) {
				staged = append(staged, stagedFile{path: f.From, gone: true})
			}
		}
		cutAfter(t, cut, staged, done)
		if _, err := plan.Rebase(t.Context(), cut, settled, migratetest.Noon, false, migratetest.Scratch(t)); err != nil {
			t.Fatalf("cut after %d of %d: %v", done, steps, err)
		}
		if got := migratetest.Tree(t, cut); got != undisturbed {
			t.Errorf("cut after %d of %d: got\n%s\nwant\n%s", done, steps, got, undisturbed)
		}
	}
}

// stagedFile is a file that a command writes or removes.
type stagedFile struct {
	path, text string
	gone       bool
}

// cutAfter brings a project to the state after a command was killed when it had written the
// first done files. The others are in migrations/.staged, and the file order lists all.
func cutAfter(t *testing.T, root string, files []stagedFile, done int) {
	t.Helper()
	order := ""
	for i, f := range files {
		path := filepath.Join(root, filepath.FromSlash(f.path))
		switch {
		case f.gone:
			order += "-"
			if i < done {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			}
		case i < done:
			migratetest.Write(t, root, f.path, f.text)
		default:
			migratetest.Write(t, root, "migrations/.staged/"+strings.ReplaceAll(f.path, "/", "%"), f.text)
		}
		order += f.path + "\n"
	}
	migratetest.Write(t, root, "migrations/.staged/order", order)
}

func TestRebaseErrors(t *testing.T) {
	t.Parallel()
	hour := migratetest.Noon.Add(time.Hour)
	for name, c := range map[string]struct {
		damage func(t *testing.T, root string)
		want   string
	}{
		"schema.hcl has a conflict": {func(t *testing.T, root string) {
			migratetest.Write(t, root, "schema.hcl",
				"<<<<<<< HEAD\n"+noteColumns("ours")+"=======\n"+noteColumns("theirs")+">>>>>>> main\n")
		}, "schema.hcl contains a merge conflict: resolve it first"},
		"schema.hcl is invalid": {func(t *testing.T, root string) {
			migratetest.Write(t, root, "schema.hcl", noteColumns("ours")+"table {\n}\n")
		}, "schema.hcl:"},
		"schema.hcl lacks one branch": {func(t *testing.T, root string) {
			migratetest.Write(t, root, "schema.hcl", noteColumns("ours"))
		}, "notes.theirs"},
		"schema.hcl has more": {func(t *testing.T, root string) {
			migratetest.Write(t, root, "schema.hcl", noteColumns("ours", "theirs", "mine"))
		}, "notes.mine"},
		"a migration has a conflict": {func(t *testing.T, root string) {
			migratetest.Write(t, root, "migrations/mysql/20260102130000_add_ours.sql",
				"<<<<<<< HEAD\nSELECT 1;\n=======\nSELECT 2;\n>>>>>>> main\n")
		}, "migrations/mysql/20260102130000_add_ours.sql contains a merge conflict"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, settled := merged(t, branch{"ours", hour}, branch{"theirs", hour.Add(time.Minute)})
			c.damage(t, root)
			before := migratetest.Tree(t, root)
			rebased, err := plan.Rebase(t.Context(), root, settled, migratetest.Noon, false, migratetest.Scratch(t))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, %v, want %q", rebased, err, c.want)
			}
			if migratetest.Tree(t, root) != before {
				t.Error("files were changed")
			}
		})
	}
}

// TestRenumber: a database that recorded a migration with its old version gets the new
// version. Then an upgrade applies the migration of the other branch.
func TestRenumber(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		hour := migratetest.Noon.Add(time.Hour)
		root, settled := merged(t, branch{"ours", hour}, branch{"Theirs", hour.Add(time.Minute)})
		// As it was before the merge: without theirs.
		alone := migratetest.Project(t, noteColumns())
		author(t, alone, "create notes")
		migratetest.Write(t, alone, "schema.hcl", noteColumns("ours"))
		if _, err := plan.Generate(t.Context(), alone, plan.Options{Message: "add ours"}, hour); err != nil {
			t.Fatal(err)
		}
		e := engine(t, dialect, address, os.DirFS(migratetest.DirFS(alone, dialect)))
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
			t.Fatal(err)
		}
		migratetest.Exec(t, migratetest.Connect(t, address), "INSERT INTO notes (ours) VALUES ('kept')")

		if _, err := plan.Rebase(t.Context(), root, settled, migratetest.Noon, false, migratetest.Scratch(t)); err != nil {
			t.Fatal(err)
		}
		e.Migrations = migratetest.Under{e.Dialect.Name: os.DirFS(migratetest.DirFS(root, dialect))}
		want := "[20260102130000_add_ours is now recorded as 20260102130101]"
		for _, dryRun := range []bool{true, false} {
			if report, err := e.Renumber(t.Context(), dryRun); err != nil || fmt.Sprint(report.Repaired) != want {
				t.Errorf("dry run %v: got %v, %v", dryRun, report.Repaired, err)
			}
		}
		if dialect == plan.MySQL {
			if got := migratetest.Query(t, e.db, "SELECT version FROM "+plan.JournalTable); got != "20260102130101" {
				t.Errorf("the journal has version %s", got)
			}
		}
		hash := migratetest.Query(t, migratetest.Connect(t, address),
			"SELECT hash FROM atlas_schema_revisions WHERE version = '20260102130101'")
		if sums := migratetest.ReadText(t, root, "migrations/"+dialect+"/atlas.sum"); hash == "" ||
			!strings.Contains(sums, "_add_ours.sql h1:"+hash+"\n") {
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
		migratetest.SameSchema(t, dialect, address, []byte(migratetest.ReadText(t, root, "schema.hcl")))
	})
}
