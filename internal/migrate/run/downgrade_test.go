package run

import (
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
)

func downgrade(t *testing.T, e *Engine, opts Downgrade, want string) Report {
	t.Helper()
	report, err := e.Downgrade(t.Context(), opts)
	if err != nil {
		t.Errorf("downgrade: %v", err)
	}
	check(t, "downgrade", report, want)
	return report
}

func TestDowngrade(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address,
			migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, migratetest.Up2, migratetest.V3,
				migratetest.Up3))
		downgrade(t, e, Downgrade{}, "∅→∅ applied [] pending []")
		upgrade(t, e, Upgrade{}, "∅→three applied [one/3 two/2 three/1] pending []")
		db := migratetest.Connect(t, address)
		migratetest.Exec(t, db, migratetest.Rows1, migratetest.Rows2)

		// Commands that only read change nothing.
		dry := downgrade(t, e, Downgrade{DryRun: true}, "three→two applied [] pending [three/1]")
		if got := dry.Pending[0].SQL; len(got) != 1 || got[0] != "DROP TABLE toys;" {
			t.Errorf("dry run: %q", got)
		}
		status(t, e, "three→three applied [one/3 two/2 three/1] pending []")

		// By number, by version, with rows that stay.
		downgrade(t, e, Downgrade{Plan: dry.Plan}, "three→two applied [three/1] pending []")
		downgrade(t, e, Downgrade{To: "20260101000000"}, "two→one applied [two/2] pending []")
		downgrade(t, e, Downgrade{To: "20260101000000"}, "one→one applied [] pending []")
		if got := migratetest.Query(t, db, "SELECT name FROM parents ORDER BY id"); got != "a b" {
			t.Errorf("parents: %q", got)
		}
		if got := migratetest.Query(t, db, "SELECT id FROM kids ORDER BY id"); got != "1 2 3" {
			t.Errorf("kids: %q", got)
		}
		status(t, e, "one→three applied [one/3] pending [two/2 three/1]")

		// And up again.
		upgrade(t, e, Upgrade{}, "one→three applied [two/2 three/1] pending []")
		report := downgrade(t, e, Downgrade{To: Base, AllowDataLoss: true},
			"three→∅ applied [three/1 two/2 one/2] pending []")
		if len(report.Loss) == 0 {
			t.Error("the report has no loss")
		}
		upgrade(t, e, Upgrade{}, "∅→three applied [one/3 two/2 three/1] pending []")
		downgrade(t, e, Downgrade{N: 2}, "three→one applied [three/1 two/2] pending []")
	})
}

// TestDowngradeKeepsData: a downgrade that would delete rows or values fails, unless
// AllowDataLoss is set. Empty tables and default values are not a loss.
func TestDowngradeKeepsData(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows []string
		opts Downgrade
		want string // in the error; "" for none
	}{
		"no rows":         {nil, Downgrade{N: 3}, ""},
		"rows in a table": {[]string{"INSERT INTO toys VALUES (1), (2)"}, Downgrade{}, "toys (2 rows)"},
		"rows in another": {[]string{migratetest.Rows1, migratetest.Rows2}, Downgrade{N: 2}, ""},
		"values of a column": {[]string{migratetest.Rows1, "UPDATE parents SET bio = 'x' WHERE id = 1"}, Downgrade{N: 2},
			"parents.bio (1 value)"},
		"more than a default": {[]string{migratetest.Rows1, "UPDATE parents SET score = 5"}, Downgrade{N: 2},
			"parents.score (2 values)"},
		"only defaults": {[]string{migratetest.Rows1}, Downgrade{N: 2}, ""},
		"all tables": {[]string{migratetest.Rows1, migratetest.Rows2, "INSERT INTO toys VALUES (1)"},
			Downgrade{To: Base}, "kids (3 rows), parents (2 rows), toys (1 row)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			migratetest.Each(t, func(t *testing.T, dialect, address string) {
				e := engine(t, dialect, address,
					migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, migratetest.Up2, migratetest.V3,
						migratetest.Up3))
				upgradeFast(t, e, Upgrade{}, "∅→three applied [one/3 two/2 three/1] pending []")
				migratetest.Exec(t, migratetest.Connect(t, address), c.rows...)
				opts := c.opts
				report, err := e.Downgrade(t.Context(), opts)
				if c.want == "" {
					if err != nil {
						t.Errorf("got %v", err)
					}
					return
				}
				if err == nil ||
					!strings.Contains(err.Error(), "would delete data: "+c.want+"; to allow this, use --allow-data-loss") {
					t.Errorf("got %v, want %q", err, c.want)
				}
				if len(report.Applied) > 0 || report.To != "20260103000000" {
					t.Errorf("a migration was undone: %s", brief(report))
				}
				opts.DryRun = true
				if report, err := e.Downgrade(t.Context(), opts); err != nil || checkLoss(report.Loss) == nil {
					t.Errorf("a dry run says: %v, %v", report.Loss, err)
				}
				opts.DryRun, opts.AllowDataLoss = false, true
				if _, err := e.Downgrade(t.Context(), opts); err != nil {
					t.Errorf("allowed, and yet: %v", err)
				}
			})
		})
	}
}

