package store

import (
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/query"
	"slipway/internal/resource"
)

func column(name string) clause.Column { return clause.Column{Name: name} }

// where adds the filters as conditions. Names are from the model, and values are bound.
func (t *Table) where(db *gorm.DB, filters []query.Filter) *gorm.DB {
	for _, condition := range t.conditions(filters) {
		db = db.Where(condition)
	}
	return db
}

// conditions returns the filters as conditions, with that of the relation of [Table.Linked].
func (t *Table) conditions(filters []query.Filter) (all []clause.Expression) {
	for _, f := range filters {
		all = append(all, t.condition(t.aligned(f)))
	}
	if t.linked != nil {
		all = append(all, t.linked)
	}
	return all
}

// is returns the condition for the row with that key.
func (t *Table) is(key resource.Key) clause.Expression { return t.equals(t.model.Key, key) }

// equals returns the condition that fields have these values.
func (t *Table) equals(fields []*resource.Field, values []any) clause.Expression {
	all := make([]clause.Expression, len(fields))
	for i, f := range fields {
		all[i] = clause.Eq{Column: column(f.Name), Value: t.compared(f, values[i])}
	}
	return clause.And(all...)
}

// in returns the condition that the values of fields are among these.
func (t *Table) in(fields []*resource.Field, values [][]any) clause.Expression {
	return t.inColumns(columns("", fields), fields, values)
}

// inColumns is in for columns with the name of their table.
func (t *Table) inColumns(of []any, fields []*resource.Field, values [][]any) clause.Expression {
	if len(fields) == 1 {
		one := clause.IN{Column: of[0]}
		for _, v := range values {
			one.Values = append(one.Values, t.compared(fields[0], v[0]))
		}
		return one
	}
	var rows []any
	for _, v := range values {
		vars := make([]any, len(fields))
		for i, f := range fields {
			vars[i] = t.compared(f, v[i])
		}
		rows = append(rows, row(vars))
	}
	return clause.Expr{SQL: "? IN (" + t.db.RowValues + "?)", Vars: []any{row(of), list(rows)}}
}

// columns returns the columns of fields. The table is the prefix of their names, or empty.
func columns(table string, fields []*resource.Field) []any {
	all := make([]any, len(fields))
	for i, f := range fields {
		all[i] = clause.Column{Table: table, Name: f.Name}
	}
	return all
}

// list returns expressions that are separated by commas.
func list(all []any) clause.Expr {
	return clause.Expr{SQL: "?" + strings.Repeat(",?", len(all)-1), Vars: all}
}

// row returns a row value: (a,b), or a for one expression.
func row(all []any) clause.Expr {
	if len(all) == 1 {
		return list(all)
	}
	return clause.Expr{SQL: "(?)", Vars: []any{list(all)}}
}

// and returns the conjunction of conditions.
func and(all []any) clause.Expr {
	return clause.Expr{SQL: "?" + strings.Repeat(" AND ?", len(all)-1), Vars: all}
}

// equalColumns returns the condition that columns have the values of others.
func equalColumns(a, b []any) clause.Expr {
	all := make([]any, len(a))
	for i := range a {
		all[i] = clause.Expr{SQL: "? = ?", Vars: []any{a[i], b[i]}}
	}
	return and(all)
}

func (t *Table) condition(f query.Filter) clause.Expression {
	field := t.model.Field(f.Field)
	if len(f.Values) == 0 { // no value of the column
		return clause.IN{Column: column(f.Field)}
	}
	if t.isText(field) && f.Op != query.Null {
		return comparesTime(f)
	}
	c := column(f.Field)
	if field.Type == resource.Boolean && slices.Contains(equality, f.Op) {
		return truth(field, f.Op, f.Values)
	}
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
		return t.among(field, f.Values)
	case query.NotIn:
		return clause.Not(t.among(field, f.Values))
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
