package verify

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// propose makes the number-th row of a table. ok is false when this try came to nothing. A
// model's values are kept as far as no unique key forbids it.
func (f *filler) propose(t *target, number, try int, model row) (made row, ok bool) {
	made = t.copyOf(model)
	// The edges in turn; later tries mix them, and spend few on edges that are taken.
	choose := func(c *schema.Column) edge {
		if try == 0 && number < int(edges) && model == nil {
			return edge(number)
		}
		inKey := slices.ContainsFunc(t.unique, func(key []*schema.Column) bool { return slices.Contains(key, c) })
		if inKey && f.random.IntN(8) > 0 {
			return plain
		}
		return edge(f.random.IntN(int(edges)))
	}
	for _, fk := range t.ForeignKeys {
		if !f.refer(t, fk, made, choose(fk.Columns[0]) == none) {
			return nil, false
		}
	}
	for _, c := range stored(t.Table) {
		if _, set := made[c]; set {
			continue
		}
		if made[c], ok = f.valueFor(t, c, choose(c), try); !ok {
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

// copyOf copies what a new row can have of a row: no column that the old schema lacks, no
// unique key, and foreign keys as a whole.
func (t *target) copyOf(model row) row {
	made := row{}
	maps.Copy(made, model)
	maps.DeleteFunc(made, func(c *schema.Column, _ string) bool { return t.inOld(c) == nil })
	for _, key := range t.unique {
		if !slices.ContainsFunc(key, func(c *schema.Column) bool { return model[c] == null }) {
			for _, c := range key {
				delete(made, c)
			}
		}
	}
	for _, fk := range t.ForeignKeys {
		if slices.ContainsFunc(fk.Columns, func(c *schema.Column) bool { return made[c] == "" }) {
			for _, c := range fk.Columns {
				delete(made, c)
			}
		}
	}
	return made
}

// valueFor returns a value of a column of a new row; ok is false for a type that is not
// known.
func (f *filler) valueFor(t *target, c *schema.Column, e edge, try int) (value string, ok bool) {
	if number, ok := f.typeOf(t.Table, c).(*schema.IntegerType); ok &&
		(slices.Equal(keyOf(t.Table), []*schema.Column{c}) || counts(c)) {
		// Not from 1: a migration may insert rows of its own there.
		_, greatest := declared.IntegerRange(number)
		last := min(1000, greatest/3)
		for _, r := range f.rows[t.Table] {
			if n, err := strconv.ParseInt(r[c], 10, 64); err == nil {
				last = max(last, n)
			}
		}
		return strconv.FormatInt(last+1, 10), true
	}
	if e == none && t.mayBeNull(c) {
		return null, true
	}
	if hints := t.hints[c]; e != none && len(hints) > 0 && try > 0 && f.random.IntN(4) > 0 {
		return hints[f.random.IntN(len(hints))], true
	}
	typ, from := f.typeOf(t.Table, c), c
	if was := t.inOld(c); was != nil {
		typ, from = f.typeOf(t.was, was), was
	}
	charset := ""
	for _, a := range from.Attrs {
		if set, ok := a.(*schema.Charset); ok {
			charset = set.V
		}
	}
	if value, ok = f.of(typ, charset, e); !ok && t.mayBeNull(c) {
		return null, true
	}
	return value, ok
}

// itself stands for the row's own value, where a row refers to itself.
const itself = "\x00itself"

// refer sets the columns of a foreign key to those of some row of the table it refers to,
// or to NULL. Columns that are set are kept.
func (f *filler) refer(t *target, fk *schema.ForeignKey, made row, preferNull bool) bool {
	var open []*schema.Column
	for _, c := range fk.Columns {
		if value, set := made[c]; !set {
			open = append(open, c)
		} else if value == null {
			preferNull = true // one is enough
		}
	}
	if len(open) == 0 {
		return true
	}
	setNull := func() (done bool) {
		for _, c := range open {
			if t.mayBeNull(c) {
				made[c], done = null, true
			}
		}
		return done
	}
	if preferNull && setNull() {
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
	for _, c := range open {
		delete(made, c)
	}
	if setNull() {
		return true
	}
	for _, c := range open {
		made[c] = itself
	}
	return fk.RefTable == t.Table && len(parents) == 0
}

// parents lists the rows that a foreign key may refer to, given what of it is set.
func (f *filler) parents(fk *schema.ForeignKey, made row) (list []row) {
	for _, parent := range f.rows[fk.RefTable] {
		fits := true
		for i, c := range fk.Columns {
			value, found := parent[fk.RefColumns[i]] // not found: a computed one
			wanted, set := made[c]
			fits = fits && found && value != null && (!set || wanted == value)
		}
		if fits {
			list = append(list, parent)
		}
	}
	return list
}

// taken says that a row exists with a unique key of this one, as far as it is known.
func (f *filler) taken(t *target, made row) bool {
	return slices.ContainsFunc(f.rows[t.Table], func(r row) bool {
		return slices.ContainsFunc(t.unique, func(key []*schema.Column) bool {
			return !slices.ContainsFunc(key, func(c *schema.Column) bool {
				// Many collations take A for a.
				value, set := made[c]
				return !set || value == null || !strings.EqualFold(value, r[c])
			})
		})
	})
}
