package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Value is what a body says of one field: an int64, float64, bool, string or
// time.Time by the field's type, or nil for null.
type Value struct {
	Field *Field
	Value any
}

// Fault is one thing that is wrong with one member of a body.
type Fault struct {
	// Field is the member's name; empty when the body as a whole is meant.
	Field string
	// Code is for programs: required, null, type, too_long, out_of_range,
	// invalid_text, unknown.
	Code string
	// Detail is a sentence for people.
	Detail string
}

// SyntaxError is a body that is not JSON (RFC 8259).
type SyntaxError struct{ Detail string }

func (e *SyntaxError) Error() string { return e.Detail }

// InvalidError is a body that is JSON but not valid: all its faults.
type InvalidError struct{ Faults []Fault }

func (e *InvalidError) Error() string {
	details := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		details[i] = f.Detail
	}
	return strings.Join(details, "; ")
}

// DecodeRow reads the body of a create into a new row: what is absent takes its
// default. Read-only members are ignored. The error is a *[SyntaxError] or an
// *[InvalidError].
func (t *Table) DecodeRow(body []byte) (row any, err error) {
	values, faults, err := t.decode(body)
	if err != nil {
		return nil, err
	}
	row = t.New()
	rv := reflect.ValueOf(row).Elem()
	for _, f := range t.Fields {
		i := slices.IndexFunc(values, func(v Value) bool { return v.Field == f })
		switch {
		case i >= 0:
			f.set(rv, values[i].Value)
		case f.Default != nil:
			f.set(rv, f.Default)
		case f.Required() && !slices.ContainsFunc(faults, func(x Fault) bool { return x.Field == f.Name }):
			faults = append(faults, f.fault("required", "is required"))
		}
	}
	if len(faults) > 0 {
		return nil, &InvalidError{t.inOrder(faults)}
	}
	return row, nil
}

// DecodeChanges reads the body of a JSON merge patch (RFC 7396): only the members
// it has. Read-only members are ignored. The error is a *[SyntaxError] or an
// *[InvalidError].
func (t *Table) DecodeChanges(body []byte) ([]Value, error) {
	values, faults, err := t.decode(body)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, &InvalidError{t.inOrder(faults)}
	}
	return values, nil
}

// decode reads the members of a JSON object, each by its field's type.
func (t *Table) decode(body []byte) (values []Value, faults []Fault, err error) {
	if !utf8.Valid(body) {
		return nil, nil, &SyntaxError{"The body is not UTF-8"}
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, nil, &InvalidError{[]Fault{{Code: "type", Detail: "The body must be a JSON object, not " + article(wrong.Value)}}}
		}
		return nil, nil, &SyntaxError{"The body is not JSON: " + syntax(err, len(body))}
	}
	if members == nil {
		return nil, nil, &InvalidError{[]Fault{{Code: "type", Detail: "The body must be a JSON object, not null"}}}
	}
	values = make([]Value, 0, len(members))
	for _, f := range t.Fields {
		raw, sent := members[f.Name]
		if !sent {
			continue
		}
		delete(members, f.Name)
		if f.ReadOnly {
			continue
		}
		value, fault := f.decode(raw)
		if fault != nil {
			faults = append(faults, *fault)
			continue
		}
		values = append(values, Value{f, value})
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		faults = append(faults, Fault{name, "unknown", fmt.Sprintf("%s has no member %q", t.Name, name)})
	}
	return values, faults, nil
}

