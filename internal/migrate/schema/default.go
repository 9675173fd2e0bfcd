package schema

import (
	"strconv"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
)

// Default is what a new row has in a column that an INSERT leaves out. One of its fields is set, or none: the literal
// is empty then.
type Default struct {
	// Literal is a value as plain text, without quotes: 1.5, true, it's.
	Literal string
	// Now says that it is the time of the INSERT.
	Now bool
	// Expr is any other expression of MySQL: only a database can evaluate it.
	Expr string
}

// DefaultOf returns the default of a column of a schema that [MySQL] returned. It reports false where there is none,
// and where it is NULL.
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
		case currentTimestamp.MatchString(text):
			return Default{Now: true}, true
		case strings.HasPrefix(text, "b'"):
			return Default{Literal: plain(text)}, true
		}
		tokens, err := tokenize(text)
		if value, ok := constant(unwrapped(tokens)); err == nil && ok {
			return Default{Literal: value}, true
		}
		return Default{Expr: text}, true
	}
	return Default{}, false
}

// plain returns a literal without the quotes that it may have, those of HCL or of SQL. A literal of bits is a number.
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
