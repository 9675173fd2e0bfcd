package plan

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// renameInExpressions renames a column in the checks of a table, in columns that
// are computed and in indexes.
func (d Dialect) renameInExpressions(t *schema.Table, old, name string) {
	follow := func(expr *string) { *expr = renameInExpression(*expr, old, name, d.Name == SQLite) }
	for _, a := range t.Attrs {
		if c, ok := a.(*schema.Check); ok {
			follow(&c.Expr)
		}
	}
	for _, c := range t.Columns {
		for _, a := range c.Attrs {
			if x, ok := a.(*schema.GeneratedExpr); ok {
				follow(&x.Expr)
			}
		}
	}
	for _, i := range t.Indexes {
		for _, p := range i.Parts {
			if x, ok := p.X.(*schema.RawExpr); ok {
				follow(&x.X)
			}
		}
		for _, a := range i.Attrs {
			if x, ok := a.(*sqlite.IndexPredicate); ok {
				follow(&x.P)
			}
		}
	}
}

// renameInExpression replaces a column's name in an SQL expression, quoted or
// not, in any case of letters. Text in quotes stays, and so do functions of the
// same name. In double quotes is a name where doubleQuotes says so, and text
// otherwise. Any expression is taken, be it SQL or not.
func renameInExpression(expr, old, name string, doubleQuotes bool) string {
	var b strings.Builder
	for i := 0; i < len(expr); {
		r, size := utf8.DecodeRuneInString(expr[i:])
		end := i + size
		switch {
		case r == '\'' || r == '"' || r == '`':
			end = endOfQuoted(expr, i)
			isName := r == '`' || r == '"' && doubleQuotes
			if q := string(r); isName && strings.EqualFold(expr[i:end], q+old+q) {
				b.WriteString(q + name + q)
				i = end
				continue
			}
		case isWord(r):
			for end < len(expr) {
				r, size := utf8.DecodeRuneInString(expr[end:])
				if !isWord(r) {
					break
				}
				end += size
			}
			calls := strings.HasPrefix(strings.TrimLeft(expr[end:], " \t\r\n"), "(")
			if strings.EqualFold(expr[i:end], old) && !calls {
				b.WriteString(name)
				i = end
				continue
			}
		}
		b.WriteString(expr[i:end])
		i = end
	}
	return b.String()
}

// endOfQuoted is where the quoted text that begins at i is over: a quote that is
// doubled belongs to it.
func endOfQuoted(s string, i int) int {
	quote := s[i]
	for i++; i < len(s); i++ {
		if s[i] != quote {
			continue
		}
		if i+1 < len(s) && s[i+1] == quote {
			i++
			continue
		}
		return i + 1
	}
	return len(s)
}

func isWord(r rune) bool { return r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r) }
