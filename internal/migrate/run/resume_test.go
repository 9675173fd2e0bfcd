package run

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/test/dbtest"
)

// resumeBase is the first migration of these tests.
const resumeBase = "CREATE TABLE p (id int NOT NULL, n int NULL, gone int NULL, PRIMARY KEY (id), INDEX p_n " +
	"(n), CONSTRAINT p_gone CHECK (gone > 0));\n" +
	"CREATE TABLE k (id int NOT NULL, p_id int NULL, PRIMARY KEY (id), CONSTRAINT k_p FOREIGN KEY (p_id) " +
	"REFERENCES p (id));\n" +
	"CREATE TABLE old (id int NOT NULL, PRIMARY KEY (id));\nINSERT INTO p VALUES (1, 1, 1);\n"

// killUpgrade runs an upgrade that ends, as after a kill, before the n-th statement of a file.
func killUpgrade(t *testing.T, e *Engine, n int) {
	t.Helper()
	killBefore(t, e, n, func() { _, _ = e.Upgrade(t.Context(), Upgrade{}) })
}

// killDowngrade is killUpgrade for a downgrade by one migration.
func killDowngrade(t *testing.T, e *Engine, n int) {
	t.Helper()
	killBefore(t, e, n, func() { _, _ = e.Downgrade(t.Context(), Downgrade{AllowDataLoss: true}) })
}

func killBefore(t *testing.T, e *Engine, n int, run func()) {
	t.Helper()
	e.Progress = func(p Progress) {
		if p.Stage == Running && p.Index == n {
			panic("killed")
		}
	}
	killed(t, run)
	e.Progress = nil
}

// killed calls run, which panics instead of being killed.
func killed(t *testing.T, run func()) {
	t.Helper()
	defer func() {
		if recover() != "killed" {
			t.Error("the statement was not started")
		}
	}()
	run()
}

// TestKilledAroundStatement: a run is killed before a statement, and the next one after it and
// before its record. The second run runs the statement, and the third one only records it. Each
// statement changes a table of resumeBase.
func TestKilledAroundStatement(t *testing.T) {
	t.Parallel()
	for _, statement := range []string{
		"CREATE TABLE x (id int NOT NULL, PRIMARY KEY (id));",
		"CREATE TABLE x (id int NOT NULL, PRIMARY KEY (id), CONSTRAINT x_p FOREIGN KEY (id) REFERENCES p (id));",
		"DROP TABLE old;",
		"RENAME TABLE old TO x;",
		"ALTER TABLE old RENAME TO x;",
		"ALTER TABLE p ADD COLUMN x int NULL;",
		"ALTER TABLE p ADD COLUMN x int NULL, ADD COLUMN y int NULL;",
		"ALTER TABLE p ADD COLUMN twice int GENERATED ALWAYS AS (n * 2) STORED;",
		"ALTER TABLE p RENAME COLUMN n TO m;",
		"ALTER TABLE p CHANGE COLUMN n m bigint NULL;",
		"ALTER TABLE p MODIFY COLUMN n bigint NOT NULL DEFAULT 7;",
		"ALTER TABLE p ALTER COLUMN n SET DEFAULT 5;",
		"ALTER TABLE p ADD INDEX (n);",
		"ALTER TABLE p ADD INDEX (n), ADD INDEX (n, gone);",
		"ALTER TABLE p ADD INDEX ((n + 1));",
		"ALTER TABLE p ADD COLUMN x int UNIQUE;",
		"ALTER TABLE old DROP PRIMARY KEY, ADD COLUMN x int NOT NULL KEY;",
		"ALTER TABLE old ADD COLUMN p_id int NULL, ADD FOREIGN KEY (p_id) REFERENCES p (id);",
		"ALTER TABLE p ADD UNIQUE INDEX p_gone_n (gone, n);",
		"CREATE INDEX p_x ON p (gone);",
		"ALTER TABLE p DROP INDEX p_n;",
		"DROP INDEX p_n ON p;",
		"ALTER TABLE p RENAME INDEX p_n TO p_m;",
		"ALTER TABLE k DROP FOREIGN KEY k_p;",
		"ALTER TABLE k ADD FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE;",
		"ALTER TABLE p DROP CHECK p_gone;",
		"ALTER TABLE p ADD CHECK (n < 100);",
		"ALTER TABLE old DROP PRIMARY KEY;",
		"ALTER TABLE p COMMENT 'a word';",
		"ALTER TABLE p CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;",
	} {
		t.Run(statement, func(t *testing.T) {
			t.Parallel()
			const last = "INSERT INTO p (id) VALUES (2);"
			e := engine(t, plan.MySQL, dbtest.MySQL(t),
				migratetest.Folder(t, migratetest.V1, resumeBase, migratetest.V2, statement+"\n"+last+"\n"))
			upgradeBase(t, e)
			killUpgrade(t, e, 1)
			var ran []string
			e.Exec = func(ctx context.Context, conn schema.ExecQuerier, statement string) error {
				ran = append(ran, statement)
				_, err := conn.ExecContext(ctx, statement)
				if err == nil && len(ran) == 1 {
					panic("killed")
				}
				return err
			}
			killed(t, func() { _, _ = e.Upgrade(t.Context(), Upgrade{}) })
			want := definitions(t, e)
			upgrade(t, e, Upgrade{}, "one→two applied [two/2] pending []")
			if got := definitions(t, e); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if want := []string{statement, last}; !slices.Equal(ran, want) {
				t.Errorf("ran %q, want %q", ran, want)
			}
		})
	}
}

