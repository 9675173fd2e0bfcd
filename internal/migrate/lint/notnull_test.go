package lint_test

import (
	"testing"

	"slipway/internal/test/dbtest"
)

// TestNotNullOnMySQL: for a NOT NULL column without a default, the server rejects the
// statement on a table with a row if lint reports MF103, and sets an implicit default if lint
// reports MY101.
func TestNotNullOnMySQL(t *testing.T) {
	t.Parallel()
	const table = "CREATE TABLE t (id bigint NOT NULL PRIMARY KEY);"
	for _, kind := range []string{"int", "bigint unsigned", "bool", "decimal(5,2)", "double", "bit(3)", "varchar(20)",
		"char(3)",
		"text", "longtext", "varbinary(5)", "blob", "enum('a','b')", "set('a','b')", "json", "date", "datetime",
		"datetime(6)",
		"timestamp", "time", "year", "point", "geometry"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			add := "ALTER TABLE t ADD COLUMN c " + kind + " NOT NULL"
			db := dbtest.Open(t, dbtest.MySQL(t))
			execute(t, db, table, "INSERT INTO t VALUES (1)")
			_, err := db.ExecContext(t.Context(), add)
			want := "MY101"
			if err != nil {
				want = "MF103"
			}
			got := ""
			for _, f := range (fixture{before: table, file: add + ";"}).run(t) {
				if f.Code == "MY101" || f.Code == "MF103" {
					got += f.Code
				}
			}
			if got != want {
				t.Errorf("lint says %s, the server %s (%v)", got, want, err)
			}
		})
	}
}
