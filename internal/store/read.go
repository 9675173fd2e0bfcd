package store

import (
	"context"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// Get returns a list with the row with that key. It runs one statement. The error is of kind
// [NotFound] if there is no such row.
func (t *Table) Get(ctx context.Context, key resource.Key) (*resource.Rows, error) {
	return t.get(ctx, t.read(ctx), key)
}

func (t *Table) get(ctx context.Context, from *gorm.DB, key resource.Key) (*resource.Rows, error) {
	rows := t.model.NewRows(1)
	if err := t.scan(from.Where(t.is(key)).Limit(1), rows, t.model.Fields); err != nil {
		return nil, t.error(ctx, err)
	}
	if rows.Len() == 0 {
		return nil, &Error{Kind: NotFound}
	}
	return rows, nil
}

// Exists returns nil if there is a row with that key. It runs one statement. The error is of
// kind [NotFound] if there is no such row.
func (t *Table) Exists(ctx context.Context, key resource.Key) error {
	rows := t.model.NewRows(1, t.model.Key...)
	err := t.scan(t.read(ctx).Where(t.is(key)).Limit(1), rows, t.model.Key)
	if err == nil && rows.Len() == 0 {
		return &Error{Kind: NotFound}
	}
	return t.error(ctx, err)
}

// List returns the rows that q selects, and whether there are more rows after them. It runs one statement. The rows
// have the fields that q names and those that its order and relations need.
func (t *Table) List(ctx context.Context, q query.List) (rows *resource.Rows, more bool, err error) {
	columns := t.columns(q)
	// It reads one more row than requested, to find out whether there are more.
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

// Keys is List for the keys of the next page only: the rows have no other fields than those
// of their order.
func (t *Table) Keys(ctx context.Context, q query.List) (rows *resource.Rows, more bool, err error) {
	q.Fields, q.Include = []string{}, nil
	return t.List(ctx, q)
}

// page reads at most limit of the rows that q selects.
func (t *Table) page(
	ctx context.Context, q query.List, into *resource.Rows, columns []*resource.Field, limit int,
) error {
	order := clause.OrderBy{Columns: make([]clause.OrderByColumn, len(q.Sort))}
	for i, o := range q.Sort {
		order.Columns[i] = clause.OrderByColumn{Column: t.ordered(t.model.Field(o.Field)), Desc: o.Desc}
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

// longSort is the number of characters in the texts of a sort order above which MySQL's default sort buffer of 256 KiB
// is too small. MySQL needs room for 15 keys of 4 bytes per character.
const longSort = 4000

// sorting returns the connection for a sorted read. A sort by long texts gets the dialect's hint.
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

// hint is an optimizer hint. It is a [gorm.StatementModifier].
type hint string

// Build writes the hint.
func (h hint) Build(b clause.Builder) { _, _ = b.WriteString(string(h)) }

// ModifyStatement adds the hint after the word SELECT.
func (h hint) ModifyStatement(stmt *gorm.Statement) {
	c := stmt.Clauses["SELECT"]
	c.AfterNameExpression = h
	stmt.Clauses["SELECT"] = c
}

// columns returns the fields to read for a list.
func (t *Table) columns(q query.List) []*resource.Field {
	if q.Fields == nil {
		return t.model.Fields
	}
	need := map[string]bool{}
	for _, f := range t.model.Key {
		need[f.Name] = true
	}
	for _, name := range q.Fields {
		need[name] = true
	}
	for _, o := range q.Sort {
		need[o.Field] = true
	}
	for _, name := range q.Include {
		for _, f := range t.model.Relation(name).From() {
			need[f.Name] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(t.model.Fields), func(f *resource.Field) bool { return !need[f.Name] })
}

// Count returns the number of rows that match the filters. It runs one statement.
func (t *Table) Count(ctx context.Context, filters []query.Filter) (int64, error) {
	return t.count(ctx, t.read(ctx), filters)
}

func (t *Table) count(ctx context.Context, from *gorm.DB, filters []query.Filter) (n int64, err error) {
	err = t.rowsOf(t.where(from, filters)).Count(&n).Error
	return n, t.error(ctx, err)
}
