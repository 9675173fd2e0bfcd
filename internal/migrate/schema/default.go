package schema

import (
	"strconv"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
)

// Default is the value of a column that an INSERT omits. At most one field is set. If no field is set, the default is
// the empty literal.
type Default struct {
	// Literal is a value as plain text, without quotes: 1.5, true, it's.
	Literal string
	// Now means the time of the INSERT, for a time, a date or a time of the day.
	Now bool
	// UUID means a new UUID, as text.
	UUID bool
	// Expr is any other expression in MySQL's syntax. Only a database can evaluate it.
	Expr string
}

// DefaultOf returns the default of a column of a schema that [MySQL] returned. It returns false if the column has no
// default or the default NULL.
func DefaultOf(c *atlas.Column) (Default, bool) {
	if d, ok := AttrOf[*ApplicationDefault](c.Attrs); ok {
		return Default{Literal: plain(d.V)}, true
	}
	switch x := c.Default.(type) {
	case *atlas.Literal:
		return Default{Literal: plain(x.V)}, true
	case *atlas.RawExpr:
		text := strings.TrimSpace(x.X)
		switch {
		case strings.EqualFold(text, "NULL"):
			return Default{}, false
		case isCurrent(c, text):
			return Default{Now: true}, true
		case randomUUID.MatchString(text):
			return Default{UUID: true}, true
		case strings.HasPrefix(text, "b'"):
			return Default{Literal: plain(text)}, true
		}
		if bytes, ok := blobText(text); ok {
			return Default{Literal: bytes}, true
		}
		if empty := emptyJSON[strings.ToLower(strings.ReplaceAll(text, " ", ""))]; empty != "" {
			return Default{Literal: empty}, true
		}
		tokens, err := tokenize(text)
		if value, ok := constant(unwrapped(tokens)); err == nil && ok {
			return Default{Literal: value}, true
		}
		return Default{Expr: text}, true
	}
	return Default{}, false
}

// isCurrent reports whether an expression is the current time, date or time of the day of a column.
func isCurrent(c *atlas.Column, text string) bool {
	t, ok := c.Type.Type.(*atlas.TimeType)
	switch {
	case currentTimestamp.MatchString(text):
		return true
	case ok && t.T == mysql.TypeDate:
		return currentDate.MatchString(text)
	case ok && t.T == mysql.TypeTime:
		return currentClock.MatchString(text)
	}
	return false
}

// emptyJSON are the empty values of the expressions that create them.
var emptyJSON = map[string]string{
	"(json_object())": "{}", "json_object()": "{}", "(json_array())": "[]", "json_array()": "[]",
}

// plain returns a literal without its HCL or SQL quotes, if it has any. A bit literal such as b'101' becomes a decimal
// number.
func plain(v string) string {
	if bits, ok := strings.CutPrefix(v, "b'"); ok {
		if n, err := strconv.ParseUint(strings.TrimSuffix(bits, "'"), 2, 63); err == nil {
			return strconv.FormatUint(n, 10)
		}
	}
	if text, err := strconv.Unquote(v); err == nil && strings.HasPrefix(v, `"`) {
		return text
	}
	if text, rest, err := unquoteSQL(v); err == nil && rest == "" {
		return text
	}
	return v
}
