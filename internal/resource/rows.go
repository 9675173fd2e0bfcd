package resource

import "reflect"

// Rows is a list of rows of one table.
type Rows struct {
	table  *Table
	slice  reflect.Value // of the table's struct; addressable, like its elements
	fields []*Field
	dest   []any
	// flags and amounts are for the booleans and decimals in dest.
	flags   []flag
	amounts []amount

	omissions map[omission]bool // nil for none
}

// NewRows returns an empty list with capacity for n rows. Append returns pointers to these fields (default: all); the
// others keep their zero values.
func (t *Table) NewRows(n int, fields ...*Field) *Rows {
	if len(fields) == 0 {
		fields = t.Fields
	}
	slice := reflect.New(t.rows).Elem()
	slice.Grow(n)
	return &Rows{table: t, slice: slice, fields: fields}
}

// Append adds an empty row and returns a pointer to each of the list's fields, in order, for
// [database/sql.Rows.Scan]. The slice of pointers is valid until the next Append.
func (r *Rows) Append() []any {
	if r.dest == nil {
		r.dest = make([]any, len(r.fields))
	}
	row := r.add()
	for i, f := range r.fields {
		r.dest[i] = row.Field(f.index).Addr().Interface()
		switch f.Type {
		case Boolean:
			if r.flags == nil {
				r.flags = make([]flag, len(r.fields))
			}
			r.flags[i].into = r.dest[i]
			r.dest[i] = &r.flags[i]
		case Decimal:
			if r.amounts == nil {
				r.amounts = make([]amount, len(r.fields))
			}
			r.amounts[i].into = r.dest[i]
			r.dest[i] = &r.amounts[i]
		}
	}
	return r.dest
}

// add adds an empty row and returns its struct.
func (r *Rows) add() reflect.Value {
	n := r.slice.Len()
	r.slice.Grow(1)
	r.slice.SetLen(n + 1)
	return r.slice.Index(n)
}

// Fields returns the fields that Append returns pointers to.
func (r *Rows) Fields() []*Field { return r.fields }

// Len returns the number of rows.
func (r *Rows) Len() int { return r.slice.Len() }

// Row returns a pointer to the row at index i.
func (r *Rows) Row(i int) any { return r.slice.Index(i).Addr().Interface() }

// Set sets a field of the row at index i to a value of the field's type, or to NULL if the
// value is nil.
func (r *Rows) Set(i int, f *Field, value any) {
	f.set(r.slice.Index(i), value)
	delete(r.omissions, omission{i, f})
}

// Truncate removes all rows after the first n.
func (r *Rows) Truncate(n int) {
	r.slice.Slice(n, r.slice.Len()).Clear()
	r.slice.SetLen(n)
}

// Pointer returns a pointer to the slice of structs, for GORM.
func (r *Rows) Pointer() any { return r.slice.Addr().Interface() }

// Weight returns a lower bound for the size of the row at index i in JSON, in bytes: the
// names of the list's fields and the size of their texts. It is cheap enough to limit the
// size of a list while it is read.
func (r *Rows) Weight(i int) int {
	row := r.slice.Index(i)
	n := len("}")
	for _, f := range r.fields {
		n += len(f.prefix) + len("0")
		if !f.sized {
			continue
		}
		v := row.Field(f.index)
		if f.Nullable {
			if v.IsNil() {
				continue
			}
			v = v.Elem()
		}
		n += v.Len()
	}
	return n
}

// Identity returns a text that is equal for rows with equal values of fields. It reports false if one of them is NULL.
func (r *Rows) Identity(i int, fields []*Field) (string, bool) {
	b, ok := appendKey(nil, r.slice.Index(i), fields)
	return string(b), ok
}

// Copy replaces the row at index i by the row of another list of the table.
func (r *Rows) Copy(i int, from *Rows, row int) { r.slice.Index(i).Set(from.slice.Index(row)) }
