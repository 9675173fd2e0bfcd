package lint_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
)

// conversions are changes of a column's type, with boundary values of the old type and the
// code of the violated rule; "" if no value changes.
var conversions = []struct {
	from, to string
	values   []string
	code     string
}{
	{"varchar(20)", "varchar(40)", []string{"'12345678901234567890'"}, ""},
	{"varchar(20)", "varchar(10)", []string{"'12345678901234567890'"}, "SW301"},
	{"varchar(20)", "text", []string{"'12345678901234567890'"}, ""},
	{"varchar(200)", "tinytext", []string{"repeat('ä', 200)"}, "SW301"},
	{"varchar(60)", "tinytext", []string{"repeat('ä', 60)"}, ""},
	{"text", "varchar(200)", []string{"repeat('x', 300)"}, "SW301"},
	{"longtext", "text", []string{"repeat('x', 70000)"}, "SW301"},
	{"text", "longtext", []string{"repeat('x', 60000)"}, ""},
	{"char(5)", "varchar(5)", []string{"'abcde'"}, ""},
	{"varbinary(10)", "varbinary(5)", []string{"repeat('x', 10)"}, "SW301"},
	{"varbinary(10)", "blob", []string{"repeat('x', 10)"}, ""},
	{"varchar(10)", "varbinary(10)", []string{"repeat('ä', 10)"}, "SW301"},
	{"varchar(10)", "varbinary(40)", []string{"repeat('ä', 10)"}, ""},
	{"varbinary(10)", "varchar(10)", []string{"x'ff'"}, "SW307"},

	{"int", "bigint", []string{"-2147483648", "2147483647"}, ""},
	{"int", "smallint", []string{"2147483647"}, "SW302"},
	{"int", "int unsigned", []string{"-1"}, "SW302"},
	{"int unsigned", "int", []string{"4294967295"}, "SW302"},
	{"int unsigned", "bigint", []string{"4294967295"}, ""},
	{"bool", "int", []string{"-128", "127"}, ""},
	{"int", "bool", []string{"300"}, "SW302"},
	{"int", "decimal(10,0)", []string{"-2147483648"}, ""},
	{"int", "decimal(10,2)", []string{"2147483647"}, "SW302"},
	{"int", "decimal(12,2) unsigned", []string{"-1"}, "SW302"},
	{"int", "double", []string{"2147483647"}, ""},
	{"int", "float", []string{"2147483647"}, "SW303"},
	{"bigint", "double", []string{"9223372036854775807"}, "SW303"},
	{"int", "varchar(11)", []string{"-2147483648"}, ""},
	{"int", "varchar(10)", []string{"-2147483648"}, "SW301"},
	{"int unsigned", "varchar(10)", []string{"4294967295"}, ""},
	{"int", "date", []string{"5"}, "SW307"},

	{"decimal(10,2)", "decimal(12,4)", []string{"99999999.99"}, ""},
	{"decimal(10,2)", "decimal(10,4)", []string{"99999999.99"}, "SW302"},
	{"decimal(10,2)", "decimal(10,1)", []string{"1.25"}, "SW303"},
	{"decimal(10,2)", "decimal(10,2) unsigned", []string{"-1.5"}, "SW302"},
	{"decimal(10,2)", "varchar(13)", []string{"-99999999.99"}, ""},
	{"decimal(10,2)", "varchar(5)", []string{"-99999999.99"}, "SW301"},
	{"decimal(20,2)", "double", []string{"123456789012345678.99"}, "SW303"},
	{"double", "float", []string{"1.23456789012"}, "SW303"},
	{"float", "double", []string{"0.5"}, ""},
	{"double", "int", []string{"1.5"}, "SW303"},

	{"datetime(6)", "datetime", []string{"'2020-01-02 03:04:05.678901'"}, "SW304"},
	{"datetime", "datetime(6)", []string{"'2020-01-02 03:04:05'"}, ""},
	{"datetime", "date", []string{"'2020-01-02 03:04:05'"}, "SW304"},
	{"date", "datetime", []string{"'2020-01-02'"}, ""},
	{"datetime", "timestamp", []string{"'1900-01-01 00:00:00'"}, "SW304"},
	{"datetime(6)", "varchar(26)", []string{"'2020-01-02 03:04:05.678901'"}, ""},
	{"datetime(6)", "varchar(20)", []string{"'2020-01-02 03:04:05.678901'"}, "SW301"},
	{"datetime", "bigint", []string{"'2020-01-02 03:04:05'"}, "SW307"},

	{"enum('a','b')", "enum('a','b','c')", []string{"'b'"}, ""},
	{"enum('a','b')", "enum('b','a')", []string{"'a'", "'b'"}, ""},
	{"enum('a','b')", "enum('a')", []string{"'b'"}, "SW305"},
	{"enum('a','bcd')", "varchar(3)", []string{"'bcd'"}, ""},
	{"enum('a','bcd')", "varchar(2)", []string{"'bcd'"}, "SW301"},
	{"enum('a','b')", "set('a','b')", []string{"'b'"}, ""},
	{"set('a','b')", "set('b')", []string{"'a,b'"}, "SW305"},
	{"set('a','b')", "enum('a','b')", []string{"'a,b'"}, "SW305"},
	{"set('a','b')", "varchar(3)", []string{"'a,b'"}, ""},
	{"varchar(10)", "enum('a')", []string{"'x'"}, "SW305"},

	{"varchar(10)", "varchar(10) CHARACTER SET latin1", []string{"'日本'"}, "SW306"},
	{"varchar(10)", "varchar(10) CHARACTER SET utf8mb3", []string{"'😀'"}, "SW306"},
	{"varchar(10) CHARACTER SET latin1", "varchar(10) CHARACTER SET utf8mb3", []string{"'ä'"}, ""},
	{"varchar(10) CHARACTER SET ascii", "varchar(10) CHARACTER SET latin1", []string{"'a'"}, ""},
	{"varchar(10) CHARACTER SET utf8mb3", "varchar(10) CHARACTER SET utf8mb4", []string{"'日本'"}, ""},
	{"varchar(10)", "int", []string{"'12x'"}, "SW307"},
	{"varchar(10)", "json", []string{"'x'"}, "SW307"},
	{"json", "longtext", []string{`'{"a": 1}'`}, ""},
	{"point", "int", []string{"ST_GeomFromText('POINT(1 1)')"}, "SW307"},
}

