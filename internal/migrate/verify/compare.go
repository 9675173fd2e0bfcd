package verify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// change describes the effect of a file on the tables that exist before and after it.
type change struct {
	renames renames
	// old and now are the states before and after the file. Both use the names after it.
	old, now *state
	// written has the tables in which INSERT, UPDATE and DELETE statements added or deleted
	// rows ("users"), and the columns in which they changed values ("users.bio"), with the
	// names before or after the file.
	written map[string]bool
	// skipped has what the last comparison omitted, as "users" or "users.bio".
	skipped []string
}

// observe adds the changes of a statement to written. before and after are the rows of the
// tables of s before and after the statement.
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

// wrote reports whether statements changed values of a column, or added or deleted rows of
// the table. If column is "", it reports only the latter.
func (c *change) wrote(table, column string) bool {
	for _, t := range []string{table, before(c.renames.tables, table)} {
		if column == "" && c.written[t] ||
			c.written[t+"."+column] || c.written[t+"."+before(c.renames.columns[table], column)] {
			return true
		}
	}
	return false
}

// compare returns an error for the first row or value of before that is missing in after.
// Unless rowsAdded is true, it also returns an error for the first row that is missing in
// before. Both states use the names after the file. compare omits what statements have
// written, and adds it to skipped.
func (c *change) compare(when string, before, after *state, rowsAdded bool) error {
	c.skipped = nil
	for _, t := range c.now.Tables {
		old, found := c.old.Table(t.Name)
		if !found {
			continue
		}
		if c.wrote(t.Name, "") {
			c.skipped = append(c.skipped, t.Name)
			continue
		}
		was, _ := before.Table(t.Name)
		is, _ := after.Table(t.Name)
		columns, filled := c.columns(old, t, was, is)
		key := names(keyOf(t))
		if len(key) == 0 || !slices.Equal(key, names(keyOf(old))) ||
			slices.ContainsFunc(key, func(column string) bool { return !slices.Contains(columns, column) }) {
			// Without a key in both states, all compared columns identify a row.
			key = slices.DeleteFunc(slices.Clone(columns), func(column string) bool { return filled[column] })
		}
		for _, d := range compareRows(was, before.rows[was], is, after.rows[is], key, columns) {
			if added := d.column == "" && d.was == ""; !(added && rowsAdded) && !(filled[d.column] && d.was == null) {
				return fmt.Errorf("%s, table %q: %s", when, t.Name, d)
			}
		}
	}
	return nil
}

// columns returns the columns of a table to compare: those that exist before and after the
// file, and have the same type in the states was and is. It omits a text that the file makes
// a number or a time: 1.5 comes back as 1.50. In the columns in filled, NULL can become a
// value.
func (c *change) columns(old, now, was, is *schema.Table) (all []string, filled map[string]bool) {
	filled = map[string]bool{}
	for _, column := range stored(now) {
		name := column.Name
		before, found := old.Column(name)
		if !found || isGenerated(before) {
			continue
		}
		if c.wrote(now.Name, name) {
			c.skipped = append(c.skipped, now.Name+"."+name)
			continue
		}
		a, _ := was.Column(name)
		b, _ := is.Column(name)
		if spelled(a) == spelled(b) && isText(before) == isText(column) {
			all = append(all, name)
			filled[name] = before.Type.Null && !column.Type.Null
		}
	}
	return all, filled
}

func isText(c *schema.Column) bool {
	return strings.Contains(spelled(c), "char") || strings.Contains(spelled(c), "text")
}

// difference is a difference between the rows of a table at two times. For a deleted or
// added row, column is "", and so is is or was.
type difference struct{ row, column, was, is string }

func (d difference) String() string {
	switch {
	case d.column != "":
		return fmt.Sprintf("row with %s: column %q was %s, but is now %s", clip(d.row), d.column, clip(d.was), clip(d.is))
	case d.is == "":
		return fmt.Sprintf("row with %s is missing", clip(d.row))
	default:
		return fmt.Sprintf("row with %s is unexpected", clip(d.row))
	}
}

// compareRows compares columns of the rows of a table at two times. The columns in key
// identify a row.
func compareRows(
	old *schema.Table, before []row, now *schema.Table, after []row, key, columns []string,
) (all []difference) {
	was, is := cellsOf(old, before, key, columns), cellsOf(now, after, key, columns)
	both := maps.Clone(was)
	maps.Copy(both, is)
	for _, at := range slices.SortedFunc(maps.Keys(both), func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.column, b.column))
	}) {
		row := cell{row: at.row}
		if was[at] != is[at] && (at == row || was[row] == is[row]) {
			all = append(all, difference{at.row, at.column, was[at], is[at]})
		}
	}
	return all
}

// cell identifies a value of a row or, if column is "", the row itself.
type cell struct{ row, column string }

// cellsOf returns the values of the columns of rows. It numbers rows with the same key.
func cellsOf(t *schema.Table, rows []row, key, columns []string) map[cell]string {
	all, seen := map[cell]string{}, map[string]int{}
	for _, r := range rows {
		value := func(column string) string {
			c, _ := t.Column(column)
			return r[c]
		}
		var parts []string
		for _, column := range key {
			parts = append(parts, column+" = "+value(column))
		}
		id := strings.Join(parts, ", ")
		if seen[id]++; seen[id] > 1 {
			id = fmt.Sprintf("%s (%d)", id, seen[id])
		}
		all[cell{row: id}] = "a row"
		for _, column := range columns {
			all[cell{id, column}] = value(column)
		}
	}
	return all
}

// names returns the names of columns.
func names(columns []*schema.Column) (all []string) {
	for _, c := range columns {
		all = append(all, c.Name)
	}
	return all
}

// clip returns a text for a message, truncated to 120 characters.
func clip(text string) string {
	const most = 120
	shown := []rune(text)
	if len(shown) <= most {
		return text
	}
	return fmt.Sprintf("%s… (%d characters)", string(shown[:most]), len(shown))
}
