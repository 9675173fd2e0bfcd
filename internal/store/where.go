package store

import (
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/query"
	"slipway/internal/resource"
)

func column(name string) clause.Column { return clause.Column{Name: name} }

// where adds the filters as conditions. Names are from the model, and values are bound.
func (t *Table) where(db *gorm.DB, filters []query.Filter) *gorm.DB {
	for _, f := range filters {
		db = db.Where(t.condition(f))
	}
	return db
}

func (t *Table) condition(f query.Filter) clause.Expression {
	field := t.model.Field(f.Field)
	c := column(f.Field)
	equal, ordered := t.operands(field, f.Values)
	switch v := t.bound(field, f.Values[0]); f.Op {
	case query.Ne:
		return clause.Neq{Column: equal, Value: v}
	case query.Gt:
		return clause.Gt{Column: ordered, Value: v}
	case query.Gte:
		return clause.Gte{Column: ordered, Value: v}
	case query.Lt:
		return clause.Lt{Column: ordered, Value: v}
	case query.Lte:
		return clause.Lte{Column: ordered, Value: v}
	case query.In:
		return t.in(field, f.Values)
	case query.NotIn:
		return clause.Not(t.in(field, f.Values))
	case query.Null:
		return isNull(field, v == true)
	case query.Like:
		return like(c, v.(string))
	case query.Starts:
		return starts(c, v.(string))
	case query.Contains:
		if field.Type == resource.SetOf {
			return has(c, v)
		}
		// INSTR has no wildcards and uses the column's collation, on both dialects.
		return clause.Expr{SQL: "INSTR(?, ?) > 0", Vars: []any{c, v}}
	default:
		return clause.Eq{Column: equal, Value: v}
	}
}

// like matches a pattern with % and _. The dialects have different default escape
// characters, so the condition sets one and escapes it in the pattern. The text before the
// first wildcard is also a prefix condition, which can use an index.
func like(c clause.Column, pattern string) clause.Expression {
	matches := clause.Expr{SQL: "? LIKE ? ESCAPE '!'", Vars: []any{c, strings.ReplaceAll(pattern, "!", "!!")}}
	if i := strings.IndexAny(pattern, "%_"); i > 0 {
		return clause.And(starts(c, pattern[:i]), matches)
	}
	return matches
}

// starts returns a prefix condition as a range, which can use an index on both dialects,
// because text is sorted by code point.
func starts(c clause.Column, prefix string) clause.Expression {
	from := clause.Gte{Column: c, Value: prefix}
	if next, ok := query.Successor(prefix); ok {
		return clause.And(from, clause.Lt{Column: c, Value: next})
	}
	return from
}
