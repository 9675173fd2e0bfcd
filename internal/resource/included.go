package resource

import "reflect"

// Included are the rows of a relation for a list of rows.
type Included struct {
	Relation *Relation
	Rows     *Rows

	// A row's relatives are a chain: first gives the place of the first by the
	// id that relates them, next that of the next by the place of one. Places
	// count from 1, so that 0 is none.
	first map[int64]int
	next  []int
}

// NewIncluded arranges the rows of a relation by the rows they belong to, in the
// order they have here.
func NewIncluded(rel *Relation, rows *Rows) *Included {
	n := rows.Len()
	in := &Included{Relation: rel, Rows: rows, first: make(map[int64]int, n), next: make([]int, n+1)}
	key := rel.Table.Field("id")
	if rel.Many {
		key = rel.Field
	}
	for place := n; place > 0; place-- {
		if id, ok := key.id(rows.slice.Index(place - 1)); ok {
			in.next[place] = in.first[id]
			in.first[id] = place
		}
	}
	return in
}

// append appends what belongs to a row as JSON: an array, or an object or null.
func (in *Included) append(b []byte, row reflect.Value) []byte {
	view, rel := in.Rows.table.whole, in.Relation
	if !rel.Many {
		id, ok := rel.Field.id(row)
		if place := in.first[id]; ok && place > 0 {
			return view.append(b, in.Rows.slice.Index(place-1))
		}
		return append(b, "null"...)
	}
	b = append(b, '[')
	id := row.Field(rel.parentID).Int()
	for place := in.first[id]; place > 0; place = in.next[place] {
		if place != in.first[id] {
			b = append(b, ',')
		}
		b = view.append(b, in.Rows.slice.Index(place-1))
	}
	return append(b, ']')
}

// id returns the id that an integer field of a row holds, false for NULL.
func (f *Field) id(row reflect.Value) (int64, bool) {
	v := row.Field(f.index)
	if f.Nullable {
		if v.IsNil() {
			return 0, false
		}
		v = v.Elem()
	}
	return v.Int(), true
}
