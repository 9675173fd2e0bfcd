package httpapi

import (
	"slices"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// queryField returns the field of queries for a column. ordered is false if requests cannot sort by it and compare it
// by order.
func queryField(f *resource.Field, ordered bool) query.Field {
	q := query.Field{Name: f.Name, Nullable: f.Nullable, Unsorted: !ordered}
	q.ZeroDates = f.Type == resource.Time || f.Type == resource.Day
	switch f.Type {
	case resource.Text:
		q.Type = query.Text
	case resource.Integer:
		q.Type = query.Integer
	case resource.Number:
		q.Type = query.Number
	case resource.Boolean:
		q.Type = query.Boolean
	case resource.Time:
		q.Type = query.Time
	case resource.Enum:
		q.Type, q.Choices = query.Text, f.Members()
	default:
		q.Type, q.Parse, q.Operators = query.Other, f.Parse, operatorsOf(f)
		if !ordered {
			q.Operators = slices.DeleteFunc(q.Operators, isOrder)
		}
	}
	return q
}

// operatorsOf returns the operators of a type that package query does not know.
func operatorsOf(f *resource.Field) []query.Op {
	var ops []query.Op
	for _, name := range f.Operators() {
		ops = append(ops, query.Op(name))
	}
	return ops
}

// isOrder reports whether an operator compares by order.
func isOrder(op query.Op) bool {
	return op == query.Gt || op == query.Gte || op == query.Lt || op == query.Lte
}
