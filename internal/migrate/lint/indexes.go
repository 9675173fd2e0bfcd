package lint

import (
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// addedIndex reports a unique index that adds a restriction to existing rows.
func (c change) addedIndex(i *schema.Index) {
	if !i.Unique || c.old == nil || implied(i, c.old) {
		return
	}
	names, exact := columnNames(i)
	var existing []string
	for _, n := range names {
		if !c.isNew(n) {
			existing = append(existing, strconv.Quote(n))
		}
	}
	if exact && len(existing) == 0 {
		if c.sameInAllRows(i) {
			c.report("MF101", "The unique index %q of table %q contains only new columns, which have the same value "+
				"in every row", i.Name, c.table.Name)
		}
		return
	}
	c.report("SW205", "Adding the unique index %q to table %q", i.Name, c.table.Name)
	before := c.steps[0].oldTable(c.table.Name)
	if len(existing) == 0 || before != nil && implied(i, before) {
		return
	}
	code := "MF101"
	if before != nil {
		if old, ok := before.Index(i.Name); ok && !old.Unique {
			code = "MF102" // the file drops it and creates it again
		}
	}
	columns := "column " + existing[0] + " contains"
	if len(existing) > 1 {
		columns = "columns " + strings.Join(existing, ", ") + " contain"
	}
	c.report(code, "Adding a unique index %q on table %q might fail in case %s duplicate entries",
		i.Name, c.table.Name, columns)
}

// implied reports whether the values of an index are unique already, because some of its
// columns have a unique index.
func implied(i *schema.Index, old *schema.Table) bool {
	names, exact := columnNames(i)
	covers := func(key *schema.Index) bool {
		columns, all := columnNames(key)
		return all && !slices.ContainsFunc(columns, func(n string) bool { return !slices.Contains(names, n) })
	}
	return exact && (old.PrimaryKey != nil && covers(old.PrimaryKey) ||
		slices.ContainsFunc(old.Indexes, func(key *schema.Index) bool { return key.Unique && covers(key) }))
}

// sameInAllRows reports whether the new columns of an index have the same value in every
// row: a literal default, or an implicit one.
func (c change) sameInAllRows(i *schema.Index) bool {
	return !slices.ContainsFunc(i.Parts, func(part *schema.IndexPart) bool {
		column := part.C
		_, literal := column.Default.(*schema.Literal)
		return automatic(column) || generated(column) != "" || filled(c.steps[:c.index], c.table.Name, column.Name) ||
			!literal && (column.Default != nil || column.Type.Null)
	})
}

// columnNames returns the names of the columns of an index. all is false if the index also
// contains expressions.
func columnNames(i *schema.Index) (names []string, all bool) {
	for _, part := range i.Parts {
		if part.C != nil {
			names = append(names, part.C.Name)
		}
	}
	return names, len(names) == len(i.Parts)
}

// indexed reports whether a column is part of an index or the primary key.
func indexed(t *schema.Table, column string) bool {
	if t == nil {
		return false
	}
	has := func(i *schema.Index) bool {
		names, _ := columnNames(i)
		return slices.Contains(names, column)
	}
	return t.PrimaryKey != nil && has(t.PrimaryKey) || slices.ContainsFunc(t.Indexes, has)
}