// TestDowngradeRebuilds: a rebuild on SQLite keeps the rows of the table and the rows that
// refer to it, and they do not count as lost.
func TestDowngradeRebuilds(t *testing.T) {
	t.Parallel()
	const down = "-- slipway:down\n" +
		"-- CREATE TABLE new_parents (id integer NOT NULL, name varchar(80) NOT NULL, PRIMARY KEY (id));\n" +
		"-- INSERT INTO new_parents (id, name) SELECT id, name FROM parents;\n" +
		"-- DROP TABLE parents;\n" +
		"-- ALTER TABLE new_parents RENAME TO parents;\n"
	address := dbtest.SQLite(t)
	e := engine(t, plan.SQLite, address,
		migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2,
			"ALTER TABLE parents ADD COLUMN bio text NULL;\n\n"+down))
	upgrade(t, e, Upgrade{}, "∅→two applied [one/3 two/1] pending []")
	db := migratetest.Connect(t, address)
	migratetest.Exec(t, db, migratetest.Rows1, migratetest.Rows2)
	migratetest.Exec(t, db, "UPDATE parents SET bio = 'x' WHERE id = 1")
	if _, err := e.Downgrade(t.Context(), Downgrade{}); err == nil ||
		!strings.Contains(err.Error(), "would delete data: parents.bio (1 value);") {
		t.Errorf("got %v", err)
	}
	migratetest.Exec(t, db, "UPDATE parents SET bio = NULL")
	downgrade(t, e, Downgrade{}, "two→one applied [two/4] pending []")
	if got := migratetest.Query(t, db, "SELECT count(*) FROM kids"); got != "3" {
		t.Errorf("%s kids are left", got)
	}
	if got := migratetest.Query(t, db, "SELECT name FROM parents ORDER BY id"); got != "a b" {
		t.Errorf("parents: %q", got)
	}
	migratetest.Exec(t, db, "DELETE FROM parents WHERE id = 1")
	if got := migratetest.Query(t, db, "SELECT id FROM kids"); got != "3" {
		t.Errorf("kids after their parent: %q", got)
	}
}

// TestDowngradeRefuses: a downgrade that cannot run returns an error and changes nothing.
func TestDowngradeRefuses(t *testing.T) {
	t.Parallel()
	const up = "CREATE TABLE x (id int);\n"
	for name, c := range map[string]struct {
		text string
		opts Downgrade
		want string
	}{
		"no down statements": {up, Downgrade{}, "has no down statements"},
		"irreversible": {up + "\n-- slipway:down irreversible: the rows are mixed\n", Downgrade{},
			"cannot be undone: the rows are mixed"},
		"unknown version": {up, Downgrade{To: "2030"}, "cannot downgrade to version 2030: it is not applied"},
		"negative":        {up, Downgrade{N: -1}, "invalid target"},
		"both":            {up, Downgrade{N: 1, To: Base}, "invalid target"},
		"another plan, dry": {up + "\n-- slipway:down\n-- DROP TABLE x;\n", Downgrade{Plan: "abc", DryRun: true},
			"do not match the plan"},
		"another plan": {up + "\n-- slipway:down\n-- DROP TABLE x;\n", Downgrade{Plan: "abc"},
			"do not match the plan"},
		"a failing statement": {up + "\n-- slipway:down\n-- DROP TABLE y;\n", Downgrade{AllowDataLoss: true}, "y"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			migratetest.Each(t, func(t *testing.T, dialect, address string) {
				e := engine(t, dialect, address, migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, c.text))
				upgradeFast(t, e, Upgrade{}, "∅→two applied [one/3 two/1] pending []")
				report, err := e.Downgrade(t.Context(), c.opts)
				if err == nil || !strings.Contains(err.Error(), c.want) || report.Failed == nil {
					t.Errorf("got %v, want %q", err, c.want)
				}
				if got := migratetest.Query(t, migratetest.Connect(t, address), "SELECT count(*) FROM x"); got != "0" {
					t.Errorf("x: %q", got)
				}
			})
		})
	}
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address,
			migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, migratetest.Up2))
		upgradeFast(t, e, Upgrade{}, "∅→two applied [one/3 two/2] pending []")
		e.Migrations = migratetest.Under{e.Dialect.Name: migratetest.Folder(t, migratetest.V1, migratetest.Up1)}
		if _, err := e.Downgrade(t.Context(), Downgrade{}); err == nil ||
			!strings.Contains(err.Error(), "its file is missing") {
			t.Errorf("got %v", err)
		}
	})
}

