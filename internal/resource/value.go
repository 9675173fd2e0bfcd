package resource

import (
	"bytes"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// read decodes a JSON value into the field of an empty row. For an invalid value it returns
// the code and predicate of the fault ("must be …"), else "".
func (f *Field) read(row reflect.Value, raw []byte) (code, predicate string) {
	return f.decode(row.Field(f.index), raw)
}

// decode is read for dst, the empty value of the field in a row.
func (f *Field) decode(dst reflect.Value, raw []byte) (code, predicate string) {
	if raw[0] == 'n' {
		switch {
		case f.Nullable:
			return "", ""
		case f.Required():
			return "required", "is required"
		}
		return "null", "must not be null"
	}
	if f.Nullable {
		dst.Set(reflect.New(dst.Type().Elem()))
		dst = dst.Elem()
	}
	if f.codec != nil {
		return f.codec.read(f, dst.Addr().Interface(), raw)
	}
	switch f.Type {
	case Integer:
		return f.readInteger(dst, raw)
	case Number:
		return f.readNumber(dst, raw)
	case Boolean:
		if raw[0] != 't' && raw[0] != 'f' {
			return "type", "must be true or false"
		}
		dst.SetBool(raw[0] == 't')
		return "", ""
	case Time:
		if raw[0] != '"' {
			return "type", "must be a time in RFC 3339, as a string"
		}
		s, _ := text(raw)
		t, err := ParseTime(s)
		if err != nil {
			return "type", err.Error()
		}
		t = f.Truncate(t)
		*dst.Addr().Interface().(*time.Time) = t
		return f.storage.checkTime(t)
	}
	if raw[0] != '"' {
		return "type", "must be a string"
	}
	s, ok := text(raw)
	s = f.storage.keepText(s)
	dst.SetString(s)
	return f.checkText(s, ok)
}

func (f *Field) readInteger(dst reflect.Value, raw []byte) (code, predicate string) {
	n, err := parseInteger(string(raw))
	switch {
	case errors.Is(err, strconv.ErrRange):
		return "out_of_range", "must be a whole number of at most 64 bits"
	case err != nil:
		return "type", "must be a whole number"
	}
	dst.SetInt(n)
	if n == 0 && f.storage.name == "year" { // MySQL's year 0000
		return "", ""
	}
	return f.checkRange(float64(n))
}

func (f *Field) readNumber(dst reflect.Value, raw []byte) (code, predicate string) {
	x, err := strconv.ParseFloat(string(raw), 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return "out_of_range", "must be a number of at most 64 bits"
	case err != nil:
		return "type", "must be a number"
	}
	dst.SetFloat(f.storage.keep(x))
	if code, predicate := f.storage.checkDecimal(string(raw)); code != "" {
		return code, predicate
	}
	return f.checkRange(x)
}

// text decodes a JSON string. It reports false if there is an unpaired surrogate.
func text(raw []byte) (s string, ok bool) {
	raw = raw[1 : len(raw)-1]
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw), true
	}
	raw, ok = unescape(raw)
	return string(raw), ok
}

// ParseTime parses a time in RFC 3339. The result is in UTC and truncated to microseconds.
// The year must be one that both dialects can store. The error is a predicate: "must be …".
func ParseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, errors.New("must be a time in RFC 3339, such as 2026-01-31T12:00:00Z")
	}
	t = t.UTC().Truncate(time.Microsecond)
	if t.Year() < 1000 || t.Year() > 9999 {
		return time.Time{}, errors.New("must be a time between the years 1000 and 9999")
	}
	return t, nil
}

// parseInteger parses a whole number in any JSON notation: 7, 7.0 or 7e2. It does not use a
// float64, which cannot store all integers of 64 bits.
func parseInteger(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return n, err
	}
	sign, digits, exponent := splitNumber(s)
	switch {
	case exponent < 0:
		return 0, strconv.ErrSyntax
	case len(digits)+exponent > 19:
		return 0, strconv.ErrRange
	}
	return strconv.ParseInt(sign+digits+strings.Repeat("0", exponent), 10, 64)
}

// splitNumber splits a JSON number into its sign, its digits without zeros at either end, and the power of ten that
// they are multiplied by: -1.50e3 → "-", "15", 2. Zero is "0", 0.
func splitNumber(s string) (sign, digits string, exponent int) {
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	mantissa, power, _ := strings.Cut(strings.ToLower(s), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	all := strings.TrimLeft(whole+fraction, "0")
	if digits = strings.TrimRight(all, "0"); digits == "" {
		return "", "0", 0
	}
	// Larger exponents have the same result: out of range, or too many digits.
	const huge = 1 << 40
	exponent, _ = strconv.Atoi(power) // 0 without an exponent
	return sign, digits, min(max(exponent, -huge), huge) - len(fraction) + len(all) - len(digits)
}

// set sets the field of a row to a value, or to NULL if the value is nil.
func (f *Field) set(row reflect.Value, value any) { f.assign(row.Field(f.index), value) }

// assign is set for dst, the value of the field in a row.
func (f *Field) assign(dst reflect.Value, value any) {
	if value == nil {
		dst.SetZero()
		return
	}
	if f.Nullable {
		dst.Set(reflect.New(dst.Type().Elem()))
		dst = dst.Elem()
	}
	dst.Set(reflect.ValueOf(value))
}

// empty returns an empty value of the field, as in a row.
func (f *Field) empty() reflect.Value { return reflect.New(f.typ).Elem() }

// value returns v, the value of the field in a row, as for [Field.Of].
func (f *Field) value(v reflect.Value) any {
	if f.Nullable {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	if (f.Type == Time || f.codec != nil) && f.zero(v) {
		return nil
	}
	return f.Compared(v.Interface())
}

// appendValue appends a value of the field, as from [Field.Of], as JSON.
func (f *Field) appendValue(b []byte, value any) []byte {
	v := f.empty()
	f.assign(v, value)
	return f.append(b, v)
}

// Same reports whether two values of the field are the same.
func (f *Field) Same(a, b any) bool { return f.Identity(a) == f.Identity(b) }

// Identity returns a comparable value: equal values of the field have equal identities. It is nil for NULL.
func (f *Field) Identity(value any) any {
	switch value.(type) {
	case nil, int64, string, bool:
		return value
	}
	return string(f.appendValue(nil, value))
}
