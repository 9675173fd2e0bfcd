package store

import (
	"slices"
	"time"

	"slipway/internal/query"
)

// aligned returns a filter by a time with the digits that the column stores, and the same result: MySQL rounds the
// value of a comparison in an index, so that it finds 12:00:00 for 12:00:00.5 in a column of seconds.
func (t *Table) aligned(f query.Filter) query.Filter {
	field := t.model.Field(f.Field)
	between := func(v any) bool {
		at, ok := v.(time.Time)
		return ok && !field.Truncate(at).Equal(at)
	}
	if !slices.ContainsFunc(f.Values, between) {
		return f
	}
	values := f.Values
	switch f.Op {
	case query.Gt, query.Gte:
		return query.Filter{Field: f.Field, Op: query.Gt, Values: []any{field.Truncate(values[0].(time.Time))}}
	case query.Lt, query.Lte:
		return query.Filter{Field: f.Field, Op: query.Lte, Values: []any{field.Truncate(values[0].(time.Time))}}
	}
	op := query.In // a time between those of the column equals none
	if f.Op == query.Ne || f.Op == query.NotIn {
		op = query.NotIn
	}
	values = slices.DeleteFunc(slices.Clone(values), between)
	if len(values) == 0 && op == query.NotIn {
		return query.Filter{Field: f.Field, Op: query.Null, Values: []any{false}}
	}
	return query.Filter{Field: f.Field, Op: op, Values: values}
}
