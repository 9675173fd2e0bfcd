package plan

import (
	"fmt"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// convertCopies changes the statements that copy rows to a rebuilt table: a column whose type
// changes is converted to the new type. MySQL converts values by itself; on SQLite, the CHECK
// of the new type would reject them.
func convertCopies(statements []*migrate.Change, changes []schema.Change) {
	for _, change := range changes {
		m, ok := change.(*schema.ModifyTable)
		if !ok {
			continue
		}
		prefix := "INSERT INTO " + Quote("new_"+m.T.Name) + " ("
		for _, s := range statements {
			if head, rows, ok := strings.Cut(s.Cmd, ") SELECT "); ok && strings.HasPrefix(s.Cmd, prefix) {
				for _, c := range m.Changes {
					rows = convertColumn(m, c, rows)
				}
				s.Cmd = head + ") SELECT " + rows
			}
		}
	}
}

// convertColumn converts one column in the list of a SELECT, if change is a change of its
// type.
func convertColumn(m *schema.ModifyTable, change schema.Change, rows string) string {
	check, ok := change.(*schema.ModifyCheck)
	if !ok {
		return rows
	}
	for _, to := range m.T.Columns {
		if check.To.Name != declared.TypeCheckName(m.T.Name, to.Name) {
			continue
		}
		from := to
		for _, c := range m.Changes {
			if c, ok := c.(*schema.ModifyColumn); ok && c.To.Name == to.Name {
				from = c.From
			}
		}
		old, known := declared.TypeOfCheck(from, check.From)
		wanted, alsoKnown := declared.TypeOfCheck(to, check.To)
		if !known || !alsoKnown {
			return rows
		}
		return strings.Replace(rows, Quote(to.Name), conversion(old, wanted, Quote(to.Name)), 1)
	}
	return rows
}

// conversion returns an SQLite expression that converts a value from one MySQL type to
// another. It returns the value unchanged if SQLite converts it, or if there is no standard
// conversion: the CHECK then rejects the row.
func conversion(from, to schema.Type, value string) string {
	switch to := to.(type) {
	case *schema.IntegerType:
		if isNumber(from) || isExact(from) {
			return "CAST(round(" + value + ") AS integer)"
		}
	case *schema.DecimalType:
		return decimalOf(from, to, value)
	case *schema.TimeType:
		from, ok := from.(*schema.TimeType)
		switch {
		case ok && from.T == mysql.TypeDate && to.T != mysql.TypeDate:
			return "datetime(" + value + ")"
		case ok && from.T != mysql.TypeDate && to.T == mysql.TypeDate:
			return "date(substr(" + value + ", 1, 10))"
		}
	case *schema.BinaryType:
		if _, ok := from.(*schema.StringType); ok {
			return "CAST(" + value + " AS blob)"
		}
	case *schema.StringType:
		if _, ok := from.(*schema.BinaryType); ok {
			return "CAST(" + value + " AS text)"
		}
	}
	return value
}

// decimalOf is conversion to a decimal. With more than [declared.ExactDigits] digits it is a
// text with all digits of the scale.
func decimalOf(from schema.Type, to *schema.DecimalType, value string) string {
	whole := familyOf(from) == familyInteger || familyOf(from) == familyBool || isYear(from)
	if !isExact(to) {
		if isNumber(from) || isExact(from) {
			return fmt.Sprintf("round(%s, %d)", value, to.Scale)
		}
		return value
	}
	zeros := strings.Repeat("0", to.Scale)
	if zeros != "" {
		zeros = "." + zeros
	}
	old, _ := from.(*schema.DecimalType)
	switch {
	case whole:
		return value + " || '" + zeros + "'"
	case isNumber(from):
		return fmt.Sprintf("CASE WHEN round(%[1]s, %[2]d) = 0 THEN '0%[3]s' WHEN %[1]s IS NOT NULL THEN printf('%%.%[2]df', "+
			"%[1]s) END", value, to.Scale, zeros)
	case isExact(from) && old.Scale == 0:
		return value + " || '" + zeros + "'"
	case isExact(from) && old.Scale < to.Scale:
		return value + " || '" + strings.Repeat("0", to.Scale-old.Scale) + "'"
	case isExact(from) && old.Scale > to.Scale:
		// Only zeros: SQLite has no exact way to round.
		end := strings.Repeat("0", old.Scale-to.Scale)
		if to.Scale == 0 {
			end = "." + end
		}
		return fmt.Sprintf("CASE WHEN %[1]s LIKE '%%%[2]s' THEN substr(%[1]s, 1, length(%[1]s) - %[3]d) ELSE %[1]s END",
			value, end, len(end))
	}
	return value
}

// isExact reports whether SQLite stores values of a MySQL type as the texts of numbers.
func isExact(t schema.Type) bool {
	d, ok := t.(*schema.DecimalType)
	return ok && d.Precision > declared.ExactDigits
}

// isNumber reports whether SQLite stores values of a MySQL type as numbers that can have
// digits after the decimal point.
func isNumber(t schema.Type) bool {
	switch t := t.(type) {
	case *schema.FloatType:
		return true
	case *schema.DecimalType:
		return t.Precision <= declared.ExactDigits
	}
	return false
}