// definitions returns the definitions of all tables.
func definitions(t *testing.T, e *Engine) (all string) {
	t.Helper()
	for _, name := range tablesOf(t, plan.MySQL, e.db) {
		text, err := plan.ShowCreate(t.Context(), e.db, name)
		if err != nil {
			t.Fatal(err)
		}
		all += text + "\n"
	}
	return all
}

// upgradeBase applies resumeBase.
func upgradeBase(t *testing.T, e *Engine) {
	t.Helper()
	upgradeFast(t, e, Upgrade{To: "20260101000000"}, "∅→one applied [one/4] pending []")
}

// upgradeFast is upgrade without a journal, which takes as long as the statements.
func upgradeFast(t *testing.T, e *Engine, opts Upgrade, want string) {
	t.Helper()
	e.Disposable = true
	upgrade(t, e, opts, want)
	e.Disposable = false
}

// TestKilledDowngrade: the row shows that a downgrade is in progress before its first
// statement. A statement that ran before the kill without a record does not run again, and
// its effect does not count as a loss.
func TestKilledDowngrade(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	e := engine(t, plan.MySQL, address,
		migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, migratetest.Up2))
	upgrade(t, e, Upgrade{}, "∅→two applied [one/3 two/2] pending []")
	db := migratetest.Connect(t, address)
	migratetest.Exec(t, db, migratetest.Rows1, "UPDATE parents SET bio = 'x', score = 7")

	// Stopped before the second statement, as after a kill.
	ctx, cancel := context.WithCancel(t.Context())
	var marked string
	e.Progress = func(p Progress) {
		if p.Stage == Running && p.Index == 1 {
			marked = migratetest.Query(t, db, "SELECT partial_hashes FROM atlas_schema_revisions WHERE version = "+
				"'20260102000000'")
			cancel()
		}
	}
	if _, err := e.Downgrade(ctx, Downgrade{AllowDataLoss: true}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if marked != `["slipway:down 2"]` {
		t.Errorf("while the first statement ran, the row was %s", marked)
	}
	e.Progress = nil
	status(t, e, "one→two applied [one/3] pending [two/1] incomplete failed two")

	// A down statement that ran must not be edited.
	e.Migrations = migratetest.Under{
		e.Dialect.Name: migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2,
			strings.Replace(migratetest.Up2, "-- ALTER TABLE parents DROP COLUMN score;",
				"-- ALTER TABLE parents DROP score;", 1))}
	if _, err := e.Downgrade(t.Context(), Downgrade{AllowDataLoss: true}); err == nil ||
		!strings.Contains(err.Error(), "its down statement 1 was edited after it ran") {
		t.Errorf("edited: got %v", err)
	}

	// The second statement ran, but is not recorded.
	e.Migrations = migratetest.Under{
		e.Dialect.Name: migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, migratetest.Up2)}
	killDowngrade(t, e, 2)
	migratetest.Exec(t, db, "ALTER TABLE parents DROP COLUMN bio")
	downgrade(t, e, Downgrade{}, "one→one applied [two/1] pending []")
	status(t, e, "one→two applied [one/3] pending [two/2]")
	upgrade(t, e, Upgrade{}, "one→two applied [two/2] pending []")
}

