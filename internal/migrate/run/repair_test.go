package run

import (
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
)

func repair(t *testing.T, e *Engine, wantTo string, wants ...string) Report {
	t.Helper()
	before, err := e.Repair(t.Context(), true)
	if err != nil {
		t.Fatalf("repair, dry: %v", err)
	}
	report, err := e.Repair(t.Context(), false)
	if err != nil {
		t.Fatalf("repair: %v", err)
	}
	if strings.Join(before.Repaired, "\n") != strings.Join(report.Repaired, "\n") {
		t.Errorf("the dry run reports %q, the repair %q", before.Repaired, report.Repaired)
	}
	if len(report.Repaired) != len(wants) {
		t.Fatalf("repaired: %q", report.Repaired)
	}
	for i, want := range wants {
		if !strings.Contains(report.Repaired[i], want) {
			t.Errorf("repaired: %q, want %q", report.Repaired[i], want)
		}
	}
	if short(report.To) != wantTo {
		t.Errorf("the database is at %s, want %s", short(report.To), wantTo)
	}
	if again, err := e.Repair(t.Context(), false); err != nil || len(again.Repaired) > 0 {
		t.Errorf("again: %q, %v", again.Repaired, err)
	}
	return report
}

const revisionsGone = "DROP TABLE atlas_schema_revisions"

// TestRepair: after changes by hand, Repair corrects the record to match the schema.
func TestRepair(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		to      string   // upgraded to
		by      []string // done by hand
		wantTo  string
		wants   []string
		onlyOne string // of dialects
	}{
		"nothing to do":   {"", nil, "three", nil, ""},
		"nothing applied": {"none", nil, "∅", nil, ""},
		"a pending one was run": {"20260102000000", []string{"CREATE TABLE toys (id integer NOT NULL, PRIMARY KEY (id))"},
			"three", []string{"20260103000000 is applied: it is now recorded"}, ""},
		"the last was reverted": {"", []string{"DROP TABLE toys"}, "two", []string{"20260103000000 is not applied"}, ""},
		"two were reverted": {"",
			[]string{"DROP TABLE toys", "ALTER TABLE parents DROP COLUMN score", "ALTER TABLE parents DROP COLUMN bio"}, "one",
			[]string{"20260102000000 is not applied", "20260103000000 is not applied"}, ""},
		"the record was lost": {"", []string{revisionsGone}, "three",
			[]string{"20260101000000 is applied", "20260102000000 is applied", "20260103000000 is applied"}, ""},
		"a row was lost": {"", []string{"DELETE FROM atlas_schema_revisions WHERE version = '20260102000000'"},
			"three", []string{"20260102000000 is applied"}, ""},
		"some statements were run": {"20260101000000",
			[]string{"ALTER TABLE parents ADD COLUMN bio varchar(80) NULL"}, "one",
			[]string{"20260102000000 is applied up to statement 1 of 2"}, plan.MySQL},
		"all were reverted": {"", []string{"DROP TABLE toys", "DROP TABLE kids", "DROP TABLE parents"}, "∅",
			[]string{"20260101000000 is not", "20260102000000 is not", "20260103000000 is not"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			migratetest.Each(t, func(t *testing.T, dialect, address string) {
				if c.onlyOne != "" && c.onlyOne != dialect {
					return
				}
				e := engine(t, dialect, address,
					migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, migratetest.Up2, migratetest.V3,
						migratetest.Up3))
				e.Disposable = true // for speed
				if c.to != "none" {
					if _, err := e.Upgrade(t.Context(), Upgrade{To: c.to}); err != nil {
						t.Fatal(err)
					}
				}
				e.Disposable = false
				migratetest.Exec(t, migratetest.Connect(t, address), c.by...)
				repair(t, e, c.wantTo, c.wants...)
				// Then the upgrade works.
				if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
					t.Errorf("upgrade: %v", err)
				}
				status(t, e, "three→three applied [one/3 two/2 three/1] pending []")
				if err := sameAsFiles(t, e); err != nil {
					t.Errorf("check: %v", err)
				}
			})
		})
	}
}

// TestRepairHalfApplied: a migration that failed on MySQL is completed or reverted by hand, or
// its file is edited. Repair corrects the record.
func TestRepairHalfApplied(t *testing.T) {
	t.Parallel()
	const stops = "ALTER TABLE parents ADD COLUMN bio varchar(80) NULL;\nALTER TABLE parents ADD UNIQUE INDEX " +
		"parents_name (name);\nALTER TABLE parents ADD COLUMN score int NULL;\n"
	for name, c := range map[string]struct {
		by     []string
		text   string // of the file, when it is edited
		wantTo string
		wants  []string
	}{
		"completed by hand": {
			[]string{"UPDATE parents SET name = id", "ALTER TABLE parents ADD UNIQUE INDEX parents_name (name)",
				"ALTER TABLE parents ADD COLUMN score int NULL"}, "",
			"two", []string{"is fully applied: the record had 1 of 3 statements"},
		},
		"one more statement run by hand": {
			[]string{"UPDATE parents SET name = id", "ALTER TABLE parents ADD UNIQUE INDEX parents_name (name)"}, "",
			"one", []string{"up to statement 2 of 3"},
		},
		"reverted by hand": {[]string{"ALTER TABLE parents DROP COLUMN bio"}, "", "one",
			[]string{"20260102000000 is not applied"}},
		"a statement that failed was removed": {nil, "ALTER TABLE parents ADD COLUMN bio varchar(80) NULL;\n" +
			"ALTER TABLE parents ADD COLUMN score int NULL;\n",
			"one", []string{"up to statement 1 of 2"}},
		"only statements that ran are left": {nil, "ALTER TABLE parents ADD COLUMN bio varchar(80) NULL;\n",
			"two", []string{"is fully applied"}},
		"a statement that ran was reformatted": {nil, "ALTER TABLE `parents`\n  ADD COLUMN `bio` varchar(80);\nALTER TABLE " +
			"parents ADD COLUMN score int NULL;\n",
			"one", []string{"up to statement 1 of 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := dbtest.MySQL(t)
			e := engine(t, plan.MySQL, address, migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, stops))
			upgradeFast(t, e, Upgrade{To: "20260101000000"}, "∅→one applied [one/3] pending []")
			db := migratetest.Connect(t, address)
			migratetest.Exec(t, db, "INSERT INTO parents (id, name) VALUES (1, 'a'), (2, 'a')")
			if _, err := e.Upgrade(t.Context(), Upgrade{}); err == nil {
				t.Fatal("want an error")
			}
			migratetest.Exec(t, db, c.by...)
			if c.text != "" {
				e.Migrations = migratetest.Under{
					e.Dialect.Name: migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, c.text)}
			}
			repair(t, e, c.wantTo, c.wants...)
			migratetest.Exec(t, db, "UPDATE parents SET name = id")
			if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
				t.Errorf("upgrade: %v", err)
			}
			if err := sameAsFiles(t, e); err != nil {
				t.Errorf("check: %v", err)
			}
		})
	}
}

