package verify

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// rowsEach is the number of rows that addRows inserts into each table.
const rowsEach = 3

// addRows inserts rows into all tables of a schema.hcl. Each row has different values and
// references to the rows of the same number. The first row has NULL in nullable columns.
func addRows(t *testing.T, db *sql.DB, dialect string, text []byte) {
	t.Helper()
	if len(text) == 0 {
		return
	}
	migratetest.Exec(t, db,
		map[string]string{plan.MySQL: "SET foreign_key_checks = 0", plan.SQLite: "PRAGMA foreign_keys = off"}[dialect])
	for _, table := range declaredTables(t, text) {
		for row := 1; row <= rowsEach; row++ {
			var names, values []string
			for _, c := range table.Columns {
				names = append(names, plan.Quote(c.Name))
				values = append(values, rowValue(dialect, c, row))
			}
			migratetest.Exec(t, db,
				fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", plan.Quote(table.Name), strings.Join(names, ", "),
					strings.Join(values, ", ")))
		}
	}
	migratetest.Exec(t, db,
		map[string]string{plan.MySQL: "SET foreign_key_checks = 1", plan.SQLite: "PRAGMA foreign_keys = on"}[dialect])
}

func rowValue(dialect string, c *schema.Column, row int) string {
	if row == 1 && c.Type.Null {
		return "NULL"
	}
	switch typ := c.Type.Type.(type) {
	case *schema.StringType:
		short := typ.Size
		if len(c.ForeignKeys) > 0 || 0 < short && short < 20 || strings.Contains(c.Name, "handle") || c.Name == "age" {
			return fmt.Sprintf("'%d'", row)
		}
		return fmt.Sprintf("'%s %d ä;''--'", c.Name, row)
	case *schema.TimeType:
		switch typ.T {
		case "date":
			return fmt.Sprintf("'2001-02-0%d'", row)
		case "time":
			return fmt.Sprintf("'04:05:0%d'", row)
		case "year":
			return fmt.Sprintf("200%d", row)
		}
		return fmt.Sprintf("'2001-02-0%d 04:05:06.000007'", row)
	case *schema.BoolType:
		return fmt.Sprint(row % 2)
	case *schema.DecimalType:
		if dialect == plan.SQLite {
			return declared.SQLiteDecimal(typ, fmt.Sprint(row))
		}
	case *schema.BinaryType:
		if dialect == plan.SQLite {
			return declared.SQLiteBytes(typ, fmt.Sprint(row))
		}
		return fmt.Sprintf("'%d'", row)
	case *schema.JSONType:
		return fmt.Sprintf("'[%d]'", row)
	case *schema.EnumType:
		return "'" + typ.Values[0] + "'"
	case *mysql.SetType:
		return "''"
	}
	if c.Name == "age" {
		return fmt.Sprint(row + 20) // there are checks on it
	}
	return fmt.Sprint(row)
}

// declaredTables returns the tables of a schema.hcl in MySQL's terms.
func declaredTables(t *testing.T, text []byte) []*schema.Table {
	t.Helper()
	s, err := declared.MySQL("schema.hcl", text)
	if err != nil {
		t.Fatal(err)
	}
	return s.Tables
}

// sameRows compares two dumps, without the tables and columns in leave. If rows were filled, it
// does not compare values that were NULL.
func sameRows(t *testing.T, before, after string, leave []string, filled bool) {
	t.Helper()
	a, b := left(before, leave), left(after, leave)
	same := len(a) == len(b)
	for i := range a {
		same = same && (a[i] == b[i] || filled && strings.HasSuffix(a[i], "NULL"))
	}
	if !same {
		t.Errorf("rows before\n%s\nand after\n%s\nwithout %v", before, after, leave)
	}
}

// left returns the lines of a dump without the tables and columns in leave.
func left(dump string, leave []string) (lines []string) {
	table := ""
	for line := range strings.Lines(dump) {
		name := strings.TrimSpace(line)
		if !strings.HasPrefix(line, " ") {
			table = name
		} else {
			column, _, _ := strings.Cut(name, ".")
			name = table + "." + name
			if slices.Contains(leave, table+"."+column) {
				continue
			}
		}
		if !slices.Contains(leave, table) {
			lines = append(lines, name)
		}
	}
	return lines
}

// dumpRows returns all rows of the tables of a schema.hcl, without the tables and columns in
// leave.
func dumpRows(t *testing.T, db *sql.DB, dialect string, text []byte, leave []string) string {
	t.Helper()
	if len(text) == 0 {
		return ""
	}
	var b strings.Builder
	for _, table := range declaredTables(t, text) {
		if slices.Contains(leave, table.Name) {
			continue
		}
		fmt.Fprintln(&b, table.Name)
		for _, c := range table.Columns {
			if !slices.Contains(leave, table.Name+"."+c.Name) {
				for i, value := range migratetest.QueryLines(t, db, fmt.Sprintf("SELECT CASE WHEN %[1]s IS NULL THEN 'NULL' ELSE "+
					"%[1]s END FROM %[2]s ORDER BY %[3]s",
					plan.Quote(c.Name), plan.Quote(table.Name), plan.Quote(table.Columns[0].Name))) {
					fmt.Fprintf(&b, "  %s.%d=%s\n", c.Name, i+1, strings.Join(strings.Fields(value), "␣"))
				}
			}
		}
	}
	return b.String()
}
