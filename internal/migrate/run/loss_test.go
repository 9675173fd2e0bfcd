package run

import (
	"fmt"
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
)

// TestLossFromText: without snapshots and a scratch database, the loss is derived from the
// text of hand-written down statements.
func TestLossFromText(t *testing.T) {
	t.Parallel()
	const up = "CREATE TABLE t (id int NOT NULL, a int NULL, d decimal(10,2) NULL, s varchar(9) NULL DEFAULT 'x', " +
		"PRIMARY KEY (id), INDEX t_a (a));\n" +
		"CREATE TABLE u (id int NOT NULL, PRIMARY KEY (id));\n" +
		"INSERT INTO t (id, a, d) VALUES (1, 1, 1.5), (2, NULL, NULL);\n\n-- slipway:down\n"
	e := engine(t, plan.MySQL, dbtest.MySQL(t), migratetest.Folder(t, migratetest.V1, up))
	if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
		t.Fatal(err)
	}
	e.Scratch = nil
	for down, want := range map[string]string{
		"DROP TABLE t;":                                                     "[t (2 rows)]",
		"DROP TABLE IF EXISTS `u`;":                                         "[u (0 rows)]",
		"ALTER TABLE t DROP COLUMN a;":                                      "[t.a (1 value)]",
		"ALTER TABLE `t` DROP `s`;":                                         "[t.s (0 values)]",
		"ALTER TABLE t DROP gone;":                                          "[t.gone (0 values)]",
		"ALTER TABLE t RENAME TO v;\nDROP TABLE v;":                         "[t (2 rows)]",
		"RENAME TABLE t TO v;\nDROP TABLE v;":                               "[t (2 rows)]",
		"ALTER TABLE t RENAME COLUMN a TO b;\nALTER TABLE t DROP COLUMN b;": "[t.a (1 value)]",
		"ALTER TABLE t DROP COLUMN a;\nDROP TABLE t;":                       "[t (2 rows)]",
		"ALTER TABLE t MODIFY COLUMN a bigint NULL;":                        "[]",
		"ALTER TABLE t MODIFY d int NULL;":                                  "[t.d (1 value)]",
		"ALTER TABLE t DROP INDEX t_a;\nALTER TABLE t ADD UNIQUE (a);":      "[]",
		"DELETE FROM t WHERE a = 1;\nTRUNCATE u;":                           "[t (1 row) u (0 rows)]",
		"INSERT INTO u VALUES (1);\nCREATE INDEX i ON t (s);":               "[]",
		"ALTER TABLE t ADD x int, DROP COLUMN a;": "[the effect of \"ALTER TABLE t ADD x int, " +
			"DROP COLUMN a;\" on rows is unknown]",
	} {
		e.Migrations = migratetest.Under{plan.MySQL: migratetest.Folder(t, migratetest.V1, up+commented(down))}
		report, err := e.Downgrade(t.Context(), Downgrade{DryRun: true})
		if got := fmt.Sprint(report.Loss); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", down, got, err, want)
		}
	}
}

// commented returns SQL as a down section.
func commented(text string) (comments string) {
	for line := range strings.Lines(text) {
		comments += "-- " + line
	}
	return comments
}
