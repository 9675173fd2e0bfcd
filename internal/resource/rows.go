package resource

import "reflect"

// Rows is a list of rows of one table, as a database fills it and JSON shows it.
type Rows struct {
	table  *Table
	slice  reflect.Value // of the table's struct; it can be addressed, and so can its elements
	fields []*Field
	dest   []any
}

// NewRows returns an empty list with room for n rows. Where fields are named, those are what Append fills; the others
// keep the zero of their type.
func (t *Table) NewRows(n int, fields ...*Field) *Rows {
	if len(fields) == 0 {
		fields = t.Fields
	}
	slice := reflect.New(t.rows).Elem()
	slice.Grow(n)
	return &Rows{table: t, slice: slice, fields: fields}
}

// Append adds an empty row and gives a pointer to each of the list's fields, in
// their order, for one [database/sql.Rows.Scan]. The slice of pointers is good
// until the next Append.
func (r *Rows) Append() []any {
	if r.dest == nil {
		r.dest = make([]any, len(r.fields))
	}
	row := r.add()
	for i, f := range r.fields {
		r.dest[i] = row.Field(f.index).Addr().Interface()
	}
	return r.dest
}

// add adds an empty row and gives its struct.
func (r *Rows) add() reflect.Value {
	n := r.slice.Len()
	r.slice.Grow(1)
	r.slice.SetLen(n + 1)
	return r.slice.Index(n)
}

// Len is the number of rows.
func (r *Rows) Len() int { return r.slice.Len() }

// Row returns a pointer to the row at i, as [Table.New] would.
func (r *Rows) Row(i int) any { return r.slice.Index(i).Addr().Interface() }

// Set puts a value into a field of the row at i: one of the field's type, or nil
// for NULL.
func (r *Rows) Set(i int, f *Field, value any) { f.set(r.slice.Index(i), value) }

// Truncate keeps the first n rows.
func (r *Rows) Truncate(n int) {
	r.slice.Slice(n, r.slice.Len()).Clear()
	r.slice.SetLen(n)
}

// Pointer returns a pointer to the slice of the rows' structs, as GORM takes it.
func (r *Rows) Pointer() any { return r.slice.Addr().Interface() }

// Weight is at most the number of bytes of the row at i as JSON, with the list's
// fields: their names, and the bytes of their texts. It tells how a list grows
// while it is read, and costs little.
func (r *Rows) Weight(i int) int {
	row := r.slice.Index(i)
	n := len("}")
	for _, f := range r.fields {
		n += len(f.prefix) + len("0")
		if f.Type != Text {
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
