package resource

import "reflect"

// Included has the related rows for a list of rows.
type Included struct {
	Relation *Relation
	Rows     *Rows

	// The related rows of one row are a linked list. first maps the values that relate them
	// to the place of the first row, next maps a place to the next. Places are indexes in
	// Rows plus 1; 0 ends the list.
	first map[string]int
	next  []int
	from  []*Field
}

// NewIncluded groups the rows of a relation by the rows that they belong to. It keeps their
// order. For a relation with Through, by has the row of Through for each row; else by is nil.
func NewIncluded(rel *Relation, rows, by *Rows) *Included {
	if by == nil {
		by = rows
	}
	n := rows.Len()
	in := &Included{Relation: rel, Rows: rows, first: make(map[string]int, n), next: make([]int, n+1), from: rel.From()}
	to := rel.To()
	var key []byte
	for place := n; place > 0; place-- {
		var ok bool
		if key, ok = appendKey(key[:0], by.slice.Index(place-1), to); ok {
			in.next[place] = in.first[string(key)]
			in.first[string(key)] = place
		}
	}
	return in
}

// append appends the related rows of a row as JSON: an array, or an object or null.
func (in *Included) append(b []byte, row reflect.Value) []byte {
	view := in.Rows.table.whole
	var buffer [64]byte
	place := 0
	if key, ok := appendKey(buffer[:0], row, in.from); ok {
		place = in.first[string(key)]
	}
	if !in.Relation.Many {
		if place > 0 {
			return view.append(b, in.Rows.slice.Index(place-1))
		}
		return append(b, "null"...)
	}
	b = append(b, '[')
	for first := place; place > 0; place = in.next[place] {
		if place != first {
			b = append(b, ',')
		}
		b = view.append(b, in.Rows.slice.Index(place-1))
	}
	return append(b, ']')
}

// appendKey appends the values of fields, to compare rows by them. It reports false if one is NULL.
func appendKey(b []byte, row reflect.Value, fields []*Field) ([]byte, bool) {
	for _, f := range fields {
		v := row.Field(f.index)
		if f.Nullable && v.IsNil() {
			return b, false
		}
		b = append(f.append(b, v), ',')
	}
	return b, true
}

// Identity returns a text that is equal for equal values of fields.
func Identity(fields []*Field, values []any) string {
	var b []byte
	for i, f := range fields {
		b = append(f.appendValue(b, values[i]), ',')
	}
	return string(b)
}
