package lint

import (
	"testing"

	"slipway/internal/migration/ddl"
)

// TestNotNullOnMySQL: what lint says of a NOT NULL column without a default is
// what the server does with a table that has a row: it refuses (MF103), or fills
// in a value of its own (MY101).
func TestNotNullOnMySQL(t *testing.T) {
	t.Parallel()
	server := connect(t)
	const table = "CREATE TABLE t (id bigint NOT NULL PRIMARY KEY);"
	for _, kind := range []string{"int", "bigint unsigned", "bool", "decimal(5,2)", "double", "bit(3)", "varchar(20)", "char(3)", "text", "longtext",
		"varbinary(5)", "blob", "enum('a','b')", "set('a','b')", "json", "date", "datetime", "datetime(6)", "timestamp", "time", "year", "point", "geometry"} {
		server.exec(t, "DROP TABLE IF EXISTS t; "+table+" INSERT INTO t VALUES (1)")
		_, err := server.db.ExecContext(t.Context(), "ALTER TABLE t ADD COLUMN c "+kind+" NOT NULL")
		want := "MY101"
		if err != nil {
			want = "MF103"
		}
		got := ""
		file := readFile(t, ddl.MySQL, "1.sql", "ALTER TABLE t ADD COLUMN c "+kind+" NOT NULL;")
		for _, f := range Run(state(t, ddl.MySQL, table), ddl.MySQL, []File{file}, Options{}) {
			if f.Code == "MY101" || f.Code == "MF103" {
				got += f.Code
			}
		}
		if got != want {
			t.Errorf("%s: lint says %s, the server %s (%v)", kind, got, want, err)
		}
	}
}