// decode reads one JSON value.
func (f *Field) decode(raw json.RawMessage) (any, *Fault) {
	wrong := func(code, detail string) (any, *Fault) {
		fault := f.fault(code, detail)
		return nil, &fault
	}
	if bytes.Equal(raw, []byte("null")) {
		switch {
		case f.Nullable:
			return nil, nil
		case f.Required():
			return wrong("required", "is required")
		}
		return wrong("null", "must not be null")
	}
	switch f.Type {
	case Integer:
		n, err := parseInteger(string(raw))
		switch {
		case errors.Is(err, strconv.ErrRange):
			return wrong("out_of_range", "must be a whole number of at most 64 bits")
		case err != nil:
			return wrong("type", "must be a whole number")
		}
		return n, nil
	case Number:
		n, err := strconv.ParseFloat(string(raw), 64)
		switch {
		case errors.Is(err, strconv.ErrRange):
			return wrong("out_of_range", "must be a number that fits 64 bits")
		case err != nil:
			return wrong("type", "must be a number")
		}
		return n + 0, nil // no dialect keeps the sign of -0 alike
	case Boolean:
		b, err := strconv.ParseBool(string(raw))
		if err != nil || len(raw) < len("true") {
			return wrong("type", "must be true or false")
		}
		return b, nil
	}
	s, ok := parseString(raw)
	if !ok {
		if f.Type == Time {
			return wrong("type", "must be a time in RFC 3339, as a string")
		}
		return wrong("type", "must be a string")
	}
	if f.Type == Time {
		t, err := ParseTime(s)
		if err != nil {
			return wrong("type", err.Error())
		}
		return t, nil
	}
	return f.checkText(s, raw)
}

func (f *Field) checkText(s string, raw []byte) (any, *Fault) {
	var fault Fault
	switch n := utf8.RuneCountInString(s); {
	case s == "" && f.Required():
		fault = f.fault("required", "is required")
	case f.Size > 0 && n > f.Size:
		fault = f.fault("too_long", fmt.Sprintf("must have at most %d characters, not %d", f.Size, n))
	case strings.ContainsRune(s, 0):
		fault = f.fault("invalid_text", "must not hold a NUL character")
	// encoding/json makes U+FFFD of half a surrogate pair.
	case strings.ContainsRune(s, utf8.RuneError) && !bytes.ContainsRune(raw, utf8.RuneError) && !bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`)):
		fault = f.fault("invalid_text", "holds half a surrogate pair, which is no character")
	default:
		return s, nil
	}
	return nil, &fault
}

// parseString reads a JSON string out of a body that is known to be JSON and
// UTF-8: without a backslash it stands there as it is.
func parseString(raw json.RawMessage) (s string, ok bool) {
	if raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), true
	}
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// ParseTime reads a time in RFC 3339 as it is kept: in UTC, in microseconds. The
// years are those that both dialects can keep. The error is a predicate: "must
// be …".
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

// parseInteger takes 7, and 7.0 and 7e2 as well: JSON knows numbers only.
func parseInteger(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return n, err
	}
	x, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil:
		return 0, err
	case x != math.Trunc(x):
		return 0, strconv.ErrSyntax
	case math.Abs(x) > 1<<53:
		return 0, strconv.ErrRange
	}
	return int64(x), nil
}

// set puts a value into its field of a row.
func (f *Field) set(row reflect.Value, value any) {
	dst := row.Field(f.index)
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

// fault makes a sentence of a predicate: user_id, "is required" → "User id is
// required".
func (f *Field) fault(code, predicate string) Fault {
	return Fault{f.Name, code, f.Label() + " " + predicate}
}

// Label is the field's name as a sentence begins with it: user_id → "User id".
func (f *Field) Label() string {
	s := strings.ReplaceAll(f.Name, "_", " ")
	return strings.ToUpper(s[:1]) + s[1:]
}

// inOrder sorts faults as the fields stand in the table, unknown members last.
func (t *Table) inOrder(faults []Fault) []Fault {
	at := func(f Fault) int {
		if i := slices.IndexFunc(t.Fields, func(x *Field) bool { return x.Name == f.Field }); i >= 0 {
			return i
		}
		return len(t.Fields)
	}
	slices.SortStableFunc(faults, func(a, b Fault) int { return at(a) - at(b) })
	return faults
}

func article(jsonType string) string {
	if jsonType == "array" {
		return "an array"
	}
	return "a " + jsonType
}

// syntax says where the JSON breaks, without words of the parser's inside.
func syntax(err error, length int) string {
	var at *json.SyntaxError
	if errors.As(err, &at) {
		if at.Offset >= int64(length) {
			return "it ends too early"
		}
		return fmt.Sprintf("%s (byte %d)", at.Error(), at.Offset)
	}
	return "it cannot be read"
}
