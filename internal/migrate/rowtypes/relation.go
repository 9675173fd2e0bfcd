package rowtypes

import (
	"cmp"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
)

// relation is a foreign key to the id of a served table.
type relation struct {
	key    *atlas.ForeignKey
	parent *table
	field  *field
	// member is the JSON name of the parent in a row. inverse is the JSON name of the rows in
	// the parent.
	member, inverse string
	goName          string
}

// nameForeignKeys adds the relations of a table in the order of their columns, and names
// the parent: author_id → author. If a column has this name, it uses author_id_row.
func (t *table) nameForeignKeys(tables map[string]*table) {
	position := func(k *atlas.ForeignKey) int { return slices.Index(t.Columns, k.Columns[0]) }
	keys := slices.SortedStableFunc(slices.Values(t.ForeignKeys), func(a, b *atlas.ForeignKey) int {
		return cmp.Compare(position(a), position(b))
	})
	for _, k := range keys {
		r := &relation{key: k, parent: tables[k.RefTable.Name]}
		if r.parent == nil || len(k.Columns) != 1 || k.RefColumns[0].Name != "id" || !t.isFree(k.Columns[0], r) {
			continue
		}
		column := k.Columns[0].Name
		name := trimID(column)
		if name == "" || name == column {
			name = column + "_row"
		}
		r.member = t.members.take(name, column+"_row")
		exported, _ := goName(r.member)
		r.goName = t.fieldNames.take(exported, exported+"Row")
		t.relations = append(t.relations, r)
	}
}

// isFree sets the field of a relation. It returns false if the column is not served, is not
// an integer, or belongs to another relation.
func (t *table) isFree(c *atlas.Column, r *relation) bool {
	i := slices.IndexFunc(t.fields, func(f *field) bool { return f.column == c })
	if i < 0 || t.fields[i].typ != "int64" {
		return false
	}
	r.field = t.fields[i]
	return !slices.ContainsFunc(t.relations, func(other *relation) bool { return other.field == r.field })
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
		by := t.Name + "_by_" + inPath(r.member)
		if seen[r.parent] {
			r.inverse = r.parent.members.take(by)
		} else if r.inverse = r.parent.members.take(t.Name, by); r.inverse != t.Name {
			g.note("%s.%s: the relation from %s is called %s", t.Name, r.field.column.Name, r.parent.Name, r.inverse)
		}
		seen[r.parent] = true
	}
}
