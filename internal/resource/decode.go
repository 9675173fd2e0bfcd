package resource

import (
	"fmt"
	"reflect"
	"slices"
)

// MaxRows is the maximum number of rows in the body of a create.
const MaxRows = 1000

// Value is the value of one field: an int64, float64, bool, string or time.Time, as in the
// field's type, or nil for null.
type Value struct {
	Field *Field
	Value any
}

// DecodeRows decodes the body of a create: an object for one row, or an array of 1 to
// [MaxRows] objects. It reports whether the body is an array. Absent members take their
// defaults. It sets the values of fixed in every row, and ignores these members and
// read-only ones in the body. The error is a *[SyntaxError] or an *[InvalidError].
func (t *Table) DecodeRows(body []byte, fixed ...Value) (rows *Rows, array bool, err error) {
	if err := checkJSON(body); err != nil {
		return nil, false, err
	}
	d := t.decoder(body, fixed)
	rows = t.NewRows(1)
	d.rows = rows
	switch kind := d.scan.kind(); kind {
	case object:
		d.row(rows.add(), -1)
	case list:
		array = true
		d.array(rows)
	default:
		d.invalidShape("a JSON object or an array of objects", kind)
	}
	if err := d.err(); err != nil {
		return nil, false, err
	}
	return rows, array, nil
}

// DecodeReplacement decodes the body of a PUT for the row with that key, and returns a value
// for every field that is neither read-only nor part of the key. Absent members take their
// defaults, also [Now] and [ByDatabase]. Members of the key must be absent or equal. The
// error is a *[SyntaxError] or an *[InvalidError].
func (t *Table) DecodeReplacement(body []byte, key Key) ([]Value, error) {
	return t.decodeValues(body, key, true)
}

// DecodeChanges decodes a JSON merge patch (RFC 7396) for the row with that key, and returns
// the values of its members, without read-only ones and the key. Members of the key must be
// equal. A nil key is for a change of many rows, which cannot have these members. The error is
// a *[SyntaxError] or an *[InvalidError].
func (t *Table) DecodeChanges(body []byte, key Key) ([]Value, error) {
	return t.decodeValues(body, key, false)
}

// DecodeFilter decodes an object like DecodeChanges does, but also returns values of the key.
func (t *Table) DecodeFilter(body []byte) ([]Value, error) {
	return t.decode(body, t.decoder(body, nil), false)
}

// decodeValues decodes one object and returns the values of a whole row or only of the
// members in the body, in the table's order.
func (t *Table) decodeValues(body []byte, key Key, whole bool) ([]Value, error) {
	d := t.decoder(body, nil)
	d.change, d.key = true, key
	return t.decode(body, d, whole)
}

