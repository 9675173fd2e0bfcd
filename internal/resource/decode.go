package resource

import (
	"fmt"
	"reflect"
	"slices"
	"time"
)

// MaxRows is how many rows the array of a create may have.
const MaxRows = 1000

// Value is what a body says of one field: an int64, float64, bool, string or
// time.Time by the field's type, or nil for null.
type Value struct {
	Field *Field
	Value any
}

// DecodeRows reads the body of a create into new rows: an object is one row, an
// array has 1 to [MaxRows] of them, and array says which it was. What is absent
// takes its default. Ignored are read-only members, and those that fixed gives a
// value for all rows. The error is a *[SyntaxError] or an *[InvalidError].
func (t *Table) DecodeRows(body []byte, fixed ...Value) (rows *Rows, array bool, err error) {
	if err := checkJSON(body); err != nil {
		return nil, false, err
	}
	d := t.decoder(body, fixed)
	rows = t.NewRows(1)
	switch kind := d.scan.kind(); kind {
	case object:
		d.row(rows.add(), -1)
	case list:
		array = true
		d.array(rows)
	default:
		d.wrongShape("a JSON object or an array of objects", kind)
	}
	if err := d.err(); err != nil {
		return nil, false, err
	}
	return rows, array, nil
}

// DecodeReplacement reads the body of a PUT: a value for every field that is not
// read-only. What is absent takes its default. The error is a *[SyntaxError] or an
// *[InvalidError].
func (t *Table) DecodeReplacement(body []byte) ([]Value, error) {
	return t.decodeValues(body, true)
}

// DecodeChanges reads the body of a JSON merge patch (RFC 7396): only the members
// it has. Read-only members are ignored. The error is a *[SyntaxError] or an
// *[InvalidError].
func (t *Table) DecodeChanges(body []byte) ([]Value, error) {
	return t.decodeValues(body, false)
}

// decodeValues reads one object, and gives the values of a whole row or only of
// the members that were sent, in the table's order.
func (t *Table) decodeValues(body []byte, whole bool) ([]Value, error) {
	if err := checkJSON(body); err != nil {
		return nil, err
	}
	d := t.decoder(body, nil)
	row := reflect.New(t.row)
	switch kind := d.scan.kind(); {
	case kind != object:
		d.wrongShape("a JSON object", kind)
	case whole:
		d.row(row.Elem(), -1)
	default:
		d.object(row.Elem())
		d.keepError(-1)
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	values := make([]Value, 0, len(t.Fields))
	for _, f := range t.Fields {
		if (whole || d.sent[f.index] > 0) && !f.ReadOnly {
			values = append(values, Value{f, f.Of(row.Interface())})
		}
	}
	return values, nil
}

// decoder reads the objects of one body.
type decoder struct {
	table *Table
	scan  scanner
	fixed []Value
	found faults
	now   time.Time

	// Of the object at hand: how often each member was sent, by its place in the
	// struct; what is wrong with values, at most once a field; whether a member
	// was sent again; and names that no field has, with how many more there are.
	sent    []int
	wrong   []Fault
	again   bool
	unknown []string
	more    int
}

// decoder reads a body that [checkJSON] has seen.
func (t *Table) decoder(body []byte, fixed []Value) decoder {
	return decoder{table: t, scan: scanner{body: body}, fixed: fixed, sent: make([]int, t.row.NumField())}
}

// array reads the elements of an array.
func (d *decoder) array(rows *Rows) {
	n := 0
	for d.scan.open(); d.scan.more(']'); n++ {
		switch kind := d.scan.kind(); {
		case n >= MaxRows: // that is too many already: they are only counted
			d.scan.value()
		case kind == object:
			d.row(rows.add(), n)
		default:
			d.scan.value()
			d.found.add(Fault{fmt.Sprintf("[%d]", n), "type", fmt.Sprintf("[%d] must be a JSON object, not %s", n, kind)})
		}
	}
	if n < 1 || n > MaxRows {
		d.found = faults{}
		d.found.add(Fault{"", "out_of_range", fmt.Sprintf("The array must have 1 to %d rows, not %d", MaxRows, n)})
	}
}

// row reads an object into a new row: what is absent takes its default. Element
// is its place in an array, -1 outside of one.
func (d *decoder) row(row reflect.Value, element int) {
	d.object(row)
	for _, f := range d.table.Fields {
		switch {
		case d.sent[f.index] > 0 && !f.ReadOnly, d.isFixed(f):
		case f.Default == Now:
			f.set(row, f.Truncate(d.time()))
		case f.Default != nil:
			f.set(row, f.Default)
		case f.Required():
			d.wrong = append(d.wrong, f.fault("required", "is required"))
		}
	}
	for _, v := range d.fixed {
		v.Field.set(row, v.Value)
	}
	d.keepError(element)
}

// time is the time of the request, the same for all its rows.
func (d *decoder) time() time.Time {
	if d.now.IsZero() {
		d.now = time.Now()
	}
	return d.now
}

// object reads the members of an object into a row.
func (d *decoder) object(row reflect.Value) {
	clear(d.sent)
	d.wrong, d.again, d.unknown, d.more = d.wrong[:0], false, d.unknown[:0], 0
	for d.scan.open(); d.scan.more('}'); {
		name, raw := d.scan.member()
		f := d.table.byName[string(name)]
		if f == nil {
			d.noField(string(name))
			continue
		}
		d.sent[f.index]++
		if d.sent[f.index] > 1 {
			d.again = true
			continue
		}
		if f.ReadOnly || d.isFixed(f) {
			continue
		}
		if code, predicate := f.read(row, raw); code != "" {
			d.wrong = append(d.wrong, f.fault(code, predicate))
		}
	}
}

// noField keeps a name that no field has: once, and no more than are listed.
func (d *decoder) noField(name string) {
	if len(d.unknown) == maxFaults {
		d.more++
	} else if name = shortened(name); !slices.Contains(d.unknown, name) {
		d.unknown = append(d.unknown, name)
	}
}

func (d *decoder) isFixed(f *Field) bool {
	return slices.ContainsFunc(d.fixed, func(v Value) bool { return v.Field == f })
}

// keepError adds the faults of the object at hand: as the fields stand in the table, unknown members last.
func (d *decoder) keepError(element int) {
	if len(d.wrong) == 0 && !d.again && len(d.unknown) == 0 {
		return
	}
	for _, f := range d.table.Fields {
		if d.sent[f.index] > 1 {
			d.found.addOf(element, f.fault("repeated", "is given more than once"))
			continue
		}
		if i := slices.IndexFunc(d.wrong, func(x Fault) bool { return x.Field == f.Name }); i >= 0 {
			d.found.addOf(element, d.wrong[i])
		}
	}
	for _, name := range d.unknown {
		d.found.addOf(element, Fault{name, "unknown", fmt.Sprintf("%s has no member %q", d.table.Name, name)})
	}
	d.found.more += d.more
}

// wrongShape is the fault of a body as a whole.
func (d *decoder) wrongShape(want string, kind kind) {
	d.scan.value()
	d.found.add(Fault{"", "type", fmt.Sprintf("The body must be %s, not %s", want, kind)})
}

// err is what is wrong with the body.
func (d *decoder) err() error {
	if d.scan.nested && deep(d.scan.body) {
		return errDeep
	}
	return d.found.err()
}
