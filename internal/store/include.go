package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/resource"
)

// MaxIncluded is the maximum number of related rows that a row includes. They are the newest.
const MaxIncluded = 100

// Include returns the related rows for all of these rows. It runs one statement, or none if
// no row references another.
func (t *Table) Include(ctx context.Context, rel *resource.Relation, rows *resource.Rows) (*resource.Included, error) {
	of := t.of(rel.Table)
	key := t.model.Field("id")
	if !rel.Many {
		key = rel.Field
	}
	ids := distinct(rows, key)
	if len(ids) == 0 {
		return resource.NewIncluded(rel, rel.Table.NewRows(0)), nil
	}
	q := of.read(ctx).Where(clause.IN{Column: column("id"), Values: ids})
	if rel.Many {
		q = of.newest(ctx, rel, ids)
	}
	found := rel.Table.NewRows(len(ids))
	if err := of.scan(q, found, rel.Table.Fields); err != nil {
		return nil, t.error(ctx, err)
	}
	return resource.NewIncluded(rel, found), nil
}

// newest returns a query for the newest children of each parent, at most MaxIncluded. A
// subquery ranks them with the index alone; the outer query reads the rows.
func (t *Table) newest(ctx context.Context, rel *resource.Relation, parents []any) *gorm.DB {
	order := clause.Expr{SQL: "? DESC", Vars: []any{column("id")}}
	if t.model.Field("created_at") != nil {
		order = clause.Expr{SQL: "? DESC, ? DESC", Vars: []any{column("created_at"), column("id")}}
	}
	key := column(rel.Field.Name)
	// The aliases differ from all column names.
	ranked := t.read(ctx).Table(t.model.Name).
		Select("? AS slipway_id, ROW_NUMBER() OVER (PARTITION BY ? ORDER BY ?) AS slipway_place", column("id"), key, order).
		Where(clause.IN{Column: key, Values: parents})
	return t.read(ctx).Joins("JOIN (?) slipway_ranked ON slipway_id = id AND slipway_place <= ?", ranked, MaxIncluded).
		Order("slipway_place")
}

// of returns a Table for another model that reads from the same connection.
func (t *Table) of(m *resource.Table) *Table {
	other := *t
	other.model = m
	return &other
}

// distinct returns the values of a field in the rows, each once, without NULL.
func distinct(rows *resource.Rows, f *resource.Field) []any {
	var values []any
	seen := map[any]bool{}
	for i := range rows.Len() {
		if v := f.Of(rows.Row(i)); v != nil && !seen[identity(v)] {
			seen[identity(v)] = true
			values = append(values, v)
		}
	}
	return values
}
