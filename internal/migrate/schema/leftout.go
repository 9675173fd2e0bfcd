package schema

import (
	"fmt"

	atlas "ariga.io/atlas/sql/schema"
)

// leftOut is a part of a table or a column that its translation to SQLite does not have.
type leftOut struct {
	atlas.Attr
	what, why string
}

// LeftOut lists what a schema that [SQLite] returned leaves out, with the reason: "t.u: the
// default 18446744073709551615: the number is beyond the integers of SQLite".
func LeftOut(s *atlas.Schema) (all []string) {
	add := func(name string, attrs []atlas.Attr) {
		for _, a := range attrs {
			if l, ok := a.(*leftOut); ok {
				all = append(all, fmt.Sprintf("%s: %s: %s", name, l.what, l.why))
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
