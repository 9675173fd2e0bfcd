package plan

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
	declared "slipway/internal/migrate/schema"
)

// literal is an SQL literal that has the same meaning on every dialect.
type literal struct {
	kind literalKind
	// text is the number or the text without its quotes; "" for the others.
	text string
}

type literalKind int

const (
	literalNumber literalKind = iota + 1
	literalText
	literalTrue  // TRUE
	literalFalse // FALSE
	literalNow   // CURRENT_TIMESTAMP
)

var numeral = lazyregexp.New(`^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$`)

// parseLiteral parses an SQL literal: a number, 'text' with a doubled quote for a quote,
// TRUE, FALSE or CURRENT_TIMESTAMP. It returns an error for any other text.
func parseLiteral(s string) (literal, error) {
	s = strings.TrimSpace(s)
	switch upper := strings.ToUpper(s); {
	case upper == "TRUE":
		return literal{kind: literalTrue}, nil
	case upper == "FALSE":
		return literal{kind: literalFalse}, nil
	case upper == "CURRENT_TIMESTAMP":
		return literal{kind: literalNow}, nil
	case upper == "NULL":
		return literal{}, errors.New("the column is NOT NULL: use another value")
	case numeral.MatchString(s):
		return literal{kind: literalNumber, text: s}, nil
	}
	if len(s) < 2 || s[0] != '\'' || s[len(s)-1] != '\'' {
		return literal{}, fmt.Errorf("%q is not an SQL literal: use a number, 'text', TRUE, FALSE or CURRENT_TIMESTAMP", s)
	}
	inner := s[1 : len(s)-1]
	unescaped := strings.ReplaceAll(inner, "''", "\x00")
	switch {
	case strings.ContainsRune(unescaped, '\''):
		return literal{}, fmt.Errorf("%s contains a single quote: double it, as in 'it''s'", s)
	case !oneLineText(inner):
		return literal{}, errors.New("the text contains a line break or another control character: write the UPDATE in a " +
			"migration of db migrate --empty")
	}
	return literal{kind: literalText, text: strings.ReplaceAll(unescaped, "\x00", "'")}, nil
}

// String returns the literal in the syntax of --fill.
func (l literal) String() string {
	switch l.kind {
	case literalNumber:
		return l.text
	case literalTrue:
		return "TRUE"
	case literalFalse:
		return "FALSE"
	case literalNow:
		return "CURRENT_TIMESTAMP"
	}
	return "'" + strings.ReplaceAll(l.text, "'", "''") + "'"
}

// Sql returns the literal as SQL for a column of a dialect. t is the column's MySQL type.
// Times are UTC.
func (l literal) Sql(dialect string, t schema.Type) string {
	_, moment := t.(*schema.TimeType)
	switch {
	case dialect == SQLite:
		return l.sqlite(t)
	case l.kind == literalNow && moment:
		return "UTC_TIMESTAMP()"
	case l.kind == literalText:
		return strings.ReplaceAll(l.String(), `\`, `\\`)
	}
	return l.String()
}

// timeLayouts are the supported formats of a time.
var timeLayouts = []string{"2006-01-02 15:04:05.999999", "2006-01-02"}

// sqlite returns the literal in the format in which the application writes values of the
// type: SQLite compares times as text, and a blob never equals a text.
func (l literal) sqlite(t schema.Type) string {
	switch t := t.(type) {
	case *schema.TimeType:
		moment := t.T == mysql.TypeDateTime || t.T == mysql.TypeTimestamp
		if l.kind == literalNow {
			format := map[string]string{mysql.TypeDate: "%Y-%m-%d", mysql.TypeTime: "%H:%M:%S", mysql.TypeYear: "%Y"}[t.T]
			return "strftime('" + cmp.Or(format, "%Y-%m-%d %H:%M:%S+00:00") + "', 'now')"
		}
		for _, layout := range timeLayouts {
			if at, err := time.Parse(layout, l.text); err == nil && moment {
				return "'" + at.Format("2006-01-02 15:04:05.999999-07:00") + "'"
			}
		}
	case *schema.BinaryType:
		return declared.SQLiteBytes(t, l.text)
	case *schema.DecimalType:
		if l.kind == literalNumber {
			return declared.SQLiteDecimal(t, l.text)
		}
	}
	return l.String()
}

// fits returns an error if a column of type t obviously cannot hold the literal.
func (l literal) fits(t schema.Type) error {
	family := familyOf(t)
	refuse := func(what string) error {
		return fmt.Errorf("%s is %s, but the column is of type %s", l, what, typeName(t))
	}
	switch l.kind {
	case literalText:
		if family == familyInteger || family == familyDecimal || family == familyFloat || family == familyBool {
			return refuse("text")
		}
		if s, ok := t.(*schema.StringType); ok && s.Size > 0 && utf8.RuneCountInString(l.text) > s.Size {
			return fmt.Errorf("%s is longer than the %d characters of the column", l, s.Size)
		}
	case literalNumber:
		if family == familyTime || family == familyJSON {
			return refuse("a number")
		}
		if family == familyBool && l.text != "0" && l.text != "1" {
			return refuse("a number")
		}
	case literalTrue, literalFalse:
		if family != familyBool && family != familyInteger {
			return refuse("true or false")
		}
	case literalNow:
		if family != familyTime {
			return refuse("a time")
		}
	}
	return nil
}

// LiteralOf returns the default of a column with a MySQL type, if it is a literal.
func LiteralOf(c *schema.Column) (literal, bool) {
	d, ok := declared.DefaultOf(c)
	switch {
	case !ok || d.Expr != "" || d.UUID:
		return literal{}, false
	case d.Now:
		return literal{kind: literalNow}, true
	}
	switch familyOf(c.Type.Type) {
	case familyInteger, familyDecimal, familyFloat, familyBool:
		l, err := parseLiteral(d.Literal)
		return l, err == nil
	}
	return literal{kind: literalText, text: d.Literal}, oneLineText(d.Literal)
}

// oneLineText reports whether a text is valid UTF-8 without control characters.
func oneLineText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
