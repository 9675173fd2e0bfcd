package schema_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
	_ "modernc.org/sqlite" // the driver that dbtest.Open expects

	"slipway/internal/migrate/schema"
	"slipway/internal/test/dbtest"
)

// typeValues has SQL literals for each type: those that MySQL accepts, and those that it rejects.
// SQLite must accept and reject the same.
var typeValues = []struct{ typ, takes, refuses string }{
	{"bool", "0, 1, true, false, NULL", "'yes', 2.5e300"},
	{"tinyint", "-128, 127, NULL", "-129, 128, 'x', ''"},
	{"tinyint unsigned", "0, 255", "-1, 256, 'x'"},
	{"smallint", "-32768, 32767", "-32769, 32768, 'x'"},
	{"mediumint", "-8388608, 8388607", "-8388609, 8388608"},
	{"int", "-2147483648, 2147483647, '12'", "-2147483649, 2147483648, 'x', '1x'"},
	{"int unsigned", "0, 4294967295", "-1, 4294967296"},
	{"bigint", "-9223372036854775808, 9223372036854775807, NULL", "9223372036854775808, -9223372036854775809, 'x'"},
	{"bigint unsigned", "0, 9223372036854775807", "-1, 'x'"},
	{"float", "0, -1.5, '2.5'", "'x'"},
	{"double", "0, -1.5, 1.7976931348623157e308, NULL", "'x', ''"},
	{"decimal(10,2)", "0, -1.5, 99999999.99, -99999999.99, '7.25', NULL", "100000000, -100000000, 'x'"},
	{"decimal(4)", "9999, -9999", "10000"},
	{"decimal(6,2) unsigned", "0, 9999.99", "-0.01, 10000"},
	{"decimal(20,2)", "'0.00', '-1.50', '123456789012345678.99', '-123456789012345678.99', NULL",
		"'1234567890123456789.00', '-1234567890123456789.00', 'x', '1.2.00', '--1.00'"},
	{"decimal(20)", "'12345678901234567890', '-5'", "'123456789012345678901', '-', 'x'"},
	{"decimal(20,2) unsigned", "'0.00', '1.50'", "'-1.00'"},
	{"decimal(20,20)", "'0.12345678901234567890', '-0.00000000000000000001'", "'1.00000000000000000000'"},
	{"char(3)", "'', 'abc', 'äöü'", "'abcd', 'äöüß'"},
	{"varchar(5)", "'', 'abcde', '12345', 'äöüßé', '😀😀😀😀😀', NULL", "'abcdef', 'äöüßéa'"},
	{"tinytext", "'" + strings.Repeat("a", 255) + "'", "'" + strings.Repeat("a", 256) + "', '" +
		strings.Repeat("ä", 128) + "'"},
	{"text", "'" + strings.Repeat("a", 65535) + "'", "'" + strings.Repeat("a", 65536) + "'"},
	{"longtext", "'', '" + strings.Repeat("a", 70000) + "', NULL", ""},
	{"enum('new','it''s','a,b')", "'new', 'it''s', 'a,b', NULL", "'old', 'x'"},
	{`enum("it's", "b")`, "'it''s'", "'it'"},
	{"set('a','b','c')", "'', 'a', 'a,c', 'a,b,c', NULL", "'d', 'a,d'"},
	{"json", `'{"a": [1, 2]}', 'null', '"x"', NULL`, "'{', ''"},
	{"json", `'1e2', '"é"', '[[]]', '-0'`, `'01', '[1,]', '{a:1}'`},
	{"date", "'1000-01-01', '9999-12-31'", "'2026-00-01', '2026-01-00', '0000-00-00', '10000-01-01'"},
	{"date", "'2026-01-31', '2024-02-29', NULL", "'2026-02-29', '2026-13-01', 'x', ''"},
	{"datetime(6)", "'2026-01-31 23:59:59', '2026-01-31 23:59:59.999999', '2026-01-31 12:00:00.5', NULL",
		"'2026-02-30 00:00:00', '2026-01-31 24:00:01', '2026-01-31 23:60:00', 'x', ''"},
	{"timestamp", "'1970-01-01 00:00:01', '2038-01-19 03:14:07', NULL",
		"'1969-12-31 00:00:00', '2038-01-19 03:14:08', 'x'"},
	{"time", "'00:00:00', '-12:30:00', '838:59:59', NULL", "'12:60:00', 'x'"},
	{"time(6)", "'12:34:56.5', '-838:59:59', '99:59:59.123456', '838:59:59.000'",
		"'839:00:00', '-900:00:00', '12:00:60', '--12:00:00', '838:59:59.5'"},
	{"binary(3)", "x'010203'", "x'01020304'"},
	{"bit(1)", "0, 1, NULL", "2, 3"},
	{"year", "1901, 2155, 0", "1900, 2156, 'x'"},
	{"binary(2)", "x'0102', NULL", "x'010203'"},
	{"varbinary(2)", "x'', x'0102'", "x'010203'"},
	{"tinyblob", "x'" + strings.Repeat("00", 255) + "'", "x'" + strings.Repeat("00", 256) + "'"},
}

