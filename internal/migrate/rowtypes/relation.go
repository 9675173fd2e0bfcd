package rowtypes

import (
	"cmp"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
)

// relation is a foreign key to a served table.
type relation struct {
	key    *atlas.ForeignKey
	parent *table
	// fields are the columns, refs the columns that they reference. refs is nil for the key of the parent.
	fields, refs []*field
	// member is the JSON name of the parent in a row. inverse is the JSON name of the rows in
	// the parent.
	member, inverse string
	goName          string
}

// nameForeignKeys adds the relations of a table in the order of their columns, and names
// the parent: author_id → author. If a column has this name, it uses author_id_row. The name
// of a foreign key of several columns is that of its constraint.
func (t *table) nameForeignKeys(tables map[string]*table) {
	position := func(k *atlas.ForeignKey) int { return slices.Index(t.Columns, k.Columns[0]) }
	keys := slices.SortedStableFunc(slices.Values(t.ForeignKeys), func(a, b *atlas.ForeignKey) int {
		return cmp.Compare(position(a), position(b))
	})
	for _, k := range keys {
		r := &relation{key: k, parent: tables[k.RefTable.Name]}
		if r.parent == nil || !r.setFields(t) {
			continue
		}
		name := inPath(k.Symbol)
		other := name + "_row"
		if len(k.Columns) == 1 {
			column := k.Columns[0].Name
			name, other = trimID(column), column+"_row"
			if name == "" || name == column {
				name = other
			}
		}
		r.member = t.members.take(name, other)
		exported, _ := goName(r.member)
		r.goName = t.fieldNames.take(exported, exported+"Row")
		t.relations = append(t.relations, r)
	}
}

// setFields sets the fields of a relation. It reports false if a column is not served, or has another type than the
// column that it references.
func (r *relation) setFields(t *table) bool {
	for i, c := range r.key.Columns {
		f, ref := t.field(c), r.parent.field(r.key.RefColumns[i])
		if f == nil || ref == nil || f.typ != ref.typ {
			return false
		}
		r.fields, r.refs = append(r.fields, f), append(r.refs, ref)
	}
	if slices.Equal(r.key.RefColumns, keyOf(r.parent.Table)) {
		r.refs = nil
	}
	return true
}

// field returns the field of a column, or nil if it is not served.
func (t *table) field(c *atlas.Column) *field {
	for _, f := range t.fields {
		if f.column.Name == c.Name {
			return f
		}
	}
	return nil
}

// trimID returns the name of a column without the suffix _id, Id or ID.
func trimID(column string) string {
	for _, suffix := range []string{"_id", "Id", "ID"} {
		if name, ok := strings.CutSuffix(column, suffix); ok {
			return name
		}
	}
	return column
}

// nameInverses names the inverse of each relation. The first of several foreign keys to a
// table gets the name of the child table. The others add _by_ and their own name.
func (t *table) nameInverses(g *generator) {
	seen := map[*table]bool{}
	for _, r := range t.relations {
		name := inPath(t.Name)
		by := name + "_by_" + inPath(r.member)
		if seen[r.parent] {
			r.inverse = r.parent.members.take(by)
		} else if r.inverse = r.parent.members.take(name, by); r.inverse != name {
			g.note("%s.%s: the relation from %s is called %s", t.Name, r.fields[0].column.Name, r.parent.Name, r.inverse)
		}
		seen[r.parent] = true
	}
}