// TestSomethingElseChanged: something else changes the schema between a kill and the next run.
// If the next run cannot decide whether the statement ran, it returns an error with the change
// and `db repair`, and records nothing. After a repair, the upgrade continues.
func TestSomethingElseChanged(t *testing.T) {
	t.Parallel()
	const (
		addColumn = "ALTER TABLE p ADD COLUMN x int NULL;\n"
		addKey    = "ALTER TABLE old ADD CONSTRAINT old_p FOREIGN KEY (id) REFERENCES p (id);\n"
		create    = "CREATE TABLE x (id int NOT NULL, PRIMARY KEY (id), CONSTRAINT x_p FOREIGN KEY (id) REFERENCES p (id));\n"
	)
	for name, c := range map[string]struct {
		statement string
		ran       bool
		edited    string // the statement in the file at the next run, if it is another
		by, back  string // a change by another program, and the statement that reverts it
		want      string // in the refusal; "" for none
	}{
		"another table, and it has not run": {statement: addColumn, by: "ALTER TABLE k ADD COLUMN y int",
			back: "ALTER TABLE k DROP COLUMN y", want: `table "k" was changed (column "y")`},
		"another table, and it ran": {statement: addColumn, ran: true, by: "ALTER TABLE k ADD COLUMN y int",
			back: "ALTER TABLE k DROP COLUMN y", want: `table "k" was changed (column "y")`},
		"a column of the same table, has not run": {statement: addColumn, by: "ALTER TABLE p ADD COLUMN y int",
			back: "ALTER TABLE p DROP COLUMN y", want: `table "p" was changed (column "y")`},
		"an index of the same table, has not run": {statement: addColumn, by: "ALTER TABLE p ADD INDEX y (gone)",
			back: "ALTER TABLE p DROP INDEX y", want: `table "p" was changed (index "y")`},
		"an index of the same table, and it ran": {statement: addColumn, ran: true,
			by: "ALTER TABLE p ADD INDEX y (gone)", back: "ALTER TABLE p DROP INDEX y",
			want: `table "p" was changed (column "x") (index "y")`},
		"an index beside a new one, has not run": {statement: "ALTER TABLE p ADD INDEX x (gone);\n",
			by: "ALTER TABLE p ADD INDEX y (gone)", back: "ALTER TABLE p DROP INDEX y",
			want: `table "p" was changed (index "y")`},
		"a word about the same table, has not run": {statement: addColumn, by: "ALTER TABLE p COMMENT 'theirs'",
			back: "ALTER TABLE p COMMENT ''", want: `table "p" was changed`},
		"another column's type, has not run": {statement: addColumn, by: "ALTER TABLE p MODIFY COLUMN n bigint NULL",
			back: "ALTER TABLE p MODIFY COLUMN n int NULL", want: `table "p" was changed (column "n")`},
		"another column's type, and it ran": {statement: addColumn, ran: true,
			by:   "ALTER TABLE p MODIFY COLUMN n bigint NULL",
			back: "ALTER TABLE p MODIFY COLUMN n int NULL", want: `table "p" was changed (column "n") (column "x")`},
		"an index that goes, has not run": {statement: addColumn, by: "ALTER TABLE p DROP INDEX p_n",
			back: "ALTER TABLE p ADD INDEX p_n (n)", want: `table "p" was changed (index "p_n")`},
		"a check of the same table, has not run": {statement: addColumn,
			by: "ALTER TABLE p ADD CONSTRAINT y CHECK (n > 0)", back: "ALTER TABLE p DROP CHECK y",
			want: `table "p" was changed (check "y")`},
		"where a column stands, has not run": {statement: addColumn, by: "ALTER TABLE p MODIFY COLUMN gone int FIRST",
			back: "ALTER TABLE p MODIFY COLUMN gone int AFTER n", want: `table "p" was changed`},
		"the parent of a new key, has not run": {statement: addKey, by: "ALTER TABLE p ADD INDEX y (gone)",
			back: "ALTER TABLE p DROP INDEX y", want: `table "p" was changed`},
		"the parent of a new table, has not run": {statement: create, by: "ALTER TABLE p ADD INDEX y (gone)",
			back: "ALTER TABLE p DROP INDEX y", want: `table "p" was changed`},
		"a view": {statement: addColumn, by: "CREATE VIEW v AS SELECT 1 AS one",
			back: "DROP VIEW v", want: `view "v" was added`},
		"a new table": {statement: addColumn, by: "CREATE TABLE y (id int)",
			back: "DROP TABLE y", want: `table "y" was added`},
		"the statement was edited, and it ran": {statement: addColumn, ran: true,
			edited: "ALTER TABLE p ADD COLUMN z int NULL;\n", back: "ALTER TABLE p DROP COLUMN x",
			want: "statement 1, which was edited since then"},
		"the statement was edited, and has not run": {statement: addColumn, edited: "ALTER TABLE p ADD COLUMN z int NULL;\n"},
		"a statement that changes only rows": {statement: "UPDATE p SET n = n + 1;\n",
			by: "ALTER TABLE p ADD COLUMN y int", back: "ALTER TABLE p DROP COLUMN y"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := engine(t, plan.MySQL, dbtest.MySQL(t),
				migratetest.Folder(t, migratetest.V1, resumeBase, migratetest.V2, c.statement))
			upgradeBase(t, e)
			db := e.db
			killUpgrade(t, e, 1)
			if c.ran {
				migratetest.Exec(t, db, c.statement)
			}
			if c.by != "" {
				migratetest.Exec(t, db, c.by)
			}
			if c.edited != "" {
				e.Migrations = migratetest.Under{
					e.Dialect.Name: migratetest.Folder(t, migratetest.V1, resumeBase, migratetest.V2, c.edited)}
			}
			before := revisionRows(t, plan.MySQL, db)
			if c.want != "" {
				_, err := e.Upgrade(t.Context(), Upgrade{})
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "`db repair`") {
					t.Fatalf("got %v, want %q in it", err, c.want)
				}
				if after := revisionRows(t, plan.MySQL, db); after != before && c.edited == "" {
					t.Errorf("recorded\n%s\nbefore it was\n%s", after, before)
				}
			}
			if c.want == "" {
				if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
					t.Fatal(err)
				}
			}
			if c.back != "" {
				migratetest.Exec(t, db, c.back)
			}
			if c.want != "" {
				if _, err := e.Repair(t.Context(), false); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
				t.Fatal(err)
			}
			if c.edited != "" { // the row has the hash of the file that was begun
				if _, err := e.Repair(t.Context(), false); err != nil {
					t.Fatal(err)
				}
			}
			if err := sameAsFiles(t, e); err != nil {
				t.Errorf("check: %v", err)
			}
			if got := migratetest.Query(t, db, "SELECT n FROM p"); strings.HasPrefix(c.statement, "UPDATE") && got != "2" {
				t.Errorf("the row has %s", got)
			}
		})
	}
}

