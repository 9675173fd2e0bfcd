package verify

import (
	"cmp"
	"fmt"
	"maps"
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
	// skipped is what the last comparison left out, as "users" or "users.bio".
	skipped []string
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

// compare returns the first row or value of before that after lacks, or the first row that
// before lacks, unless rows may have come; nil for none. Both have the names after the file.
// What statements about rows have written is not compared, but noted in skipped.
func (c *change) compare(when string, before, after *state, mayCome bool) error {
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
			// What is compared tells rows apart.
			key = slices.DeleteFunc(slices.Clone(columns), func(column string) bool { return filled[column] })
		}
		for _, d := range compareRows(was, before.rows[was], is, after.rows[is], key, columns) {
			if came := d.column == "" && d.was == ""; !(came && mayCome) && !(filled[d.column] && d.was == null) {
				return fmt.Errorf("%s, table %q: %s", when, t.Name, d)
			}
		}
	}
	return nil
}

// columns lists the columns to compare: those of a table that existed before and after the
// file, and have one type in two states. In those that are filled, NULL may have become a
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
		if spelled(a) == spelled(b) {
			all = append(all, name)
			filled[name] = before.Type.Null && !column.Type.Null
		}
	}
	return all, filled
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
// apart.
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

// cell is a value of a row, or with column "" the row itself.
type cell struct{ row, column string }

// cellsOf returns the values of columns of rows; of rows with one key, the first, the second
// and so on are told apart.
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

func names(columns []*schema.Column) (all []string) {
	for _, c := range columns {
		all = append(all, c.Name)
	}
	return all
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
