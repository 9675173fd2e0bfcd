package lint_test

import (
	"slices"
	"testing"

	"slipway/internal/test/dbtest"
)

// TestMethodOnMySQL: the predicted method of an ALTER TABLE is the one that the server uses.
// The server does not report whether it rebuilds the table in place, so both codes for work
// in place match INPLACE.
func TestMethodOnMySQL(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		// parts are what the table has besides id, a and v; want is the code of lint.
		parts, action, want string
	}{
		{"", "ADD COLUMN b int NULL", "SW401"},
		{"", "ADD COLUMN b datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)", "SW401"},
		{"", "ADD COLUMN b int NOT NULL DEFAULT (1 + 1)", "SW402"},
		{"", "ADD COLUMN b int AS (a + 1) VIRTUAL", "SW401"},
		{"", "ADD COLUMN b int AS (a + 1) STORED", "SW402"},
		{"b int AS (a + 1) VIRTUAL,", "DROP COLUMN b", "SW401"},
		{"", "DROP COLUMN a", "SW401"},
		{"KEY k (a, v),", "DROP COLUMN a", "SW404"},
		{"", "ADD INDEX k (v)", "SW401"},
		{"", "ADD INDEX k ((a + 1))", "SW403"},
		{"", "ADD UNIQUE INDEX k ((a + 1))", "SW402"},
		{"", "DROP PRIMARY KEY", "SW402"},
		{"CONSTRAINT c CHECK (a > 0) NOT ENFORCED,", "ALTER CHECK c ENFORCED", "SW402"},
		{"CONSTRAINT c CHECK (a > 0),", "ALTER CHECK c NOT ENFORCED", "SW401"},
		{"CONSTRAINT c CHECK (a > 0),", "DROP CHECK c", "SW401"},
		{"", "MODIFY COLUMN v varchar(20) COLLATE utf8mb4_bin NULL", "SW401"},
		{"KEY k (v),", "MODIFY COLUMN v varchar(20) COLLATE utf8mb4_bin NULL", "SW402"},
		{"UNIQUE KEY k (v(5)),", "MODIFY COLUMN v varchar(20) COLLATE utf8mb4_bin NULL", "SW402"},
	} {
		t.Run(x.parts+x.action, func(t *testing.T) {
			t.Parallel()
			table := "CREATE TABLE t (id int NOT NULL, a int NULL, v varchar(20) NULL, " + x.parts +
				" PRIMARY KEY (id)) CHARSET utf8mb4 COLLATE utf8mb4_0900_bin;"
			got := ""
			for _, f := range (fixture{before: table, file: "ALTER TABLE t " + x.action + ";"}).run(t) {
				if classOf(f) == "blocking" {
					got += f.Code
				}
			}
			if got != x.want {
				t.Errorf("lint says %q, want %q", got, x.want)
			}
			if server := serverMethod(t, table, x.action); !slices.Contains(server, got) {
				t.Errorf("lint says %q, the server one of %q", got, server)
			}
		})
	}
}

// serverMethod finds the least disruptive method with which the server runs an action, and
// returns its codes.
func serverMethod(t *testing.T, table, action string) []string {
	t.Helper()
	db := dbtest.Open(t, dbtest.MySQL(t))
	execute(t, db, table, "INSERT INTO t (id, a, v) VALUES (1, 1, 'a')")
	var err error
	for _, method := range []struct {
		clause string
		codes  []string
	}{
		{"ALGORITHM=INSTANT", []string{"SW401"}},
		{"ALGORITHM=INPLACE, LOCK=NONE", []string{"SW401", "SW404"}},
		{"ALGORITHM=INPLACE, LOCK=SHARED", []string{"SW403"}},
		{"ALGORITHM=COPY", []string{"SW402"}},
	} {
		if _, err = db.ExecContext(t.Context(), "ALTER TABLE t "+action+", "+method.clause); err == nil {
			return method.codes
		}
	}
	t.Fatalf("the server refuses %q: %v", action, err)
	return nil
}
