// Package query is the grammar of lists: it turns the parameters of a URL into a
// typed query that names only fields it was told of. Values stay values; nothing
// of a URL becomes SQL.
//
// It is pure, and imports no other room.
package query

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Type is how the text of a parameter is read.
type Type int

// The types of fields.
const (
	Text Type = iota
	Integer
	Number
	Boolean
	Time
)

// Field is a column that may be filtered and sorted by.
type Field struct {
	Name string
	Type Type
}

// Filter is one condition: the field equals the value.
type Filter struct {
	Field string
	// Value is a string, int64, float64, bool or time.Time by the field's type.
	Value any
}

// Order is one key to sort by.
type Order struct {
	Field string
	Desc  bool
}

// List says which rows of a table are asked for, and in which order.
type List struct {
	// Filters all hold, in the order of their names.
	Filters []Filter
	// Sort ends with id, so that no two rows tie.
	Sort []Order
	// Page counts from 1; 0 when no page was asked for.
	Page int
	// PerPage is 1 to MaxPerPage.
	PerPage int
}

// The range of per_page, and what it is unless told.
const (
	DefaultPerPage = 20
	MaxPerPage     = 1000
	// maxPage keeps the offset within an int64 on both dialects.
	maxPage = 1_000_000_000
)

// Offset is how many rows stand before the page.
func (l List) Offset() int { return (max(l.Page, 1) - 1) * l.PerPage }

// Problem is what is wrong with one parameter.
type Problem struct {
	// Param is the parameter as it was sent.
	Param string
	// Code is for programs: unknown, repeated, type, out_of_range,
	// invalid_text.
	Code string
	// Detail is a sentence for people.
	Detail string
}

// Error is all that is wrong with the parameters of a request.
type Error struct{ Problems []Problem }

func (e *Error) Error() string {
	details := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		details[i] = p.Detail
	}
	return strings.Join(details, "; ")
}

// Parse reads the query of a URL, as it stands behind the ?, for a table with
// these fields. Every error is an *[Error].
func Parse(fields []Field, rawQuery string) (List, error) {
	p := parser{fields: fields, list: List{PerPage: DefaultPerPage}}
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		p.fail("", "syntax", "The query of the URL cannot be read: a %% needs two hexadecimal digits behind it, and parameters are parted by &")
		return List{}, &Error{p.problems}
	}
	for _, name := range sortedKeys(values) {
		p.param(name, values[name])
	}
	if len(p.problems) > 0 {
		return List{}, &Error{p.problems}
	}
	p.finishSort()
	return p.list, nil
}

type parser struct {
	fields   []Field
	list     List
	problems []Problem
}

func (p *parser) fail(param, code, format string, args ...any) {
	p.problems = append(p.problems, Problem{param, code, fmt.Sprintf(format, args...)})
}

func (p *parser) field(name string) (Field, bool) {
	i := slices.IndexFunc(p.fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return p.fields[i], true
}

func (p *parser) param(name string, values []string) {
	shown := printable(name)
	if len(values) > 1 {
		p.fail(shown, "repeated", "%s is given %d times", shown, len(values))
		return
	}
	switch name {
	case "page":
		p.list.Page = p.number(name, values[0], maxPage)
	case "per_page":
		p.list.PerPage = p.number(name, values[0], MaxPerPage)
	case "sort":
		p.sort(values[0])
	default:
		f, known := p.field(name)
		if !known {
			p.fail(shown, "unknown", "There is no parameter %s", shown)
			return
		}
		value, err := f.read(values[0])
		if err != nil {
			p.fail(name, err.code, "%s %s", name, err.detail)
			return
		}
		p.list.Filters = append(p.list.Filters, Filter{name, value})
	}
}

func (p *parser) number(name, text string, most int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most || text[0] == '+' {
		p.fail(name, "out_of_range", "%s must be a whole number from 1 to %d", name, most)
		return 0
	}
	return n
}

func (p *parser) sort(text string) {
	seen := map[string]bool{}
	for key := range strings.SplitSeq(text, ",") {
		name, desc := strings.CutPrefix(key, "-")
		if _, known := p.field(name); !known {
			p.fail("sort", "unknown", "There is no field %s to sort by", printable(name))
			continue
		}
		if seen[name] {
			p.fail("sort", "repeated", "sort names %s twice", name)
		}
		seen[name] = true
		p.list.Sort = append(p.list.Sort, Order{name, desc})
	}
}

// finishSort makes the order total: newest first unless told, and rows that tie
// follow the id in the direction of the first key.
func (p *parser) finishSort() {
	if len(p.list.Sort) == 0 {
		if _, ok := p.field("created_at"); ok {
			p.list.Sort = []Order{{"created_at", true}}
		}
	}
	desc := len(p.list.Sort) == 0 || p.list.Sort[0].Desc
	// Behind the id nothing ties.
	if i := slices.IndexFunc(p.list.Sort, func(o Order) bool { return o.Field == "id" }); i >= 0 {
		p.list.Sort = p.list.Sort[:i+1]
		return
	}
	p.list.Sort = append(p.list.Sort, Order{"id", desc})
}

type valueError struct{ code, detail string }

// read turns the text of a parameter into a value of the field's type.
func (f Field) read(s string) (any, *valueError) {
	switch f.Type {
	case Integer:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || s[0] == '+' {
			return nil, &valueError{"type", "must be a whole number of at most 64 bits"}
		}
		return n, nil
	case Number:
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || strings.Trim(s, "+-0123456789.eE") != "" {
			return nil, &valueError{"type", "must be a number"}
		}
		return n + 0, nil
	case Boolean:
		if s != "true" && s != "false" {
			return nil, &valueError{"type", "must be true or false"}
		}
		return s == "true", nil
	case Time:
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return nil, &valueError{"type", "must be a time in RFC 3339, such as 2026-01-31T12:00:00Z (a + in a URL is written %2B)"}
		}
		if t = t.UTC().Truncate(time.Microsecond); t.Year() < 1000 || t.Year() > 9999 {
			return nil, &valueError{"out_of_range", "must be a time between the years 1000 and 9999"}
		}
		return t, nil
	}
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return nil, &valueError{"invalid_text", "must be UTF-8 without NUL characters"}
	}
	return s, nil
}

// printable makes what a client sent fit to be sent back: quoted where it holds
// anything but plain characters, and cut where it is long.
func printable(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	if q := strconv.Quote(s); q[1:len(q)-1] != s || s == "" {
		return q
	}
	return s
}

func sortedKeys(values url.Values) []string {
	keys := make([]string, 0, len(values))
	for k := range values {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
