package run

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
)

// fingerprintSteps has groups of statements, with the changes of the fingerprint after each of them.
var fingerprintSteps = [][][2]string{
	{
		{"INSERT INTO p (id, n) VALUES (7, 7)", ""},
		{"UPDATE p SET n = 9", ""},
		{"DELETE FROM k", ""},
		{"ANALYZE TABLE p", ""},
		{"CREATE TABLE " + plan.JournalTable + " (id int)", ""},
		{"ALTER TABLE " + plan.RevisionTable + " ADD x int", ""},
		{"DO SLEEP(0)", ""},
		{"ALTER TABLE c AUTO_INCREMENT = 100", `table "c" was changed`},
	}, {
		{"CREATE TABLE x (id int)", `table "x" was added`},
		{"ALTER TABLE p ADD COLUMN x int", `table "p" was changed (column "x")`},
		{"ALTER TABLE p MODIFY COLUMN n bigint", `table "p" was changed (column "n")`},
		{"ALTER TABLE p ALTER COLUMN n SET DEFAULT 5", `table "p" was changed (column "n")`},
		{"ALTER TABLE p ADD INDEX (gone)", `table "p" was changed (index "gone")`},
		{"ALTER TABLE p ADD INDEX x ((n + 1))", `table "p" was changed (index "x")`},
		{"ALTER TABLE p ALTER INDEX p_n INVISIBLE", `table "p" was changed (index "p_n")`},
		{"DROP INDEX p_n ON p", `table "p" was changed (index "p_n")`},
	}, {
		{"ALTER TABLE p ADD CHECK (n < 100)", `table "p" was changed (check "p_chk_1")`},
		{"ALTER TABLE p ALTER CHECK p_c NOT ENFORCED", `table "p" was changed (check "p_c")`},
		{"ALTER TABLE p DROP CHECK p_c", `table "p" was changed (check "p_c")`},
		{"ALTER TABLE p COMMENT 'a word'", `table "p" was changed`},
		{"ALTER TABLE p CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", `table "p" was changed (column "t")`},
		{"ALTER TABLE p FORCE", `table "p" was changed`},
		{"OPTIMIZE TABLE p", `table "p" was changed`},
		{"RENAME TABLE p TO x", `foreign key "k_p" was dropped, foreign key "k_p" was added, ` +
			`table "p" was dropped, table "x" was added, trigger "p_bi" was dropped, trigger "p_bi" was added`},
	}, {
		{"CREATE TABLE x (id int PRIMARY KEY REFERENCES p (id))", `foreign key "x_ibfk_1" was added, table "x" was added`},
		{"ALTER TABLE p MODIFY COLUMN gone int AFTER id", `table "p" was changed`},
		{"ALTER TABLE p RENAME COLUMN n TO m", `table "p" was changed (column "m") (column "n") (index "p_n")`},
		{"ALTER TABLE p DROP COLUMN gone", `table "p" was changed (check "p_c") (column "gone")`},
		{"DROP TABLE x", `foreign key "x_ibfk_1" was dropped, table "x" was dropped`},
		{"ALTER TABLE p RENAME COLUMN id TO i",
			`foreign key "k_p" was changed, table "p" was changed (column "i") (column "id") (index "PRIMARY")`},
		{"DROP TABLE k", `foreign key "k_p" was dropped, table "k" was dropped`},
	}, {
		{"ALTER TABLE part PARTITION BY HASH (id) PARTITIONS 4", `table "part" was changed`},
		{"CREATE VIEW w AS SELECT 1 AS one", `view "w" was added`},
		{"ALTER VIEW v AS SELECT 1 AS n", `view "v" was changed`},
		{"DROP TRIGGER p_bi", `trigger "p_bi" was dropped`},
		{"CREATE TRIGGER p_bu BEFORE UPDATE ON p FOR EACH ROW SET NEW.n = 1", `trigger "p_bu" was added`},
		{"CREATE PROCEDURE r(IN a int) SELECT a", `procedure "r" was added`},
		{"CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DO SELECT 1", `event "e" was added`},
		{"ALTER DATABASE CHARACTER SET latin1", `database`},
	},
}

