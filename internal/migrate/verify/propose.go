package verify

import (
	"slices"
	"strconv"

	"ariga.io/atlas/sql/schema"
)

// propose makes the number-th row of a table, given as literals by column. ok is
// false when this try came to nothing. A model's values are kept as far as no
// unique key forbids it.
func (f *filler) propose(t *target, number, try int, model []string) (row map[string]string, ok bool) {
	row = map[string]string{}
	if model != nil {
		for i, c := range f.rows[t.Name].columns {
			row[c] = model[i]
		}
		if t.was != nil {
			for _, c := range t.columns {
				if _, found := t.was.Column(c.Name); !found {
					delete(row, c.Name)
				}
			}
		}
		t.forget(row)
	}
	// The edges in turn; later tries mix them, and spend few on edges that are taken.
	choose := func(column string) edge {
		if try == 0 && number < int(edges) && model == nil {
			return edge(number)
		}
		if t.inKey(column) && f.random.IntN(8) > 0 {
			return plain
		}
		return edge(f.random.IntN(int(edges)))
	}
	for _, fk := range t.ForeignKeys {
		if !f.refer(t, fk, row, choose(fk.Columns[0].Name) == none) {
			return nil, false
		}
	}
	for _, c := range t.columns {
		if _, set := row[c.Name]; set {
			continue
		}
		if c == t.counted {
			row[c.Name] = strconv.FormatInt(t.last+1, 10)
			continue
		}
		e := choose(c.Name)
		if e == none && mayBeNull(t.Table, c) && (t.was == nil || mayBeNullIn(t.was, c.Name)) {
			row[c.Name] = null
			continue
		}
		if e == none {
			e = plain
		}
		if hints := t.hints[c.Name]; len(hints) > 0 && (try > 0 && f.random.IntN(4) > 0) {
			row[c.Name] = hints[f.random.IntN(len(hints))]
			continue
		}
		table, from := t.Table, c
		if t.was != nil && try%2 == 0 {
			if was, found := t.was.Column(c.Name); found {
				table, from = t.was, was
			}
		}
		if row[c.Name], ok = f.value(table, from, e); !ok {
			if !mayBeNull(t.Table, c) {
				return nil, false
			}
			row[c.Name] = null
		}
	}
	for _, fk := range t.ForeignKeys {
		for i, c := range fk.Columns {
			if row[c.Name] == itself {
				row[c.Name] = row[fk.RefColumns[i].Name]
			}
		}
	}
	return row, !t.isTaken(row)
}

func mayBeNullIn(t *schema.Table, column string) bool {
	c, found := t.Column(column)
	return !found || mayBeNull(t, c)
}

// itself stands for the row's own value, where a row refers to itself.
const itself = "\x00itself"

// refer sets the columns of a foreign key to those of some row of the table it
// refers to, or to NULL. Columns that are set already are kept.
func (f *filler) refer(t *target, fk *schema.ForeignKey, row map[string]string, preferNull bool) bool {
	var open []*schema.Column
	for _, c := range fk.Columns {
		value, set := row[c.Name]
		if set && value == null {
			preferNull = true // one is enough
		}
		if !set {
			open = append(open, c)
		}
	}
	if len(open) == 0 {
		return true
	}
	setNull := func() bool {
		done := false
		for _, c := range open {
			if mayBeNull(t.Table, c) && (t.was == nil || mayBeNullIn(t.was, c.Name)) {
				row[c.Name], done = null, true
			}
		}
		return done
	}
	if preferNull && setNull() {
		return true
	}
	parents := f.parents(fk, row)
	for _, i := range f.random.Perm(len(parents)) {
		for j, c := range fk.Columns {
			row[c.Name] = parents[i][j]
		}
		if !t.isTaken(row) {
			return true
		}
	}
	for _, c := range open {
		delete(row, c.Name)
	}
	if setNull() {
		return true
	}
	if fk.RefTable != t.Table || len(parents) > 0 {
		return false
	}
	for _, c := range open {
		row[c.Name] = itself
	}
	return true
}

// parents lists what a foreign key may refer to, given what of it is set.
func (f *filler) parents(fk *schema.ForeignKey, row map[string]string) (list [][]string) {
	rows, found := f.rows[fk.RefTable.Name]
	if !found {
		return nil // SQLite lets a table refer to one that is not there
	}
	names := make([]string, len(fk.RefColumns))
	for i, c := range fk.RefColumns {
		names[i] = c.Name
		if !slices.Contains(rows.columns, c.Name) {
			return nil // a computed one
		}
	}
	for _, parent := range rows.rows {
		values := rows.tuple(parent, names)
		fits := !slices.Contains(values, null)
		for i, c := range fk.Columns {
			if value, set := row[c.Name]; set && value != values[i] {
				fits = false
			}
		}
		if fits {
			list = append(list, values)
		}
	}
	return list
}
