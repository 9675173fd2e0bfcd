package plan

import (
	"strings"

	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"slipway/internal/migrate/lazyregexp"
)

// renameInExpressions renames a column in the checks, generated columns and indexes of a
// table.
func (d Dialect) renameInExpressions(t *schema.Table, old, name string) {
	follow := func(expr *string) { *expr = RenameInExpression(*expr, old, name, d.Name == SQLite) }
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

// expressionWord matches a quoted text with doubled quotes in it, a word, or the name of a
// function with its parenthesis.
var expressionWord = lazyregexp.New("'(?:[^']|'')*'?|\"(?:[^\"]|\"\")*\"?|`(?:[^`]|``)*`?|" +
	`[\p{L}\p{N}_$]+(?:[ \t\r\n]*\()?`)

// RenameInExpression replaces a column's name in an SQL expression, quoted or not, ignoring
// case. It does not change quoted text and functions of the same name. With doubleQuotes,
// double quotes enclose a name, otherwise text. It accepts any text.
func RenameInExpression(expr, old, name string, doubleQuotes bool) string {
	return expressionWord.ReplaceAllStringFunc(expr, func(word string) string {
		quote := word[:1]
		switch {
		case quote == "`" || quote == `"` && doubleQuotes:
			if strings.EqualFold(word, quote+old+quote) {
				return quote + name + quote
			}
		case quote != "'" && quote != `"` && strings.EqualFold(word, old):
			return name
		}
		return word
	})
}
