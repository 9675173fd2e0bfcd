package verify

import (
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// change is what a file does to the tables that exist before and after it.
type change struct {
	renames renames
	// old and now are the states around the file, both with the names after it.
	old, now *state
	// written has what statements about rows have written so far: "users" where rows came
	// or went, "users.bio" where values changed. Names are those before or after the file.
	written map[string]bool
}

// observe notes what a statement wrote to the tables of a schema, given their rows before
// and after it.
func (c *change) observe(s *schema.Schema, before, after map[*schema.Table][]row) {
	for _, t := range s.Tables {
		columns := names(stored(t))
		key := names(keyOf(t))
		if key == nil {
			key = columns
		}
		for _, d := range compareRows(t, before[t], t, after[t], key, columns) {
			c.written[strings.TrimSuffix(t.Name+"."+d.column, ".")] = true
		}
	}
}

// wrote says that statements about rows have written to a column or, where it is "", added
// or deleted rows of a table.
func (c *change) wrote(table, column string) bool {
	for _, t := range []string{table, before(c.renames.tables, table)} {
		if column == "" && c.written[t] ||
			c.written[t+"."+column] || c.written[t+"."+before(c.renames.columns[table], column)] {
			return true
		}
	}
	return false
}

// notCompared lists what statements about rows have written, as "users" or "users.bio".
func (c *change) notCompared() (all []string) {
	for _, t := range c.now.Tables {
		old, found := c.old.Table(t.Name)
		if found && c.wrote(t.Name, "") {
			all = append(all, t.Name)
			continue
		}
		for _, column := range stored(t) {
			if found && hasStored(old, column.Name) && c.wrote(t.Name, column.Name) {
				all = append(all, t.Name+"."+column.Name)
			}
		}
	}
	slices.Sort(all)
	return all
}

// What compare takes for the same.
type leniency struct {
	// types are columns whose type the file changes, and rows are rows that came.
	types, rows bool
}

// compare returns the first row or value of before that after lacks, or the first row that
// before lacks; nil for none. Both have the names after the file.
func (c *change) compare(when string, before, after *state, leave leniency) error {
	for _, t := range c.now.Tables {
		old, found := c.old.Table(t.Name)
		if !found || c.wrote(t.Name, "") {
			continue
		}
		var columns, notNull []string
		filled := map[string]bool{} // NULL may have become a value
		for _, column := range stored(t) {
			was, _ := old.Column(column.Name)
			if !hasStored(old, column.Name) || c.wrote(t.Name, column.Name) ||
				leave.types && spelled(was) != spelled(column) {
				continue
			}
			columns = append(columns, column.Name)
			if filled[column.Name] = was.Type.Null && !column.Type.Null; !filled[column.Name] {
				notNull = append(notNull, column.Name)
			}
		}
		key := names(keyOf(t))
		if len(key) == 0 || !slices.Equal(key, names(keyOf(old))) ||
			slices.ContainsFunc(key, func(column string) bool { return !slices.Contains(columns, column) }) {
			key = notNull // what is compared tells rows apart
		}
		was, _ := before.Table(t.Name)
		is, _ := after.Table(t.Name)
		for _, d := range compareRows(was, before.rows[was], is, after.rows[is], key, columns) {
			if came := d.column == "" && d.was == ""; !(came && leave.rows) && !(filled[d.column] && d.was == null) {
				return fmt.Errorf("%s, table %q: %s", when, t.Name, d)
			}
		}
	}
	return nil
}

// difference is one between the rows of a table at two times. Of a row that went or came,
// column is "", and is or was is "", too.
type difference struct{ row, column, was, is string }

func (d difference) String() string {
	switch {
	case d.column != "":
		return fmt.Sprintf("the row with %s: column %q was %s and is %s", clip(d.row), d.column, clip(d.was), clip(d.is))
	case d.is == "":
		return fmt.Sprintf("the row with %s is gone", clip(d.row))
	default:
		return fmt.Sprintf("there is a row with %s, and there was none", clip(d.row))
	}
}

// compareRows compares columns of the rows of a table at two times, which a key tells
// apart: those that went or differ come first, then those that came.
func compareRows(
	old *schema.Table, before []row, now *schema.Table, after []row, key, columns []string,
) (all []difference) {
	value := func(t *schema.Table, r row, column string) string {
		c, _ := t.Column(column)
		return r[c]
	}
	identify := func(t *schema.Table, r row) string {
		var parts []string
		for _, column := range key {
			parts = append(parts, column+" = "+value(t, r, column))
		}
		return strings.Join(parts, ", ")
	}
	left := map[string][]row{}
	for _, is := range after {
		id := identify(now, is)
		left[id] = append(left[id], is)
	}
	for _, was := range before {
		id := identify(old, was)
		if len(left[id]) == 0 {
			all = append(all, difference{row: id, was: "a row"})
			continue
		}
		for _, column := range columns {
			if a, b := value(old, was, column), value(now, left[id][0], column); a != b {
				all = append(all, difference{id, column, a, b})
			}
		}
		left[id] = left[id][1:]
	}
	for _, is := range after {
		id := identify(now, is)
		if len(left[id]) > 0 {
			all = append(all, difference{row: id, is: "a row"})
			left[id] = left[id][1:]
		}
	}
	return all
}

func names(columns []*schema.Column) (all []string) {
	for _, c := range columns {
		all = append(all, c.Name)
	}
	return all
}

// hasStored says that a table has a column that is not computed.
func hasStored(t *schema.Table, column string) bool {
	return slices.Contains(names(stored(t)), column)
}

// clip shortens what is shown.
func clip(text string) string {
	const most = 120
	shown := []rune(text)
	if len(shown) <= most {
		return text
	}
	return fmt.Sprintf("%s… (%d characters)", string(shown[:most]), len(shown))
}