// TestNoJournal: another program was killed before or after a statement, and there is no
// journal. The statement runs if running it twice is safe; otherwise `db repair` must decide.
func TestNoJournal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statement string
		ran       bool
		want      string // in the refusal; "" for none
	}{
		"has not run": {statement: "ALTER TABLE p ADD COLUMN x int NULL;\n"},
		"ran, and fails if run again": {statement: "ALTER TABLE p ADD COLUMN x int NULL;\n", ran: true,
			want: "Duplicate column name 'x': another program"},
		"ran, and has no effect if run again": {statement: "ALTER TABLE p MODIFY COLUMN n bigint NULL;\n", ran: true},
		"ran, and takes effect twice": {statement: "ALTER TABLE p ADD INDEX (gone);\n", ran: true,
			want: "running it again would apply it twice"},
		"has not run, and takes effect twice": {statement: "ALTER TABLE p ADD INDEX (gone);\n",
			want: "running it again would apply it twice"},
		"changes only rows, with the record in one transaction": {statement: "UPDATE p SET n = 2;\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := engine(t, plan.MySQL, dbtest.MySQL(t),
				migratetest.Folder(t, migratetest.V1, resumeBase, migratetest.V2, c.statement))
			upgradeBase(t, e)
			killUpgrade(t, e, 1)
			migratetest.Exec(t, e.db, "DROP TABLE "+plan.JournalTable,
				"UPDATE atlas_schema_revisions SET operator_version = 'Atlas CLI'")
			if c.ran {
				migratetest.Exec(t, e.db, c.statement)
			}
			if c.want != "" {
				_, err := e.Upgrade(t.Context(), Upgrade{})
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "`db repair`") {
					t.Fatalf("got %v, want %q in it", err, c.want)
				}
				if _, err := e.Repair(t.Context(), false); err != nil {
					t.Fatal(err)
				}
			}
			upgraded, err := e.Upgrade(t.Context(), Upgrade{})
			if err != nil || short(upgraded.To) != "two" {
				t.Fatalf("got %s, %v", brief(upgraded), err)
			}
			if err := sameAsFiles(t, e); err != nil {
				t.Errorf("check: %v", err)
			}
		})
	}
}

