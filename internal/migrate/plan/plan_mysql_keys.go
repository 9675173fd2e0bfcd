package plan

import (
	"slices"

	"ariga.io/atlas/sql/schema"
)

// withoutForeignKeys drops the foreign keys of columns that change their type around the
// change, and adds them again: MySQL refuses to modify a column in a foreign key, on both
// sides. It does the same for the foreign keys that need an index that goes, so that MySQL
// creates one for them. It returns the changes with those actions.
func withoutForeignKeys(changes []schema.Change) []schema.Change {
	changed := map[string]*schema.ModifyTable{}
	skip := map[string]bool{}
	for _, c := range changes {
		switch c := c.(type) {
		case *schema.AddTable:
			skip[c.T.Name] = true
		case *schema.ModifyTable:
			changed[c.T.Name] = c
		}
	}
	var all []schema.Change
	again := map[string]bool{}
	for _, c := range changes {
		m, ok := c.(*schema.ModifyTable)
		if !ok || m.T.Schema == nil {
			continue
		}
		for _, part := range m.Changes {
			for _, fk := range foreignKeysIn(m.T, part) {
				name := fk.Table.Name + "\x00" + fk.Symbol
				if skip[fk.Table.Name] || again[name] || changesForeignKey(changed[fk.Table.Name], fk.Symbol) {
					continue
				}
				again[name] = true
				all = append(all, &schema.ModifyTable{T: fk.Table, Changes: []schema.Change{
					&schema.ModifyForeignKey{From: fk, To: fk}}})
			}
		}
	}
	return append(changes, all...)
}

// foreignKeysIn returns the foreign keys that do not allow a change of a table.
func foreignKeysIn(t *schema.Table, part schema.Change) []*schema.ForeignKey {
	switch c := part.(type) {
	case *schema.ModifyColumn:
		if retypes(c) {
			return foreignKeysOf(t, c.To.Name)
		}
	case *schema.DropIndex:
		return foreignKeysOn(t, c.I)
	case *schema.ModifyIndex:
		return foreignKeysOn(t, c.From)
	}
	return nil
}

// foreignKeysOn returns the foreign keys of a table that need an index that goes.
func foreignKeysOn(t *schema.Table, gone *schema.Index) (all []*schema.ForeignKey) {
	for _, fk := range t.ForeignKeys {
		if covers(gone, fk.Columns) && !indexed(t, fk.Columns) {
			all = append(all, fk)
		}
	}
	return all
}

// retypes reports whether a change of a column is one that a foreign key does not allow.
func retypes(c *schema.ModifyColumn) bool {
	return c.Change.Is(schema.ChangeType) || c.Change.Is(schema.ChangeAttr) || c.Change.Is(schema.ChangeCharset) ||
		c.Change.Is(schema.ChangeCollate)
}

// foreignKeysOf returns the foreign keys of a schema that a column of a table is part of, on
// either side.
func foreignKeysOf(t *schema.Table, column string) (all []*schema.ForeignKey) {
	has := func(columns []*schema.Column) bool {
		return slices.ContainsFunc(columns, func(c *schema.Column) bool { return c.Name == column })
	}
	for _, other := range t.Schema.Tables {
		for _, fk := range other.ForeignKeys {
			if other.Name == t.Name && has(fk.Columns) || fk.RefTable.Name == t.Name && has(fk.RefColumns) {
				all = append(all, fk)
			}
		}
	}
	return all
}

func changesForeignKey(m *schema.ModifyTable, symbol string) bool {
	return m != nil && slices.ContainsFunc(m.Changes, func(part schema.Change) bool {
		switch c := part.(type) {
		case *schema.AddForeignKey:
			return c.F.Symbol == symbol
		case *schema.ModifyForeignKey:
			return c.To.Symbol == symbol
		}
		return false
	})
}

// ownIndex returns the index that MySQL created with a foreign key that is dropped from the
// table t, because no declared one begins with its columns: MySQL keeps it without the foreign
// key. It returns nil if there is none, or if the table gets an index that replaces it.
func ownIndex(t *schema.Table, dropped *schema.ForeignKey) *schema.Index {
	if indexed(dropped.Table, dropped.Columns) || indexed(t, dropped.Columns) {
		return nil
	}
	return indexFor(dropped)
}

// indexFor returns the index that MySQL creates for a foreign key.
func indexFor(fk *schema.ForeignKey) *schema.Index {
	i := &schema.Index{Name: fk.Symbol, Table: fk.Table}
	for n, c := range fk.Columns {
		i.Parts = append(i.Parts, &schema.IndexPart{SeqNo: n, C: c})
	}
	return i
}

// indexed reports whether an index of a table begins with columns.
func indexed(t *schema.Table, columns []*schema.Column) bool {
	return slices.ContainsFunc(append([]*schema.Index{t.PrimaryKey}, t.Indexes...), func(i *schema.Index) bool {
		return i != nil && covers(i, columns)
	})
}

func sameColumns(a, b []*schema.Column) bool {
	return slices.EqualFunc(a, b, func(x, y *schema.Column) bool { return x.Name == y.Name })
}
