package verify

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// propose returns a new row for a table. number is the index of the row, and try the index of
// the attempt. The row keeps the values of model, except those of unique keys. ok is false if
// this attempt found no valid row.
func (f *filler) propose(t *target, number, try int, model row) (made row, ok bool) {
	made = t.copyOf(model)
	// The first attempt uses one edge for all columns. Later ones mix edges, and mostly use
	// plain values, because edges are often taken.
	choose := func() edge {
		switch {
		case try == 0:
			return edge(number % int(edges))
		case f.random.IntN(4) > 0:
			return plain
		}
		return edge(f.random.IntN(int(edges)))
	}
	for _, fk := range t.ForeignKeys {
		if !f.refer(t, fk, made, choose() == none) {
			return nil, false
		}
	}
	for _, c := range stored(t.Table) {
		if made[c] != "" {
			continue
		}
		if made[c], ok = f.valueFor(t, c, choose(), try); !ok {
			return nil, false
		}
	}
	for _, fk := range t.ForeignKeys {
		for i, c := range fk.Columns {
			if made[c] == itself {
				made[c] = made[fk.RefColumns[i]]
			}
		}
	}
	return made, !f.taken(t, made)
}

// copyOf returns the values of model that a new row can have. It omits new columns, unique
// keys, and foreign keys of which a column is missing.
func (t *target) copyOf(model row) row {
	made := row{}
	maps.Copy(made, model)
	maps.DeleteFunc(made, func(c *schema.Column, _ string) bool { return !t.limits[c].isOld })
	remove := func(columns []*schema.Column) {
		for _, c := range columns {
			delete(made, c)
		}
	}
	for _, key := range t.unique {
		if !slices.ContainsFunc(key, func(c *schema.Column) bool { return model[c] == null }) {
			remove(key)
		}
	}
	for _, fk := range t.ForeignKeys {
		if slices.ContainsFunc(fk.Columns, func(c *schema.Column) bool { return made[c] == "" }) {
			remove(fk.Columns)
		}
	}
	return made
}

// valueFor returns a value for a column of a new row. ok is false for an unknown type.
func (f *filler) valueFor(t *target, c *schema.Column, e edge, try int) (value string, ok bool) {
	fits := t.limits[c]
	number, isNumber := fits.typ.(*schema.IntegerType)
	switch {
	case isNumber && (counts(c) || slices.Equal(keyOf(t.Table), []*schema.Column{c})):
		// Start after 1000, because a migration can insert rows with small keys.
		_, greatest := declared.IntegerRange(number)
		last := min(1000, greatest/3)
		for _, r := range f.rows[t.Table] {
			if n, err := strconv.ParseInt(r[c], 10, 64); err == nil {
				last = max(last, n)
			}
		}
		return strconv.FormatInt(last+1, 10), true
	case e == none && !fits.notNull:
		return null, true
	case e != none && try > 0 && len(fits.hints) > 0 && f.random.IntN(4) > 0:
		return fits.hints[f.random.IntN(len(fits.hints))], true
	}
	if value, ok = f.of(fits.typ, fits.charset, e); !ok && !fits.notNull {
		return null, true
	}
	return value, ok
}

// itself is a placeholder for a value of the same row, if a row refers to itself.
const itself = "\x00itself"

// refer sets the columns of a foreign key to the values of a random parent row, or to NULL.
// It keeps columns that are already set. It returns false if there is no valid parent.
func (f *filler) refer(t *target, fk *schema.ForeignKey, made row, preferNull bool) bool {
	nulls, own := row{}, row{}
	for _, c := range fk.Columns {
		switch made[c] {
		case null:
			preferNull = true // one NULL column is enough
		case "":
			own[c] = itself
			if !t.limits[c].notNull {
				nulls[c] = null
			}
		}
	}
	if len(own) == 0 {
		return true
	}
	if preferNull && len(nulls) > 0 {
		maps.Copy(made, nulls)
		return true
	}
	parents := f.parents(fk, made)
	for _, i := range f.random.Perm(len(parents)) {
		for j, c := range fk.Columns {
			made[c] = parents[i][fk.RefColumns[j]]
		}
		if !f.taken(t, made) {
			return true
		}
	}
	for c := range own {
		delete(made, c)
	}
	if len(nulls) > 0 {
		maps.Copy(made, nulls)
		return true
	}
	maps.Copy(made, own)
	return fk.RefTable == t.Table && len(parents) == 0
}

// parents returns the rows that a foreign key can refer to. Columns of the key that are
// already set in made must match.
func (f *filler) parents(fk *schema.ForeignKey, made row) (list []row) {
	for _, parent := range f.rows[fk.RefTable] {
		fits := true
		for i, c := range fk.Columns {
			value := parent[fk.RefColumns[i]] // "" for a generated column
			fits = fits && value != "" && value != null && (made[c] == "" || made[c] == value)
		}
		if fits {
			list = append(list, parent)
		}
	}
	return list
}

// taken reports whether a row with the same value of a unique key exists.
func (f *filler) taken(t *target, made row) bool {
	return slices.ContainsFunc(f.rows[t.Table], func(r row) bool {
		return slices.ContainsFunc(t.unique, func(key []*schema.Column) bool {
			return !slices.ContainsFunc(key, func(c *schema.Column) bool {
				// Many collations ignore case.
				return made[c] == "" || made[c] == null || !strings.EqualFold(made[c], r[c])
			})
		})
	})
}
