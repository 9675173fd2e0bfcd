package store

import (
	"context"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// Get reads the row with that id, a list of one: one statement.
func (t *Table) Get(ctx context.Context, id int64) (*resource.Rows, error) {
	return t.get(ctx, t.read(ctx), id)
}

func (t *Table) get(ctx context.Context, from *gorm.DB, id int64) (*resource.Rows, error) {
	rows := t.model.NewRows(1)
	if err := t.scan(from.Where("id = ?", id).Limit(1), rows, t.model.Fields); err != nil {
		return nil, t.error(ctx, err)
	}
	if rows.Len() == 0 {
		return nil, &Error{Kind: NotFound}
	}
	return rows, nil
}

// Exists reads no more than whether there is a row with that id: one statement.
// The error is of kind [NotFound] where there is none.
func (t *Table) Exists(ctx context.Context, id int64) error {
	columns := []*resource.Field{t.model.Field("id")}
	rows := t.model.NewRows(1, columns...)
	err := t.scan(t.read(ctx).Where("id = ?", id).Limit(1), rows, columns)
	if err == nil && rows.Len() == 0 {
		return &Error{Kind: NotFound}
	}
	return t.error(ctx, err)
}

// List reads the rows that q asks for, and says whether there are more predicate them: one statement. The rows have
// the fields that q names, and those that its order and its relations need.
func (t *Table) List(ctx context.Context, q query.List) (rows *resource.Rows, more bool, err error) {
	columns := t.columns(q)
	// One more tells whether there are more.
	rows = t.model.NewRows(min(q.PerPage, query.DefaultPerPage)+1, columns...)
	if err := t.page(ctx, q, rows, columns, q.PerPage+1); err != nil {
		return nil, false, t.error(ctx, err)
	}
	if rows.Len() > q.PerPage {
		rows.Truncate(q.PerPage)
		return rows, true, nil
	}
	return rows, false, nil
}

// Keys is List for those who want to know no more than where the next page
// begins: the rows have the fields of their order only.
func (t *Table) Keys(ctx context.Context, q query.List) (rows *resource.Rows, more bool, err error) {
	q.Fields, q.Include = []string{"id"}, nil
	return t.List(ctx, q)
}

// page reads some of the rows that q asks for.
func (t *Table) page(
	ctx context.Context, q query.List, into *resource.Rows, columns []*resource.Field, limit int,
) error {
	order := clause.OrderBy{Columns: make([]clause.OrderByColumn, len(q.Sort))}
	for i, o := range q.Sort {
		order.Columns[i] = clause.OrderByColumn{Column: column(o.Field), Desc: o.Desc}
	}
	if q.After == nil {
		return t.scan(t.where(t.sorting(ctx, q.Sort), q.Filters).Order(order).Limit(limit).Offset(q.Offset()), into, columns)
	}
	predicate := t.keysetPredicate(q.Sort, q.After)
	if t.db.SplitKeyset && len(predicate) > 1 {
		return t.collect(t.union(ctx, q.Filters, predicate, order, columns, limit), into)
	}
	rest := t.where(t.sorting(ctx, q.Sort), q.Filters).Where(clause.Or(predicate...))
	return t.scan(rest.Order(order).Limit(limit), into, columns)
}

// longSort is how many characters the texts of an order may have together before the server's own sort memory is too
// small for them: 15 keys of 4 bytes a character fit into 256 KiB.
const longSort = 4000

// sorting is where rows are read in an order. A sort by long texts has a hint.
func (t *Table) sorting(ctx context.Context, order []query.Order) *gorm.DB {
	length := 0
	for _, o := range order {
		switch f := t.model.Field(o.Field); {
		case f.Type == resource.Text && f.Size == 0:
			length = longSort + 1
		case f.Type == resource.Text:
			length += f.Size
		}
	}
	if length <= longSort || t.db.SortHint == "" {
		return t.read(ctx)
	}
	return t.read(ctx).Clauses(hint(t.db.SortHint))
}

// hint is what a SELECT has after its first word.
type hint string

// Build writes the hint. It is part of [gorm.StatementModifier], which this is one of.
func (h hint) Build(b clause.Builder) { _, _ = b.WriteString(string(h)) }

// ModifyStatement puts the hint into the SELECT.
func (h hint) ModifyStatement(stmt *gorm.Statement) {
	c := stmt.Clauses["SELECT"]
	c.AfterNameExpression = h
	stmt.Clauses["SELECT"] = c
}

// columns are the fields to read for a list.
func (t *Table) columns(q query.List) []*resource.Field {
	if q.Fields == nil {
		return t.model.Fields
	}
	need := map[string]bool{"id": true}
	for _, name := range q.Fields {
		need[name] = true
	}
	for _, o := range q.Sort {
		need[o.Field] = true
	}
	for _, name := range q.Include {
		if rel := t.model.Relation(name); !rel.Many {
			need[rel.Field.Name] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(t.model.Fields), func(f *resource.Field) bool { return !need[f.Name] })
}

// Count counts the rows that match the filters: one statement.
func (t *Table) Count(ctx context.Context, filters []query.Filter) (int64, error) {
	return t.count(ctx, t.read(ctx), filters)
}

func (t *Table) count(ctx context.Context, from *gorm.DB, filters []query.Filter) (n int64, err error) {
	err = t.where(from, filters).Table(t.model.Name).Count(&n).Error
	return n, t.error(ctx, err)
}
