package schema

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
)

func (r *reverse) foreignKey(from *atlas.ForeignKey, table *atlas.Table) {
	if err := translateForeignKey(from, table, r.to); err != nil {
		r.leave(table, "a foreign key to %s: %s", from.RefTable.Name, err)
		return
	}
	last := len(table.ForeignKeys) - 1
	to := table.ForeignKeys[last]
	if why := refusedByMySQL(to); why != "" {
		table.ForeignKeys = table.ForeignKeys[:last]
		r.left = append(r.left, fmt.Sprintf("%s: the foreign key of %s to %s is omitted: on MySQL, %s", table.Name,
			columnNames(to.Columns), to.RefTable.Name, why))
		return
	}
	if _, err := strconv.Atoi(to.Symbol); err == nil || to.Symbol == "" { // Atlas numbers unnamed foreign keys
		to.Symbol = table.Name
		for _, c := range to.Columns {
			to.Symbol += "_" + c.Name
		}
	}
}

// refusedByMySQL returns why MySQL refuses a foreign key that SQLite accepts, or "". A number
// that refers to a number of another type gets its type.
func refusedByMySQL(fk *atlas.ForeignKey) string {
	for i, c := range fk.Columns {
		to := fk.RefColumns[i]
		switch {
		case isNumber(c.Type.Type) && isNumber(to.Type.Type):
			c.SetType(to.Type.Type)
		case reflect.TypeOf(c.Type.Type) != reflect.TypeOf(to.Type.Type):
			return fmt.Sprintf("%s must have the type of %s.%s", c.Name, fk.RefTable.Name, to.Name)
		}
		if c.Type.Null {
			continue
		}
		if fk.OnDelete == atlas.SetNull || fk.OnUpdate == atlas.SetNull {
			return c.Name + " must be nullable for SET NULL"
		}
	}
	if fk.OnDelete == atlas.SetDefault || fk.OnUpdate == atlas.SetDefault {
		return "SET DEFAULT does not exist"
	}
	return ""
}

func isNumber(t atlas.Type) bool {
	switch t.(type) {
	case *atlas.BoolType, *atlas.IntegerType, *atlas.DecimalType:
		return true
	}
	return false
}

func columnNames(columns []*atlas.Column) string {
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}