// TestConversions: lint reports narrowing and not widening. The server confirms it: it keeps
// all boundary values, or it rejects or changes one.
func TestConversions(t *testing.T) {
	t.Parallel()
	for _, c := range conversions {
		t.Run(c.from+" to "+c.to, func(t *testing.T) {
			t.Parallel()
			table := "CREATE TABLE t (id int NOT NULL PRIMARY KEY, c " + c.from +
				" NULL) CHARSET utf8mb4 COLLATE utf8mb4_0900_bin;"
			statement := "ALTER TABLE t MODIFY COLUMN c " + c.to + " NULL;"
			code := ""
			for _, f := range (fixture{before: table, file: statement}).run(t) {
				if classOf(f) == "narrowing" {
					code += f.Code
				}
			}
			if code != c.code {
				t.Errorf("lint says %q, want %q", code, c.code)
			}
			db := dbtest.Open(t, dbtest.MySQL(t))
			execute(t, db, table)
			for i, v := range c.values {
				execute(t, db, fmt.Sprintf("INSERT INTO t VALUES (%d, %s)", i, v))
			}
			before := values(t, db, c.from)
			_, err := db.ExecContext(t.Context(), statement)
			kept := err == nil && slices.EqualFunc(before, values(t, db, c.from), sameValue)
			if kept != (code == "") {
				t.Errorf("lint says %q, and the server keeps the values: %v (%v)", code, kept, err)
			}
		})
	}
}

func execute(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// values returns the values of the column c as text.
func values(t *testing.T, db *sql.DB, kind string) (all []string) {
	t.Helper()
	expression := "CAST(c AS CHAR)"
	if kind == "point" {
		expression = "HEX(c)"
	}
	rows, err := db.QueryContext(t.Context(), "SELECT "+expression+" FROM t ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var v sql.NullString
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// sameValue compares values as text. It ignores trailing zeros after the decimal point and
// the time of a date.
func sameValue(a, b string) bool {
	trim := func(v string) string {
		v = strings.TrimSuffix(v, " 00:00:00")
		if strings.Contains(v, ".") {
			v = strings.TrimRight(strings.TrimRight(v, "0"), ".")
		}
		return v
	}
	return trim(a) == trim(b)
}

// TestStatedOnMySQL: the server rejects the ALGORITHM or LOCK of a fixture exactly if lint
// reports it.
func TestStatedOnMySQL(t *testing.T) {
	t.Parallel()
	n := 0
	for _, x := range slices.Concat(hazards, harmless) {
		if !strings.Contains(x.file, "ALGORITHM") && !strings.Contains(x.file, "LOCK=") {
			continue
		}
		n++
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			db := dbtest.Open(t, dbtest.MySQL(t))
			execute(t, db, strings.Split(mysqlTables, "\n")...)
			var err error
			for statement := range strings.SplitSeq(strings.TrimSuffix(x.file, ";"), ";") {
				if _, refused := db.ExecContext(t.Context(), statement); refused != nil {
					err = refused
				}
			}
			says := strings.Contains(strings.Join(x.want, " "), "SW405")
			if says != (err != nil) {
				t.Errorf("lint says it is refused: %v, the server: %v", says, err)
			}
		})
	}
	if n < 8 {
		t.Errorf("only %d fixtures ask for an ALGORITHM or a LOCK", n)
	}
}