// TestFingerprint: the changes of the fingerprint after each statement. The statements of a group run one after the
// other on one database. All groups wait for a new second together.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	var databases []*sql.DB
	var before []fingerprint
	for range fingerprintSteps {
		db := migratetest.Connect(t, dbtest.MySQL(t))
		migratetest.Exec(t, db,
			"CREATE TABLE p (id int NOT NULL, n int, gone int, t varchar(9), PRIMARY KEY (id), INDEX p_n (n), "+
				"CONSTRAINT p_c CHECK (gone > 0))",
			"CREATE TABLE k (id int NOT NULL, p_id int, PRIMARY KEY (id), CONSTRAINT k_p FOREIGN KEY (p_id) REFERENCES p (id))",
			"CREATE TABLE part (id int NOT NULL, PRIMARY KEY (id))",
			"CREATE TABLE c (id int NOT NULL AUTO_INCREMENT, PRIMARY KEY (id))",
			"CREATE TABLE "+plan.RevisionTable+" (id int)",
			"CREATE VIEW v AS SELECT p.n, p.gone FROM p",
			"CREATE TRIGGER p_bi BEFORE INSERT ON p FOR EACH ROW SET NEW.gone = 3",
			"INSERT INTO p VALUES (1, 1, 1, 'a')", "INSERT INTO k VALUES (1, 1)")
		databases, before = append(databases, db), append(before, fingerprintOf(t, db))
	}
	session := []string{"SET time_zone = '+05:00', sql_mode = 'ANSI_QUOTES'",
		"SET time_zone = DEFAULT, sql_mode = DEFAULT"}
	longest := 0
	for _, group := range fingerprintSteps {
		longest = max(longest, len(group))
	}
	for step := range longest {
		time.Sleep(1100 * time.Millisecond) // CREATE_TIME has whole seconds
		for i, db := range databases {
			if step >= len(fingerprintSteps[i]) {
				continue
			}
			statement, want := fingerprintSteps[i][step][0], fingerprintSteps[i][step][1]
			migratetest.Exec(t, db, statement, session[step%2])
			after := fingerprintOf(t, db)
			if want == "database" {
				want = fmt.Sprintf("database %q was changed", migratetest.Query(t, db, "SELECT DATABASE()"))
			}
			if got := describeChanges(before[i].changes(after)); got != want {
				t.Errorf("%s: got %s, want %s", statement, got, want)
			}
			before[i] = after
		}
	}
}

// fingerprintOf returns a fingerprint after a round trip through JSON. It equals the one of a
// query that has all parts.
func fingerprintOf(t testing.TB, db querier) fingerprint {
	t.Helper()
	f, err := readFingerprint(func(query string) (*sql.Rows, error) { return db.QueryContext(t.Context(), query) })
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, p := range fingerprintParts {
		kinds[p.kind] = true
	}
	all := fingerprintQuery(kinds)
	whole, err := readFingerprint(func(string) (*sql.Rows, error) {
		query := all
		all = "SELECT '', '', NULL WHERE FALSE" // the second query has nothing more to read
		return db.QueryContext(t.Context(), query)
	})
	if changes := describeChanges(f.changes(whole)); err != nil || changes != "" {
		t.Errorf("with all parts: %s, %v", changes, err)
	}
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var again fingerprint
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f, again) {
		t.Errorf("read back: got %v, want %v", again, f)
	}
	return again
}

// BenchmarkFingerprint measures the time for the fingerprint of a schema.
func BenchmarkFingerprint(b *testing.B) {
	for _, tables := range []int{10, 500} {
		b.Run(fmt.Sprint(tables), func(b *testing.B) {
			db := migratetest.Connect(b, dbtest.MySQL(b))
			for i := range tables {
				migratetest.Exec(b, db, fmt.Sprintf("CREATE TABLE t%d (id int NOT NULL AUTO_INCREMENT, parent int, name "+
					"varchar(80) NOT "+
					"NULL, a int, b int, c text,"+
					" d datetime(6), e decimal(10,2), f json, PRIMARY KEY (id), UNIQUE (name), INDEX (a, b), CHECK (a > 0),"+
					" FOREIGN KEY (parent) REFERENCES t%d (id))", i, max(i-1, 0)))
			}
			conn, err := db.Conn(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			c := connection{prepared: map[string]*sql.Stmt{}}
			c.Conn, c.end = plan.NewConn(conn)
			defer c.close()
			var size int
			for b.Loop() {
				f, err := c.fingerprint(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				text, err := json.Marshal(f)
				if err != nil {
					b.Fatal(err)
				}
				size = len(text)
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
