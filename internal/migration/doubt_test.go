package migration

import (
	"context"
	"errors"
	"strings"
	"testing"

	"slipway/internal/dbtest"
)

// TestInDoubt: a run was killed after a statement and before its record. The next
// one finds that it has run, and does not run it twice; and where it has not, it
// does. Each statement changes what doubtBase makes.
func TestInDoubt(t *testing.T) {
	t.Parallel()
	const doubtBase = "CREATE TABLE p (id int NOT NULL, n int NULL, gone int NULL, PRIMARY KEY (id), INDEX p_n (n), CONSTRAINT p_gone CHECK (gone > 0));\n" +
		"CREATE TABLE k (id int NOT NULL, p_id int NULL, PRIMARY KEY (id), CONSTRAINT k_p FOREIGN KEY (p_id) REFERENCES p (id));\n" +
		"CREATE TABLE old (id int NOT NULL, PRIMARY KEY (id));\nINSERT INTO p VALUES (1, 1, 1);\n"
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
			files := folder(t, v1, doubtBase, v2, statement+"\nINSERT INTO p (id) VALUES (2);\n")
			tables := func(by func(e *Engine, address string)) string {
				address := dbtest.MySQL(t)
				e := engine(t, MySQL, address, files)
				if _, err := e.Upgrade(t.Context(), Upgrade{To: "20260101000000"}); err != nil {
					t.Fatal(err)
				}
				by(e, address)
				if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
					t.Fatal(err)
				}
				var b strings.Builder
				db := connect(t, address)
				for _, name := range queryLines(t, db, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name <> '"+revisionTable+"' ORDER BY 1") {
					var table, create string
					if err := db.QueryRow("SHOW CREATE TABLE "+quote(name)).Scan(&table, &create); err != nil {
						t.Fatal(err)
					}
					b.WriteString(create + "\n" + query(t, db, "SELECT count(*) FROM "+quote(name)) + "\n")
				}
				return b.String()
			}
			begun := func(e *Engine) {
				dir, err := openDir(files)
				if err != nil {
					t.Fatal(err)
				}
				read, err := e.dialect.readFiles(dir)
				if err != nil {
					t.Fatal(err)
				}
				exec(t, e.db, insertRevisions+"('20260102000000', 'two', 2, 0, 2, '2026-01-01 00:00:00', 0, '', '', '"+read.steps[1].hash+"', 'null', 'slipway')")
			}
			want := tables(func(*Engine, string) {})
			if got := tables(func(e *Engine, _ string) { begun(e) }); got != want {
				t.Errorf("killed before it: got\n%s\nwant\n%s", got, want)
			}
			if got := tables(func(e *Engine, address string) { begun(e); exec(t, e.db, statement) }); got != want {
				t.Errorf("killed after it: got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestDowngradeInDoubt: before the first statement of a way down the row says that
// it is under way; and a statement that ran before the kill, and its record did
// not, is not run again, nor is what it dropped counted as a loss.
func TestDowngradeInDoubt(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	e := engine(t, MySQL, address, folder(t, v1, up1, v2, up2))
	upgrade(t, e, Upgrade{}, "∅→two applied [one/3 two/2] pending []")
	db := connect(t, address)
	exec(t, db, rows1, "UPDATE parents SET bio = 'x', score = 7")

	// Stopped before the second statement, as if by a kill.
	ctx, cancel := context.WithCancel(t.Context())
	var marked string
	e.Progress = func(p Progress) {
		if p.Stage == Running && p.Index == 1 {
			marked = query(t, db, "SELECT partial_hashes FROM atlas_schema_revisions WHERE version = '20260102000000'")
			cancel()
		}
	}
	if _, err := e.Downgrade(ctx, Downgrade{AllowDataLoss: true}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if marked != `["slipway:down 2"]` {
		t.Errorf("while the first statement ran the row said %s", marked)
	}
	e.Progress = nil
	status(t, e, "one→two applied [one/3] pending [two/1] incomplete failed two")

	// What ran of the way down is not to be edited.
	e.folder = folder(t, v1, up1, v2, strings.Replace(up2, "-- ALTER TABLE parents DROP COLUMN score;", "-- ALTER TABLE parents DROP score;", 1))
	if _, err := e.Downgrade(t.Context(), Downgrade{AllowDataLoss: true}); err == nil || !strings.Contains(err.Error(), "statement 1 of its way down, which ran, has been changed since") {
		t.Errorf("edited: got %v", err)
	}

	// The second statement ran, and the kill came before its record.
	e.folder = folder(t, v1, up1, v2, up2)
	exec(t, db, "ALTER TABLE parents DROP COLUMN bio")
	downgrade(t, e, Downgrade{}, "one→one applied [two/1] pending []")
	status(t, e, "one→two applied [one/3] pending [two/2]")
	upgrade(t, e, Upgrade{}, "one→two applied [two/2] pending []")
}
