package lint

import (
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"slipway/internal/migrate/plan"
)

// addedColumn reports a required column without a value: in INSERTs of the running code, and
// in existing rows.
func (c change) addedColumn(column *schema.Column) {
	if column.Type.Null || column.Default != nil || generated(column) != "" || automatic(column) {
		return
	}
	c.report("SW202", "Column %q of table %q is NOT NULL and has no default", column.Name, c.table.Name)
	isFilled, value := c.copyFills(column), ""
	if c.dialect == plan.MySQL {
		isFilled, value = filled(c.steps[c.index+1:], c.table.Name, column.Name), implicitValue(column)
	}
	switch {
	case isFilled:
	case value == "":
		c.report("MF103", "Adding the NOT NULL column %q to table %q without a default", column.Name, c.table.Name)
	default:
		c.report("MY101", "Adding the NOT NULL column %q to table %q sets it to %s in existing rows",
			column.Name, c.table.Name, value)
	}
}

// implicitValue returns the value that MySQL in strict mode sets in existing rows; "" if it
// rejects the column.
func implicitValue(c *schema.Column) string {
	switch t := c.Type.Type.(type) {
	case *schema.StringType, *mysql.SetType, *schema.BinaryType:
		return "''"
	case *schema.EnumType:
		return "'" + t.Values[0] + "'"
	case *schema.JSONType:
		return "the JSON null"
	case *schema.SpatialType:
		return ""
	case *schema.TimeType:
		return map[string]string{
			mysql.TypeTime: "00:00:00", mysql.TypeYear: "0000", mysql.TypeTimestamp: "0000-00-00 00:00:00",
		}[t.T]
	}
	return "0"
}

// modifiedColumn reports values that a changed column no longer accepts or keeps.
func (c change) modifiedColumn(from, to *schema.Column) {
	required := from.Type.Null && !to.Type.Null
	if required {
		c.madeNotNull(to)
	}
	if c.isNew(to.Name) {
		if required && to.Default == nil {
			c.report("SW202", "Column %q of table %q, added in this file, becomes NOT NULL and has no default",
				to.Name, c.table.Name)
		}
		return
	}
	if required {
		c.report("SW203", "Making column %q of table %q NOT NULL", to.Name, c.table.Name)
	}
	if from.Default != nil && to.Default == nil && !to.Type.Null && !automatic(to) {
		c.report("SW204", "Dropping the default of column %q of table %q", to.Name, c.table.Name)
	}
	c.changedType(from, to)
}

// madeNotNull reports a column that becomes NOT NULL and may contain NULLs.
func (c change) madeNotNull(column *schema.Column) {
	switch {
	case filled(c.steps[:c.index], c.table.Name, column.Name):
	case c.dialect == plan.MySQL:
		c.report("MF104", "Modifying nullable column %q to non-nullable might fail in case it contains "+
			"NULL values of table %q", column.Name, c.table.Name)
	case !c.copyFills(column):
		c.report("LT101", "Making column %q of table %q NOT NULL", column.Name, c.table.Name)
	}
}

// filled reports whether one of the steps fills a column.
func filled(steps []*step, table, column string) bool {
	return slices.ContainsFunc(steps, func(s *step) bool {
		return s.verb == "UPDATE" && s.about == table && s.fills(column)
	})
}

// copyFills reports whether the statement that copies a table sets a column to something
// other than a copied column or NULL: to IFNULL, a literal, or the default.
func (c change) copyFills(column *schema.Column) bool {
	source, copied := c.Sources[column.Name]
	if !copied {
		return column.Default != nil
	}
	_, isColumn := c.old.Column(source)
	return !isColumn && !strings.EqualFold(source, "NULL")
}

// generated returns "STORED" or "VIRTUAL" for a generated column, "" for any other.
func generated(c *schema.Column) string {
	g, ok := find[*schema.GeneratedExpr](c.Attrs)
	switch {
	case !ok:
		return ""
	case strings.EqualFold(g.Type, "STORED"), strings.EqualFold(g.Type, "PERSISTENT"):
		return "STORED"
	}
	return "VIRTUAL"
}

// automatic reports whether the column is AUTO_INCREMENT.
func automatic(c *schema.Column) bool {
	_, mysqls := find[*mysql.AutoIncrement](c.Attrs)
	_, sqlites := find[*sqlite.AutoIncrement](c.Attrs)
	return mysqls || sqlites
}

// find returns the first element of type T.
func find[T, E any](all []E) (found T, ok bool) {
	for _, e := range all {
		if found, ok = any(e).(T); ok {
			break
		}
	}
	return found, ok
}
