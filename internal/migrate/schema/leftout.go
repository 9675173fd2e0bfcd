package schema

import (
	"errors"
	"fmt"

	atlas "ariga.io/atlas/sql/schema"
)

// leftOut is a part of a table or a column that its translation to SQLite does not have.
type leftOut struct {
	atlas.Attr
	what, why string
}

// leave adds a part to attrs as left out, if err says that SQLite has no equivalent, and
// reports whether it does.
func leave(attrs *[]atlas.Attr, what string, err error) bool {
	var only *onlyMySQL
	if !errors.As(err, &only) {
		return false
	}
	*attrs = append(*attrs, &leftOut{what: what, why: only.Error()})
	return true
}

// LeftOut lists what a schema that [SQLite] returned leaves out, with the reason: "t.u: the
// default 18446744073709551615 is left out on SQLite: its integers end at 2^63-1".
func LeftOut(s *atlas.Schema) (all []string) {
	add := func(name string, attrs []atlas.Attr) {
		for _, a := range attrs {
			if l, ok := a.(*leftOut); ok {
				all = append(all, fmt.Sprintf("%s: %s is left out on SQLite: %s", name, l.what, l.why))
			}
		}
	}
	for _, t := range s.Tables {
		add(t.Name, t.Attrs)
		for _, c := range t.Columns {
			add(t.Name+"."+c.Name, c.Attrs)
		}
	}
	return all
}

// defaultText returns a default as a message shows it.
func defaultText(x atlas.Expr) string {
	if literal, ok := x.(*atlas.Literal); ok {
		return plain(literal.V)
	}
	return exprText(x)
}

// SQLiteProblems returns, for each table of a schema.hcl, the first part that has no
// equivalent on SQLite, and why. [SQLite] returns only the first one.
func SQLiteProblems(name string, text []byte) (all []string) {
	s, err := MySQL(name, text)
	if err != nil {
		return nil
	}
	for _, t := range s.Tables {
		if _, err := translateTable(t); err != nil {
			all = append(all, fmt.Sprintf("table %q: %v", t.Name, err))
		}
	}
	return all
}
