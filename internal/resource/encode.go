package resource

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// View selects the members of rows in JSON, and the relations to include.
type View struct {
	fields   []*Field
	included []*Included
}

// View returns a view with the fields of these names (nil for all) and with relations.
// Members have the table's order, fields before relations.
func (t *Table) View(fields []string, included ...*Included) *View {
	v := &View{fields: t.Fields, included: included}
	if fields != nil {
		v.fields = make([]*Field, 0, len(fields))
		for _, f := range t.Fields {
			if slices.Contains(fields, f.Name) {
				v.fields = append(v.fields, f)
			}
		}
	}
	if len(included) > 1 {
		v.included = slices.Clone(included)
		slices.SortStableFunc(v.included, func(a, b *Included) int {
			return slices.Index(t.Relations, a.Relation) - slices.Index(t.Relations, b.Relation)
		})
	}
	return v
}

// Append appends the row at index i as a JSON object. The result is the same as that of
// encoding/json without HTML escaping, which is slower.
func (v *View) Append(b []byte, rows *Rows, i int) []byte {
	return v.append(b, rows.slice.Index(i))
}

// AppendAll appends all rows as a JSON array.
func (v *View) AppendAll(b []byte, rows *Rows) []byte {
	b = append(b, '[')
	for i := range rows.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = v.append(b, rows.slice.Index(i))
	}
	return append(b, ']')
}

func (v *View) append(b []byte, row reflect.Value) []byte {
	start := len(b)
	for _, f := range v.fields {
		b = append(b, f.prefix...)
		b = f.append(b, row.Field(f.index))
	}
	for _, in := range v.included {
		b = append(b, in.Relation.prefix...)
		b = in.append(b, row)
	}
	if len(b) == start {
		return append(b, "{}"...)
	}
	b[start] = '{' // replaces the comma before the first member
	return append(b, '}')
}

// prefix returns the JSON before the value of a member: ,"name":
func prefix(name string) string { return "," + string(appendText(nil, name)) + ":" }

// append appends the field's value, v, as JSON.
func (f *Field) append(b []byte, v reflect.Value) []byte {
	if f.Nullable {
		if v.IsNil() {
			return append(b, "null"...)
		}
		v = v.Elem()
	}
	if f.codec != nil {
		p := v.Addr().Interface()
		if f.codec.isZero != nil && f.codec.isZero(p) {
			return append(b, "null"...)
		}
		return f.codec.append(f, b, p)
	}
	switch f.Type {
	case Integer:
		return strconv.AppendInt(b, v.Int(), 10)
	case Number:
		if f.storage.single() {
			return appendNumber(b, sixDigits(v.Float()))
		}
		return appendNumber(b, v.Float())
	case Boolean:
		return strconv.AppendBool(b, v.Bool())
	case Time:
		return appendTime(b, *v.Addr().Interface().(*time.Time), f.storage.fraction)
	}
	return appendText(b, v.String())
}

// appendTime appends a time in RFC 3339 with this number of fractional digits, or null for
// a zero date of MySQL.
func appendTime(b []byte, t time.Time, fraction int) []byte {
	if t.IsZero() {
		return append(b, "null"...)
	}
	t = t.UTC()
	b = append(b, '"')
	b = t.AppendFormat(b, time.RFC3339) // much faster than other layouts
	if fraction > 0 {
		b = append(b[:len(b)-1], '.')
		b = append(appendFraction(b, t.Nanosecond()/1000, fraction), 'Z')
	}
	return append(b, '"')
}

// appendFraction appends the first digits of a fraction of a second in microseconds.
func appendFraction(b []byte, micros, digits int) []byte {
	for unit := 100_000; digits > 0; digits-- {
		b = append(b, '0'+byte(micros/unit%10))
		unit /= 10
	}
	return b
}

// appendNumber appends a float64 in the format of ECMAScript and encoding/json. NaN and
// infinities, which JSON does not have, are null.
func appendNumber(b []byte, x float64) []byte {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return append(b, "null"...)
	}
	if abs := math.Abs(x); abs == 0 || abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(b, x, 'f', -1, 64)
	}
	b = strconv.AppendFloat(b, x, 'e', -1, 64)
	if n := len(b); b[n-3] == '-' && b[n-2] == '0' { // e-09 → e-9
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	return b
}

// appendText appends a JSON string. It copies ranges without escapes as a whole.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0 // of the range to copy
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			b = appendEscaped(b, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		// U+2028 and U+2029 are escaped, like in encoding/json, for old JavaScript.
		if r == '\u2028' || r == '\u2029' || r == utf8.RuneError && size == 1 {
			b = append(b, s[start:i]...)
			b = append(b, '\\', 'u', hexDigits[r>>12], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
			start = i + size
		}
		i += size
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

const hexDigits = "0123456789abcdef"

// appendEscaped appends the escape of an ASCII character.
func appendEscaped(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