// TestErrorThenKill: a statement fails, and the next run is killed after it. The error of the
// first run must not be taken for the result of the second.
func TestErrorThenKill(t *testing.T) {
	t.Parallel()
	const unique = "ALTER TABLE p ADD UNIQUE (n);"
	e := engine(t, plan.MySQL, dbtest.MySQL(t),
		migratetest.Folder(t, migratetest.V1, resumeBase, migratetest.V2, unique+"\n"))
	upgradeBase(t, e)
	migratetest.Exec(t, e.db, "INSERT INTO p VALUES (2, 1, 1)")
	if _, err := e.Upgrade(t.Context(), Upgrade{}); err == nil {
		t.Fatal("two rows have the same value")
	}
	migratetest.Exec(t, e.db, "DELETE FROM p WHERE id = 2")
	killUpgrade(t, e, 1)
	migratetest.Exec(t, e.db, unique)
	upgrade(t, e, Upgrade{}, "one→two applied [two/1] pending []")
	if got := migratetest.Query(t, e.db,
		"SELECT index_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'p' "+
			"AND column_name = 'n' ORDER BY 1"); got != "n p_n" {
		t.Errorf("indexes: %s", got)
	}
}

// TestDowngradeAfterKill: a downgrade undoes an upgrade that ended in its second statement.
// The downgrade is killed too, after its first statement.
func TestDowngradeAfterKill(t *testing.T) {
	t.Parallel()
	const second = "ALTER TABLE p ADD INDEX p_x (x);\n"
	const text = "ALTER TABLE p ADD COLUMN x int NULL;\n" + second +
		"\n-- slipway:down\n-- ALTER TABLE p DROP INDEX p_x;\n-- ALTER TABLE p DROP COLUMN x;\n"
	for name, c := range map[string]struct {
		ran, failed, lost bool // the second statement; the journal
		want              string
	}{
		"has not run":        {},
		"ran":                {ran: true},
		"failed":             {failed: true},
		"ran, and no record": {ran: true, lost: true, want: "slipway_migration_journal does not record whether it ran"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := engine(t, plan.MySQL, dbtest.MySQL(t), migratetest.Folder(t, migratetest.V1, resumeBase, migratetest.V2, text))
			upgradeBase(t, e)
			if c.failed {
				e.Migrations = migratetest.Under{
					e.Dialect.Name: migratetest.Folder(t, migratetest.V1, resumeBase, migratetest.V2, strings.NewReplacer(
						second, "ALTER TABLE p ADD UNIQUE INDEX p_x (n);\n", "-- ALTER TABLE p DROP INDEX p_x;\n", "").Replace(text))}
				migratetest.Exec(t, e.db, "INSERT INTO p VALUES (2, 1, 1)")
				if _, err := e.Upgrade(t.Context(), Upgrade{}); err == nil {
					t.Fatal("want an error")
				}
			} else {
				killUpgrade(t, e, 2)
			}
			if c.ran {
				migratetest.Exec(t, e.db, second)
			}
			if c.lost {
				migratetest.Exec(t, e.db, "DELETE FROM "+plan.JournalTable)
			}
			if c.want != "" {
				_, err := e.Downgrade(t.Context(), Downgrade{})
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "`db repair`") {
					t.Fatalf("got %v, want %q in it", err, c.want)
				}
				if _, err := e.Repair(t.Context(), false); err != nil {
					t.Fatal(err)
				}
			}
			if c.ran && !c.lost {
				killDowngrade(t, e, 1)
				migratetest.Exec(t, e.db, "ALTER TABLE p DROP INDEX p_x")
			} else if c.failed {
				killDowngrade(t, e, 1)
				migratetest.Exec(t, e.db, "ALTER TABLE p DROP COLUMN x")
			}
			report, err := e.Downgrade(t.Context(), Downgrade{})
			if err != nil || short(report.To) != "one" {
				t.Fatalf("got %s, %v", brief(report), err)
			}
			if err := sameAsFiles(t, e); err != nil {
				t.Errorf("check: %v", err)
			}
		})
	}
}