// TestDowngradeOfPartlyApplied: on MySQL a downgrade undoes the applied statements of a partly
// applied migration. After a failure it continues where it stopped.
func TestDowngradeOfPartlyApplied(t *testing.T) {
	t.Parallel()
	const stops = "ALTER TABLE parents ADD COLUMN bio varchar(80) NULL;\nALTER TABLE parents ADD UNIQUE INDEX " +
		"parents_name (name);\nALTER TABLE parents ADD COLUMN score int NULL;\n" +
		"\n-- slipway:down\n-- ALTER TABLE parents DROP COLUMN score;\n-- ALTER TABLE parents DROP INDEX parents_name;\n-- " +
		"ALTER TABLE parents DROP COLUMN bio;\n"
	address := dbtest.MySQL(t)
	e := engine(t, plan.MySQL, address, migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, stops))
	upgrade(t, e, Upgrade{To: "20260101000000"}, "∅→one applied [one/3] pending []")
	db := migratetest.Connect(t, address)
	migratetest.Exec(t, db, "INSERT INTO parents (id, name) VALUES (1, 'a'), (2, 'a')")
	if _, err := e.Upgrade(t.Context(), Upgrade{}); err == nil || !strings.Contains(err.Error(), "1062") {
		t.Fatalf("got %v", err)
	}
	status(t, e, "one→two applied [one/3] pending [two/2] incomplete failed two")
	downgrade(t, e, Downgrade{}, "one→one applied [two/3] pending []")
	status(t, e, "one→two applied [one/3] pending [two/3]")
	if got := migratetest.Query(t, db, "SELECT column_name FROM information_schema.columns WHERE table_schema = "+
		"DATABASE() AND table_name = 'parents' ORDER BY ordinal_position"); got != "id name" {
		t.Errorf("columns: %q", got)
	}

	// Now a down statement fails.
	const back = "ALTER TABLE kids ADD COLUMN x int NULL;\nALTER TABLE parents DROP INDEX parents_name;\n" +
		"\n-- slipway:down\n-- ALTER TABLE kids DROP COLUMN x;\n-- ALTER TABLE parents ADD UNIQUE INDEX parents_name " +
		"(name);\n"
	migratetest.Exec(t, db, "UPDATE parents SET name = 'b' WHERE id = 2")
	e = engine(t, plan.MySQL, address,
		migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, stops, migratetest.V3, back))
	upgrade(t, e, Upgrade{}, "one→three applied [two/3 three/2] pending []")
	migratetest.Exec(t, db, "UPDATE parents SET name = 'a' WHERE id = 2")
	report, err := e.Downgrade(t.Context(), Downgrade{})
	if err == nil || report.Failed == nil || !strings.Contains(report.Failed.Statement, "ADD UNIQUE INDEX") {
		t.Fatalf("got %v", err)
	}
	check(t, "downgrade", report, "three→two applied [] pending [three/1] failed three")
	status(t, e, "two→three applied [one/3 two/3] pending [three/1] incomplete failed three")
	if _, err := e.Upgrade(t.Context(), Upgrade{}); err == nil || !strings.Contains(err.Error(), "is partly undone") ||
		!strings.Contains(err.Error(), "run the downgrade again") {
		t.Errorf("upgrade: %v", err)
	}
	migratetest.Exec(t, db, "UPDATE parents SET name = 'b' WHERE id = 2")
	downgrade(t, e, Downgrade{}, "two→two applied [three/1] pending []")
	upgrade(t, e, Upgrade{}, "two→three applied [three/2] pending []")
}

// TestUpgradeReadsDown: down statements that are not comments would run with the up
// statements, so an upgrade refuses the file.
func TestUpgradeReadsDown(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address,
			migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2,
				"CREATE TABLE x (id int);\n\n-- slipway:down\nDROP TABLE x;\n"))
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err == nil ||
			!strings.Contains(err.Error(), "has invalid down statements: 20260102000000_two.sql: line 4") {
			t.Errorf("got %v", err)
		}
	})
}