func (t *Table) decode(body []byte, d decoder, whole bool) ([]Value, error) {
	if err := checkJSON(body); err != nil {
		return nil, err
	}
	row := reflect.New(t.row)
	switch kind := d.scan.kind(); {
	case kind != object:
		d.invalidShape("a JSON object", kind)
	case whole:
		d.row(row.Elem(), -1)
	default:
		d.object(row.Elem())
		d.keepFaults(-1)
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	values := make([]Value, 0, len(t.Fields))
	for _, f := range t.Fields {
		switch sent := d.sent[f.index] > 0; {
		case !whole && !sent || f.ReadOnly || f.InKey && d.change:
		case !sent && f.isLate():
			values = append(values, Value{f, f.Default})
		default:
			values = append(values, Value{f, f.Of(row.Interface())})
		}
	}
	return values, nil
}

// decoder decodes the objects of one body.
type decoder struct {
	table *Table
	scan  scanner
	fixed []Value
	found faults
	rows  *Rows // of a create, whose last row is the current one
	// documents means that a member is a [Document], deep that one has too many levels.
	documents, deep bool
	// change means that the body changes rows, so that its members of the key must equal those of key.
	change bool
	key    Key

	// The state of the current object.

	sent     []int    // how often each member occurs, by the index of its field in the struct
	invalid  []Fault  // faults of values, at most one per field
	repeated bool     // a member occurs more than once
	unknown  []string // names of unknown members, at most maxFaults
	more     int      // number of further unknown members
}

// decoder returns a decoder for a body that [checkJSON] accepts.
func (t *Table) decoder(body []byte, fixed []Value) decoder {
	return decoder{table: t, scan: scanner{body: body}, fixed: fixed, sent: make([]int, t.row.NumField())}
}

// array decodes the elements of an array.
func (d *decoder) array(rows *Rows) {
	n := 0
	for d.scan.open(); d.scan.more(']'); n++ {
		switch kind := d.scan.kind(); {
		case n >= MaxRows: // the body is invalid: only count the rest
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

// row decodes an object into a new row. Absent members take their defaults. Element is the
// index in an array, or -1 for a single row.
func (d *decoder) row(row reflect.Value, element int) {
	d.object(row)
	for _, f := range d.table.Fields {
		switch {
		case d.sent[f.index] > 0 && !f.ReadOnly, d.isFixed(f), f.InKey && d.change:
		case f.MakesUUID:
			f.set(row, f.newUUID())
		case f.isLate():
			if d.rows != nil {
				d.rows.omit(d.rows.Len()-1, f)
			}
		case f.Default != nil:
			f.set(row, f.Default)
		case f.Required():
			d.invalid = append(d.invalid, f.fault("required", "is required"))
		}
	}
	for _, v := range d.fixed {
		v.Field.set(row, v.Value)
	}
	d.keepFaults(element)
}

// object decodes the members of an object into a row.
func (d *decoder) object(row reflect.Value) {
	clear(d.sent)
	d.invalid, d.repeated, d.unknown, d.more = d.invalid[:0], false, d.unknown[:0], 0
	for d.scan.open(); d.scan.more('}'); {
		name, raw := d.scan.member()
		f := d.table.byName[string(name)]
		if f == nil {
			d.addUnknown(string(name))
			continue
		}
		d.sent[f.index]++
		if d.sent[f.index] > 1 {
			d.repeated = true
			continue
		}
		if f.ReadOnly || d.isFixed(f) {
			continue
		}
		d.documents = d.documents || f.Type == Document
		code, predicate := f.read(row, raw)
		if code == "" && f.InKey && d.change {
			code, predicate = d.checkKey(f, row)
		}
		if code != "" {
			d.invalid = append(d.invalid, f.fault(code, predicate))
			d.deep = d.deep || predicate == deepPredicate
		}
	}
}

// checkKey returns the code and predicate of the fault if a member of the key differs from the row to change, else "".
func (d *decoder) checkKey(f *Field, row reflect.Value) (code, predicate string) {
	if d.key == nil {
		return "key", "is part of the key, which cannot change"
	}
	if !f.Same(f.value(row.Field(f.index)), d.key[slices.Index(d.table.Key, f)]) {
		return "key", "is part of the key, which cannot change: omit it, or send the value in the path"
	}
	return "", ""
}

// addUnknown records the name of an unknown member, once, up to maxFaults names.
func (d *decoder) addUnknown(name string) {
	if len(d.unknown) == maxFaults {
		d.more++
	} else if name = shortened(name); !slices.Contains(d.unknown, name) {
		d.unknown = append(d.unknown, name)
	}
}

func (d *decoder) isFixed(f *Field) bool {
	return slices.ContainsFunc(d.fixed, func(v Value) bool { return v.Field == f })
}

// keepFaults adds the faults of the current object: in the table's order, unknown members last.
func (d *decoder) keepFaults(element int) {
	if len(d.invalid) == 0 && !d.repeated && len(d.unknown) == 0 {
		return
	}
	for _, f := range d.table.Fields {
		if d.sent[f.index] > 1 {
			d.found.addOf(element, f.fault("repeated", "is given more than once"))
			continue
		}
		if i := slices.IndexFunc(d.invalid, func(x Fault) bool { return x.Field == f.Name }); i >= 0 {
			d.found.addOf(element, d.invalid[i])
		}
	}
	for _, name := range d.unknown {
		d.found.addOf(element, Fault{name, "unknown", fmt.Sprintf("%s has no member %q", d.table.Name, name)})
	}
	d.found.more += d.more
}

// invalidShape adds the fault of a body that is neither an object nor a supported array.
func (d *decoder) invalidShape(want string, kind kind) {
	d.scan.value()
	d.found.add(Fault{"", "type", fmt.Sprintf("The body must be %s, not %s", want, kind)})
}

// err returns the faults of the body as an error, or nil.
func (d *decoder) err() error {
	levels := maxDepth
	if d.documents {
		levels += 2 // the row and the array
	}
	if d.scan.nested && !d.deep && deep(d.scan.body, levels) {
		return errDeep
	}
	return d.found.err()
}
