package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/sqlite"

	"slipway/internal/migrate/schema"
	"slipway/internal/test/dbtest"
)

// TestTypeOf checks that TypeOf returns the types of a live SQLite database, and ignores other
// CHECKs.
func TestTypeOf(t *testing.T) {
	t.Parallel()
	same := map[string]string{ // types that have one CHECK
		"tinyint(1)": "bool", "bit(1)": "bool", "float": "double", "char(7)": "varchar(7)",
		"datetime": "datetime(6)", "datetime(6)": "datetime(6)", "timestamp(3)": "timestamp(6)", "time": "time(6)",
		"bit(64)": "bit(63)", "tinyblob": "varbinary(255)",
	}
	types := []string{"bool", "tinyint", "tinyint unsigned", "smallint", "smallint unsigned", "mediumint",
		"mediumint unsigned", "int", "int unsigned", "bigint", "bigint unsigned", "year", "bit(3)", "double", "decimal(4)",
		"decimal(10,2)", "decimal(12,12)", "decimal(6,2) unsigned", "decimal(20,2)", "decimal(20)", "decimal(20,20)",
		"decimal(20,2) unsigned", "varchar(80)", "varchar(0)", "varchar(255)", "tinytext", "text", "mediumtext", "longtext",
		"json", "enum('a','it''s','b,c')", "enum('integer')", "set('a','it''s','b')", "date",
		"binary(16)", "varbinary(16)", "blob", "mediumblob", "longblob"}
	for typ := range same {
		types = append(types, typ)
	}
	db := dbtest.Open(t, dbtest.SQLite(t))
	var columns strings.Builder
	for i, typ := range types {
		fmt.Fprintf(&columns, "  column \"c%d\" {\n    type = %s\n    null = true\n  }\n", i, asHCL(typ))
	}
	create(t, db, "sqlite", "table \"t\" {\n  schema = schema.app\n"+columns.String()+"}\n")
	const other = "CREATE TABLE other (a text, b text CONSTRAINT other_b_type CHECK (length(b) < 5))"
	if _, err := db.ExecContext(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	driver, err := sqlite.Open(db)
	if err != nil {
		t.Fatal(err)
	}
	live, err := driver.InspectSchema(t.Context(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	table, _ := live.Table("t")
	for i, typ := range types {
		want := typ
		if s := same[typ]; s != "" {
			want = s
		}
		got, ok := schema.TypeOf(table, table.Columns[i])
		if !ok {
			t.Errorf("%s: not read back", typ)
			continue
		}
		if text, err := mysql.FormatType(got); err != nil || text != want {
			t.Errorf("%s is read back as %s, %v", typ, text, err)
		}
	}
	foreign, _ := live.Table("other")
	for _, c := range foreign.Columns {
		if typ, ok := schema.TypeOf(foreign, c); ok {
			t.Errorf("other.%s is read back as %T", c.Name, typ)
		}
	}
}
