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

// keysetPredicate returns conditions for the rows after the row with these keys. Each of these rows matches exactly one
// condition; no other row matches any. All rows of one condition precede those of the next. The first condition is for
// rows with the same keys except the last, the final one for rows beyond the first key.
//
// On MySQL the conditions are combined with OR, and one index scan finds the rows. SQLite would scan all rows with the
// same first key; there the conditions are the parts of a union.
func (t *Table) keysetPredicate(order []query.Order, keys []any) []clause.Expression {
	row := t.keyOf(order, keys)
	var conditions []clause.Expression
	for last := len(order) - 1; last >= 0; last-- {
		beyond := t.beyond(order[last], keys[last], row)
		if beyond == nil {
			continue
		}
		var all []clause.Expression
		for i, o := range order[:last] {
			all = append(all, t.tied(o, keys[i], row))
		}
		conditions = append(conditions, clause.And(append(all, beyond)...))
	}
	return conditions
}

// tied returns the condition for values that are equal to a key.
func (t *Table) tied(o query.Order, key any, row resource.Key) clause.Expression {
	f := t.model.Field(o.Field)
	switch key {
	case nil:
		return clause.Eq{Column: column(f.Name)}
	case query.ZeroDate{}:
		return isZeroDate(f)
	}
	return clause.Eq{Column: t.equal(f), Value: t.key(o, key, row)}
}

// keyOf returns the key of the row with these values of an order, which has all fields of the key.
func (t *Table) keyOf(order []query.Order, keys []any) resource.Key {
	row := make(resource.Key, len(t.model.Key))
	for i, f := range t.model.Key {
		row[i] = keys[slices.IndexFunc(order, func(o query.Order) bool { return o.Field == f.Name })]
		if row[i] == any(query.ZeroDate{}) {
			row[i] = nil
		}
	}
	return row
}

// beyond returns the condition for values after a key, or nil if there are none. NULL is
// first ascending and last descending. MySQL's zero dates, which the API returns as null, are next to it.
func (t *Table) beyond(o query.Order, key any, row resource.Key) clause.Expression {
	f := t.model.Field(o.Field)
	c := t.ordered(f)
	switch {
	case key == nil && o.Desc:
		return nil
	case key == nil:
		return clause.Neq{Column: column(o.Field)}
	case key == any(query.ZeroDate{}) && !o.Desc:
		return isNull(f, false)
	case key == any(query.ZeroDate{}) && f.Nullable:
		return clause.Eq{Column: column(o.Field)}
	case key == any(query.ZeroDate{}):
		return nil
	case !o.Desc:
		return clause.Gt{Column: c, Value: t.keyInOrder(o, key, row)}
	case f.Nullable:
		return clause.Or(clause.Lt{Column: c, Value: t.keyInOrder(o, key, row)}, clause.Eq{Column: column(o.Field)})
	}
	return clause.Lt{Column: c, Value: t.keyInOrder(o, key, row)}
}

// keyInOrder is key as the operand of a comparison with [Table.ordered].
func (t *Table) keyInOrder(o query.Order, key any, row resource.Key) any {
	if f := t.model.Field(o.Field); t.isDecimalText(f) {
		return decimalOrder(f, f.Stored(key).(string))
	}
	return t.key(o, key, row)
}

// key returns a key as an SQL value. For a prefix it is the current value of the row with
// that key, if it still has the prefix. Otherwise it is the bound before all values with the
// prefix: rows with the prefix may then repeat, but none is skipped.
func (t *Table) key(o query.Order, key any, row resource.Key) any {
	f := t.model.Field(o.Field)
	prefix, ok := key.(query.Prefix)
	switch {
	case !ok && t.isText(f):
		return t.storedTime(f, key, row)
	case !ok:
		return t.bound(f, key)
	}
	edge := string(prefix)
	if next, ok := query.Successor(edge); ok && o.Desc {
		edge = next
	}
	c := column(o.Field)
	return clause.Expr{SQL: "COALESCE((SELECT ? FROM ? WHERE ? AND ?), ?)",
		Vars: []any{c, clause.Table{Name: t.model.Name}, t.is(row), starts(c, string(prefix)), edge}}
}

// union returns one query with a part for each condition of a keyset predicate. Each part uses the index. UNION ALL
// returns the parts in order, so that SQLite skips the later parts once the page is full.
func (t *Table) union(
	ctx context.Context, filters []query.Filter, predicate []clause.Expression, order clause.OrderBy,
	columns []*resource.Field, limit int,
) *gorm.DB {
	names := clause.Expr{SQL: "?" + strings.Repeat(",?", len(columns)-1)}
	for _, f := range columns {
		names.Vars = append(names.Vars, column(f.Name))
	}
	all := t.conditions(filters)
	parts := make([]string, len(predicate))
	var vars []any
	for i, b := range predicate {
		parts[i] = "SELECT * FROM (SELECT ? FROM ? WHERE ? ? LIMIT ?)" // order includes ORDER BY
		vars = append(vars, names, clause.Table{Name: t.model.Name}, clause.And(append(slices.Clone(all), b)...), order,
			limit)
	}
	return t.read(ctx).Raw(strings.Join(parts, " UNION ALL ")+" LIMIT ?", append(vars, limit)...)
}