// TestTypeValues checks that the CHECK on SQLite accepts exactly the values that the MySQL type
// accepts.
func TestTypeValues(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		dialect, _, _ := strings.Cut(url, "://")
		db := dbtest.Open(t, url)
		for i, c := range typeValues {
			table := fmt.Sprintf("t%d", i)
			create(t, db, dialect,
				fmt.Sprintf("table %q {\n  schema = schema.app\n  column \"v\" {\n    type = %s\n    null = true\n  }\n}\n",
					table, asHCL(c.typ)))
			insert := func(value string) error {
				_, err := db.ExecContext(t.Context(), "INSERT INTO "+table+" (v) VALUES ("+value+")")
				return err
			}
			for _, value := range split(c.takes) {
				if err := insert(value); err != nil {
					t.Errorf("%s rejects %s: %v", c.typ, short(value), err)
				}
			}
			for _, value := range split(c.refuses) {
				err := insert(value)
				if err == nil {
					t.Errorf("%s accepts %s", c.typ, short(value))
				} else if name := "t" + fmt.Sprint(i) + "_v_type"; dialect == "sqlite" && !strings.Contains(err.Error(), name) {
					t.Errorf("%s rejects %s, but not because of %s: %v", c.typ, short(value), name, err)
				}
			}
		}
	})
}

// TestDefaults checks that the default of a column is valid for its type, and the same on both
// dialects.
func TestDefaults(t *testing.T) {
	t.Parallel()
	for typ, c := range map[string]struct{ written, stored string }{
		"bool":           {"true", "1"},
		"int":            {"-7", "-7"},
		"double":         {"1.5", "1.5"},
		"decimal(10,2)":  {"1.25", "1.25"},
		"decimal(20,2)":  {"1.5", "1.50"},
		"decimal(30,10)": {`sql("-12e3")`, "-12000.0000000000"},
		"varchar(20)":    {`"it's"`, "it's"},
		"longtext":       {`"it's"`, "it's"},
		"json":           {`"{}"`, "{}"},
		"date":           {`"2026-01-31"`, "2026-01-31"},
		"year":           {"2026", "2026"},
		"binary(4)":      {`"ab"`, "ab\x00\x00"},
		"varbinary(4)":   {`"ab"`, "ab"},
		`enum("a", "b")`: {`"b"`, "b"},
		`set("a", "b")`:  {`"a,b"`, "a,b"},
	} {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, url string) {
				dialect, _, _ := strings.Cut(url, "://")
				db := dbtest.Open(t, url)
				create(t, db, dialect, fmt.Sprintf("table \"t\" {\n  schema = schema.app\n  column \"id\" {\n    type = int\n  }\n"+
					"  column \"v\" {\n    type    = %s\n    default = %s\n  }\n}\n", asHCL(typ), c.written))
				if dialect == "mysql" && (typ == "longtext" || typ == "json") {
					return // the application writes it
				}
				var got string
				if _, err := db.ExecContext(t.Context(), "INSERT INTO t (id) VALUES (1)"); err != nil {
					t.Fatal(err)
				}
				if err := db.QueryRowContext(t.Context(), "SELECT v FROM t").Scan(&got); err != nil {
					t.Fatal(err)
				}
				if got = strings.TrimSuffix(got, "T00:00:00Z"); got != c.stored {
					t.Errorf("the default is %q, want %q", got, c.stored)
				}
			})
		})
	}
}

// create creates the tables of a schema.hcl without its schema block, and checks that the live
// database equals it.
func create(t *testing.T, db *sql.DB, dialect, tables string) {
	t.Helper()
	text := []byte("schema \"app\" {}\n" + tables)
	read, plan := schema.MySQL, mysql.DefaultPlan
	if dialect == "sqlite" {
		read, plan = schema.SQLite, sqlite.DefaultPlan
	}
	declared, err := read("schema.hcl", text)
	if err != nil {
		t.Fatal(err)
	}
	var changes []atlas.Change
	for _, table := range declared.Tables {
		changes = append(changes, &atlas.AddTable{T: table})
	}
	unqualified := ""
	made, err := plan.PlanChanges(t.Context(), "", changes,
		func(o *migrate.PlanOptions) { o.SchemaQualifier = &unqualified })
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range made.Changes {
		if _, err := db.ExecContext(t.Context(), c.Cmd); err != nil {
			t.Fatalf("%v\n%s", err, c.Cmd)
		}
	}
}

// asHCL returns a type in the syntax of schema.hcl.
func asHCL(typ string) string {
	if strings.Contains(typ, `"`) {
		return typ
	}
	return fmt.Sprintf("sql(%q)", typ)
}

// split separates SQL literals at the commas outside quotes.
func split(list string) (values []string) {
	inQuotes := false
	for _, part := range strings.Split(list, ", ") {
		if inQuotes {
			values[len(values)-1] += ", " + part
		} else if part != "" {
			values = append(values, part)
		}
		inQuotes = len(values) > 0 && strings.Count(values[len(values)-1], "'")%2 == 1
	}
	return values
}

func short(value string) string {
	if len(value) > 60 {
		return fmt.Sprintf("%s… (%d bytes)", value[:20], len(value))
	}
	return value
}
