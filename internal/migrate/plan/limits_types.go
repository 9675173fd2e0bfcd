package plan

import (
	"fmt"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// refuseConversions returns an error for a column whose type changes to one that has no values
// in common with it: MySQL fails, or converts a value to something else, such as the time
// 25:00:00 to 1:00 of tomorrow, and SQLite keeps it as it is.
func refuseConversions(changes []schema.Change) error {
	for _, m := range changesOf(changes).modified {
		for _, part := range m.Changes {
			c, ok := part.(*schema.ModifyColumn)
			if !ok || !c.Change.Is(schema.ChangeType) || isComputed(c.From) && isComputed(c.To) {
				continue
			}
			from, to := c.From.Type.Type, c.To.Type.Type
			if !share(from, to) && !share(to, from) {
				return fmt.Errorf("table %q: column %q: no conversion from %s to %s works on both databases: add another column, "+
					"copy the values with a migration of your own (db migrate --empty), and drop this column later",
					m.T.Name, c.To.Name, typeName(from), typeName(to))
			}
		}
	}
	return nil
}

func isComputed(c *schema.Column) bool { return declared.HasAttr[*schema.GeneratedExpr](c.Attrs) }

// share reports whether values of a type can become values of another, or the other way
// around.
func share(one, other schema.Type) bool {
	a, b := familyOf(one), familyOf(other)
	_, bits := one.(*mysql.BitType)
	switch {
	case isYear(one) || isYear(other):
		return (isYear(one) || isNumeric(a)) && (isYear(other) || isNumeric(b)) || a == familyText || b == familyText
	case a == familyTime && b == familyTime:
		return (one.(*schema.TimeType).T == mysql.TypeTime) == (other.(*schema.TimeType).T == mysql.TypeTime)
	case a == b:
		return true
	case b == familyText:
		return !bits && a != familyOther
	}
	return isNumeric(a) && isNumeric(b)
}

func isYear(t schema.Type) bool {
	year, ok := t.(*schema.TimeType)
	return ok && year.T == mysql.TypeYear
}

// isNumeric reports whether the values of a family are numbers.
func isNumeric(f family) bool {
	return f == familyInteger || f == familyDecimal || f == familyFloat || f == familyBool
}
