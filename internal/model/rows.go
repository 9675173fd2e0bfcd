package model

import "reflect"

// Rows is a list of rows of one table, as a database fills it and JSON shows it.
type Rows struct {
	table *Table
	slice reflect.Value // of the table's struct
	dest  []any
}

// NewRows gives an empty list with room for n rows.
func (t *Table) NewRows(n int) *Rows {
	// A slice that can be addressed, so that its elements can.
	slice := reflect.New(reflect.SliceOf(t.row)).Elem()
	slice.Set(reflect.MakeSlice(slice.Type(), 0, n))
	return &Rows{t, slice, make([]any, len(t.Fields))}
}

// Append adds an empty row and gives a pointer to each of its fields, in the
// order of the table's, for one [database/sql.Rows.Scan]. The slice of pointers
// is good until the next Append.
func (r *Rows) Append() []any {
	n := r.slice.Len()
	r.slice.Grow(1)
	r.slice.SetLen(n + 1)
	row := r.slice.Index(n)
	for i, f := range r.table.Fields {
		r.dest[i] = row.Field(f.index).Addr().Interface()
	}
	return r.dest
}

// Len is the number of rows.
func (r *Rows) Len() int { return r.slice.Len() }

// Row gives a pointer to the row at i, as [Table.New] would.
func (r *Rows) Row(i int) any { return r.slice.Index(i).Addr().Interface() }

// Slice is the rows as a slice of their struct, never nil: what is encoded as
// JSON.
func (r *Rows) Slice() any { return r.slice.Interface() }
