package store

import (
	"gorm.io/gorm/clause"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// equality are the operators that compare for equality.
var equality = []query.Op{query.Eq, query.Ne, query.In, query.NotIn}

// truth returns the condition of a filter by a boolean. Every number but 0 is true, because other programs may store
// any. The condition can use an index on both dialects, which <> 0 cannot on SQLite.
func truth(f *resource.Field, op query.Op, values []any) clause.Expression {
	var wanted [2]bool // false, true
	negated := op == query.Ne || op == query.NotIn
	wanted[0], wanted[1] = negated, negated
	for _, v := range values {
		if v == true {
			wanted[1] = !negated
		} else {
			wanted[0] = !negated
		}
	}
	c := column(f.Name)
	switch wanted {
	case [2]bool{true, true}:
		return clause.Neq{Column: c}
	case [2]bool{false, true}:
		return clause.Expr{SQL: "(? < 0 OR ? > 0)", Vars: []any{c, c}}
	case [2]bool{true, false}:
		return clause.Eq{Column: c, Value: 0}
	}
	return clause.IN{Column: c} // none
}
