package resource

import "reflect"

// Included has the related rows for a list of rows.
type Included struct {
	Relation *Relation
	Rows     *Rows

	// The related rows of one row are a linked list. first maps the id that relates them
	// to the place of the first row, next maps a place to the next. Places are indexes in
	// Rows plus 1; 0 ends the list.
	first map[int64]int
	next  []int
}

// NewIncluded groups the rows of a relation by the rows that they belong to. It keeps their
// order.
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

// append appends the related rows of a row as JSON: an array, or an object or null.
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

// id returns the id in an integer field of a row, and false for NULL.
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
