package resource

import (
	"errors"
	"fmt"
	"reflect"
)

// Rows is a list of rows of one table.
type Rows struct {
	table  *Table
	slice  reflect.Value // of the table's struct; addressable, like its elements
	fields []*Field
	dest   []any
	flags  []flag // for the boolean fields in dest

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
		if f.Type == Boolean {
			if r.flags == nil {
				r.flags = make([]flag, len(r.fields))
			}
			r.flags[i].into = r.dest[i]
			r.dest[i] = &r.flags[i]
		}
	}
	return r.dest
}

// flag scans a boolean: database/sql accepts neither the bytes of MySQL's bit(1) nor a
// number other than 0 and 1.
type flag struct{ into any } // a *bool or a **bool

// Scan implements sql.Scanner.
func (f *flag) Scan(value any) error {
	is := false
	switch v := value.(type) {
	case nil:
		if into, ok := f.into.(**bool); ok {
			*into = nil
			return nil
		}
		return errors.New("resource: a boolean is NULL")
	case bool:
		is = v
	case int64:
		is = v != 0
	case []byte:
		is = len(v) > 0 && v[len(v)-1] != 0 && string(v) != "0"
	case string:
		is = v != "" && v[len(v)-1] != 0 && v != "0"
	default:
		return fmt.Errorf("resource: %T is not a boolean", value)
	}
	if into, ok := f.into.(*bool); ok {
		*into = is
		return nil
	}
	*f.into.(**bool) = &is
	return nil
}

// add adds an empty row and returns its struct.
func (r *Rows) add() reflect.Value {
	n := r.slice.Len()
	r.slice.Grow(1)
	r.slice.SetLen(n + 1)
	return r.slice.Index(n)
}

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
