package migration

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// rowsEach is how many rows addRows gives each table.
const rowsEach = 3

// addRows puts rows into all tables of a schema.hcl: a value that is another one
// in each row, NULL in the first row where it is allowed, and references to the
// row of the same number.
func addRows(t *testing.T, db *sql.DB, dialect string, text []byte) {
	t.Helper()
	if len(text) == 0 {
		return
	}
	exec(t, db, map[string]string{MySQL: "SET foreign_key_checks = 0", SQLite: "PRAGMA foreign_keys = off"}[dialect])
	for _, table := range declaredTables(t, text) {
		for row := 1; row <= rowsEach; row++ {
			var names, values []string
			for _, c := range table.Columns {
				names = append(names, quote(c.Name))
				values = append(values, rowValue(dialect, c, row))
			}
			exec(t, db, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", quote(table.Name), strings.Join(names, ", "), strings.Join(values, ", ")))
		}
	}
	exec(t, db, map[string]string{MySQL: "SET foreign_key_checks = 1", SQLite: "PRAGMA foreign_keys = on"}[dialect])
}

func rowValue(dialect string, c *schema.Column, row int) string {
	if row == 1 && c.Type.Null {
		return "NULL"
	}
	switch familyOf(c.Type.Type) {
	case familyText:
		short := c.Type.Type.(*schema.StringType).Size
		if len(c.ForeignKeys) > 0 || 0 < short && short < 20 || strings.Contains(c.Name, "handle") || c.Name == "age" {
			return fmt.Sprintf("'%d'", row)
		}
		return fmt.Sprintf("'%s %d ä;''--'", c.Name, row)
	case familyTime:
		switch c.Type.Type.(*schema.TimeType).T {
		case "date":
			return fmt.Sprintf("'2001-02-0%d'", row)
		case "time":
			return fmt.Sprintf("'04:05:0%d'", row)
		case "year":
			return fmt.Sprintf("200%d", row)
		}
		return fmt.Sprintf("'2001-02-0%d 04:05:06.000007'", row)
	case familyBool:
		return fmt.Sprint(row % 2)
	case familyDecimal:
		return literal{kind: literalNumber, text: fmt.Sprint(row)}.sql(dialect, c.Type.Type)
	case familyBinary:
		return literal{kind: literalText, text: fmt.Sprint(row)}.sql(dialect, c.Type.Type)
	case familyJSON:
		return fmt.Sprintf("'[%d]'", row)
	case familyEnum:
		zero, _ := zeroOf(c.Type.Type)
		return zero.sql(dialect, c.Type.Type)
	}
	if c.Name == "age" {
		return fmt.Sprint(row + 20) // there are checks on it
	}
	return fmt.Sprint(row)
}

// declaredTables are the tables of a schema.hcl in MySQL's terms.
func declaredTables(t *testing.T, text []byte) []*schema.Table {
	t.Helper()
	s, err := declared.MySQL("schema.hcl", text)
	if err != nil {
		t.Fatal(err)
	}
	return s.Tables
}

// sameRows compares two dumps. Where rows were filled, what was NULL is not
// compared.
func sameRows(t *testing.T, before, after string, filled bool) {
	t.Helper()
	a, b := strings.Fields(before), strings.Fields(after)
	same := len(a) == len(b)
	for i := range a {
		same = same && (a[i] == b[i] || filled && strings.HasSuffix(a[i], "NULL"))
	}
	if !same {
		t.Errorf("rows before\n%s\nand after\n%s", before, after)
	}
}

// dumpRows writes out all rows of the tables of a schema.hcl, without what is named
// in leave.
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
				for i, value := range queryLines(t, db, fmt.Sprintf("SELECT CASE WHEN %[1]s IS NULL THEN 'NULL' ELSE %[1]s END FROM %[2]s ORDER BY %[3]s",
					quote(c.Name), quote(table.Name), quote(table.Columns[0].Name))) {
					fmt.Fprintf(&b, "  %s.%d=%s\n", c.Name, i+1, strings.Join(strings.Fields(value), "␣"))
				}
			}
		}
	}
	return b.String()
}