// TestJournalDropped: after all migrations are undone, the journal is dropped, because the
// Atlas CLI requires a database without other tables.
func TestJournalDropped(t *testing.T) {
	t.Parallel()
	e := engine(t, plan.MySQL, dbtest.MySQL(t), migratetest.Folder(t, migratetest.V1, migratetest.Up1))
	upgrade(t, e, Upgrade{}, "∅→one applied [one/3] pending []")
	if got := tablesOf(t, plan.MySQL, e.db); !slices.Contains(got, plan.JournalTable) {
		t.Errorf("tables: %v", got)
	}
	downgrade(t, e, Downgrade{}, "one→∅ applied [one/2] pending []")
	if got := tablesOf(t, plan.MySQL, e.db); !slices.Equal(got, []string{plan.RevisionTable}) {
		t.Errorf("tables: %v", got)
	}
	upgrade(t, e, Upgrade{}, "∅→one applied [one/3] pending []")
}

// TestStatementText: the subject and the effects that are parsed from a statement.
func TestStatementText(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]struct {
		subject  string
		onlyRows bool
	}{
		"CREATE TABLE IF NOT EXISTS `a b` (id int)":                      {"a b", false},
		"-- A word.\n/* and */ ALTER TABLE shop.`x``y` ADD COLUMN t int": {"x`y", false},
		"DROP TABLE a, b":                                     {"a", false},
		"RENAME TABLE a TO b":                                 {"a", false},
		"CREATE UNIQUE INDEX i ON t (a)":                      {"t", false},
		"DROP INDEX `i` ON `t`":                               {"t", false},
		"CREATE OR REPLACE VIEW v AS SELECT 1":                {"v", false},
		"CREATE DEFINER=`a`@`b` TRIGGER r BEFORE INSERT ON t": {"r", false},
		"ALTER DATABASE CHARACTER SET utf8mb4":                {"", false},
		"/*!80000 ALTER TABLE t ADD COLUMN a int */":          {"", false},
		"GRANT SELECT ON t TO u":                              {"", false},
		"# A word.\n insert INTO t VALUES (1)":                {"", true},
		"(SELECT 1)":                                          {"", true},
		"WITH a AS (SELECT 1) UPDATE t SET n = 1":             {"", true},
		"TRUNCATE t":                                          {"", false},
		"CALL p()":                                            {"", false},
	} {
		if got := subject(statement); got != want.subject {
			t.Errorf("%s: about %q, want %q", statement, got, want.subject)
		}
		if got := plan.ChangesOnlyRows(statement); got != want.onlyRows {
			t.Errorf("%s: changes only rows: %v", statement, got)
		}
	}
}