// TestRepairRefuses: if no point matches the schema, the error lists the differences, and the
// record does not change.
func TestRepairRefuses(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address,
			migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, migratetest.Up2, migratetest.V3,
				migratetest.Up3))
		upgradeFast(t, e, Upgrade{To: "20260102000000"}, "∅→two applied [one/3 two/2] pending []")
		db := migratetest.Connect(t, address)
		migratetest.Exec(t, db, "ALTER TABLE parents ADD COLUMN other int NULL")
		report, err := e.Repair(t.Context(), false)
		if err == nil || !strings.Contains(err.Error(), "matches no point of the migrations") ||
			!strings.Contains(err.Error(), "parents.other is in the database, but not in the migrations") {
			t.Errorf("got %v", err)
		}
		if len(report.Repaired) > 0 {
			t.Errorf("repaired %q", report.Repaired)
		}
		status(t, e, "two→three applied [one/3 two/2] pending [three/1]")
		e.Migrations = migratetest.Under{e.Dialect.Name: migratetest.Folder(t, migratetest.V1, migratetest.Up1)}
		if _, err := e.Repair(t.Context(), false); err == nil || !strings.Contains(err.Error(), "its file is missing") {
			t.Errorf("got %v", err)
		}
		e.Migrations = migratetest.Under{e.Dialect.Name: migratetest.Folder(t)}
		if _, err := e.Repair(t.Context(), false); err == nil || !strings.Contains(err.Error(), "there are no migrations") {
			t.Errorf("got %v", err)
		}
	})
}

// TestRepairEdited: Repair accepts a file that was edited after it was applied, if the file
// still produces the schema.
func TestRepairEdited(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address,
			migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, migratetest.Up2))
		upgradeFast(t, e, Upgrade{}, "∅→two applied [one/3 two/2] pending []")
		e.Migrations = migratetest.Under{
			e.Dialect.Name: migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2,
				"-- A word more.\n"+migratetest.Up2)}
		if err := sameAsFiles(t, e); err == nil || !strings.Contains(err.Error(), "was edited after it was applied") {
			t.Errorf("check: %v", err)
		}
		repair(t, e, "two", "20260102000000 was edited after it was applied")
		if err := sameAsFiles(t, e); err != nil {
			t.Errorf("check: %v", err)
		}
	})
}

// TestBaseline: a database that was not created by the migrations gets a baseline at the
// version that matches its tables.
func TestBaseline(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address,
			migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, migratetest.Up2, migratetest.V3,
				migratetest.Up3))
		report, err := e.Baseline(t.Context())
		if err != nil || report.To != "" {
			t.Errorf("an empty database: %+v, %v", report, err)
		}
		upgrade(t, e, Upgrade{To: "20260102000000"}, "∅→two applied [one/3 two/2] pending []")
		if report, err = e.Baseline(t.Context()); err != nil || report.To != "" {
			t.Errorf("one that is recorded: %+v, %v", report, err)
		}
		db := migratetest.Connect(t, address)
		migratetest.Exec(t, db, revisionsGone, migratetest.Rows1)
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err == nil || !strings.Contains(err.Error(), "db init") {
			t.Errorf("upgrade: %v", err)
		}
		if report, err = e.Baseline(t.Context()); err != nil || short(report.To) != "two" {
			t.Fatalf("got %+v, %v", report, err)
		}
		if report, err = e.Baseline(t.Context()); err != nil || report.To != "" {
			t.Errorf("again: %+v, %v", report, err)
		}
		upgrade(t, e, Upgrade{}, "two→three applied [three/1] pending []")
		if err := sameAsFiles(t, e); err != nil {
			t.Errorf("check: %v", err)
		}
		downgrade(t, e, Downgrade{}, "three→two applied [three/1] pending []")
		if _, err := e.Downgrade(t.Context(), Downgrade{}); err == nil || !strings.Contains(err.Error(), "is a baseline") {
			t.Errorf("down from the baseline: %v", err)
		}
		if got := migratetest.Query(t, db, "SELECT name FROM parents ORDER BY id"); got != "a b" {
			t.Errorf("parents: %q", got)
		}
	})
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address, migratetest.Folder(t, migratetest.V1, migratetest.Up1))
		migratetest.Exec(t, e.db, "CREATE TABLE other (id int)")
		if _, err := e.Baseline(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot record a baseline") ||
			!strings.Contains(err.Error(), "other is in the database") {
			t.Errorf("got %v", err)
		}
	})
}
