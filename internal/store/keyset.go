package store

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// keysetPredicate returns the conditions of which one holds for each row that follows the row with these keys in the
// order, and none for any other. They exclude each other, and all rows of one stand before those of the next: first
// the rows that tie with it on all keys but the last, at the end those beyond its first key.
//
// MySQL takes them joined by OR and walks through the index once. SQLite would
// read all rows from the first that ties with the key: there they are the parts
// of a union.
func (t *Table) keysetPredicate(order []query.Order, keys []any) []clause.Expression {
	id := keys[len(keys)-1]
	var conditions []clause.Expression
	for last := len(order) - 1; last >= 0; last-- {
		beyond := t.beyond(order[last], keys[last], id)
		if beyond == nil {
			continue
		}
		var all []clause.Expression
		for i, o := range order[:last] {
			all = append(all, clause.Eq{Column: column(o.Field), Value: t.key(o, keys[i], id)})
		}
		conditions = append(conditions, clause.And(append(all, beyond)...))
	}
	return conditions
}

// beyond is what follows a key in its direction; nil for nothing. NULLs come
// first going up and last going down.
func (t *Table) beyond(o query.Order, key, id any) clause.Expression {
	c := column(o.Field)
	switch {
	case key == nil && o.Desc:
		return nil
	case key == nil:
		return clause.Neq{Column: c}
	case !o.Desc:
		return clause.Gt{Column: c, Value: t.key(o, key, id)}
	case t.model.Field(o.Field).Nullable:
		return clause.Or(clause.Lt{Column: c, Value: t.key(o, key, id)}, clause.Eq{Column: c})
	}
	return clause.Lt{Column: c, Value: t.key(o, key, id)}
}

// key is a key as a value of SQL. One that was too long for a cursor is what its
// row has now; when the row is gone or has changed, it is the edge of all values
// that begin alike: rows among those may come twice, and none is left out.
func (t *Table) key(o query.Order, key, id any) any {
	prefix, cut := key.(query.Prefix)
	if !cut {
		return t.model.Field(o.Field).Compared(key)
	}
	edge := string(prefix)
	if next, ok := query.Successor(edge); ok && o.Desc {
		edge = next
	}
	c := column(o.Field)
	return clause.Expr{SQL: "COALESCE((SELECT ? FROM ? WHERE id = ? AND ?), ?)",
		Vars: []any{c, clause.Table{Name: t.model.Name}, id, starts(c, string(prefix)), edge}}
}

// union reads the rows predicate a key condition by condition, in one statement: each finds its own way through the
// index, and the later ones are not begun once the page is full. UNION ALL gives its parts one after the other.
func (t *Table) union(
	ctx context.Context, filters []query.Filter, predicate []clause.Expression, order clause.OrderBy,
	columns []*resource.Field, limit int,
) *gorm.DB {
	names := clause.Expr{SQL: "?" + strings.Repeat(",?", len(columns)-1)}
	for _, f := range columns {
		names.Vars = append(names.Vars, column(f.Name))
	}
	var all []clause.Expression
	for _, f := range filters {
		all = append(all, t.condition(f))
	}
	parts := make([]string, len(predicate))
	var vars []any
	for i, b := range predicate {
		parts[i] = "SELECT * FROM (SELECT ? FROM ? WHERE ? ? LIMIT ?)" // the order brings its words along
		vars = append(vars, names, clause.Table{Name: t.model.Name}, clause.And(append(slices.Clone(all), b)...), order,
			limit)
	}
	return t.read(ctx).Raw(strings.Join(parts, " UNION ALL ")+" LIMIT ?", append(vars, limit)...)
}
