package store

import (
	"context"
	"errors"

	"gorm.io/gorm/clause"

	"slipway/internal/database"
	"slipway/internal/resource"
)

// written is what a statement wrote: n rows and their values, nil for a field that was not written or is NULL.
type written struct {
	n  int
	of func(f *resource.Field, row int) any
	// id is the row that was changed; 0 for new rows, or for many.
	id int64
	// many says that the values went to all rows that match.
	many bool
}

// writtenRows are new rows.
func writtenRows(rows *resource.Rows) written {
	return written{n: rows.Len(), of: func(f *resource.Field, i int) any { return f.Of(rows.Row(i)) }}
}

// writtenTo is the same values in one row, or in all that match where id is 0.
func writtenTo(id int64, changes map[string]any) written {
	return written{n: 1, of: func(f *resource.Field, _ int) any { return changes[f.Name] }, id: id, many: id == 0}
}

// writeError is error for a create or an update. The dialects report a duplicate value or a missing parent
// differently: SQLite does not say which foreign key failed, neither says which of many rows it was, and each stops
// at another fault. So the values are looked up, only after a statement has failed.
func (t *Table) writeError(ctx context.Context, err error, w written) error {
	var ours *Error
	if err == nil || errors.As(err, &ours) {
		return err
	}
	err = t.db.Error(ctx, err)
	var cause *database.Error
	if !errors.As(err, &cause) || w.n == 0 {
		return t.convert(err)
	}
	if cause.Kind == Unavailable && t.tooLarge(ctx, w) {
		cause.Kind = StatementTooLarge
	}
	find := map[Kind]func(context.Context, written) (*Error, error){
		Duplicate: t.duplicates, MissingParent: t.missingParents, database.ForeignKey: t.missingParents,
	}[cause.Kind]
	if find == nil {
		return t.convert(err)
	}
	found, lookup := find(ctx, w)
	switch {
	case lookup != nil:
		return t.error(ctx, lookup)
	case found == nil: // it is gone by now: what the driver says has to do
		if cause.Kind == database.ForeignKey {
			cause.Kind = MissingParent
		}
		e := t.convert(cause)
		if errors.As(e, &ours) && w.n > 1 {
			ours.Row = -1
		}
		return e
	}
	found.Err = err
	return found
}

// tooLarge says whether a server that ended the connection did so over the length of the statement. Quoted, a text
// takes up to twice its bytes.
func (t *Table) tooLarge(ctx context.Context, w written) bool {
	const usual = 1 << 15 // no server takes less
	size := 0
	for _, f := range t.model.Fields {
		for i := range w.n {
			if s, ok := w.of(f, i).(string); ok {
				size += len(s)
			}
		}
	}
	if size < usual || t.db.MaxStatementQuery == "" {
		return false
	}
	var most int
	err := t.db.Write.WithContext(ctx).Raw(t.db.MaxStatementQuery).Scan(&most).Error
	return err == nil && size > most/2
}

// duplicates finds the unique fields of the first row whose values another row has already, or a new one before it.
func (t *Table) duplicates(ctx context.Context, w written) (*Error, error) {
	e := &Error{Kind: Duplicate, Row: w.n}
	for _, f := range t.model.Fields {
		if f.Unique == "" {
			continue
		}
		values := w.values(f)
		if len(values) == 0 {
			continue
		}
		q := t.db.Write.WithContext(ctx).Where(clause.IN{Column: column(f.Name), Values: values})
		if w.id != 0 {
			q = q.Where("id <> ?", w.id)
		}
		columns := []*resource.Field{f}
		rows := t.model.NewRows(1, columns...)
		if err := t.scan(q, rows, columns); err != nil {
			return nil, err
		}
		seen := map[any]bool{}
		for _, v := range distinct(rows, f) {
			seen[v] = true
		}
		e.addField(f, w.first(f, func(v any) bool {
			was := seen[v]
			seen[v] = true // by this row, for those behind it
			return was
		}))
	}
	if e.Fields == nil && w.many { // taken by each other
		for _, f := range t.model.Fields {
			if f.Unique != "" && w.of(f, 0) != nil {
				e.addField(f, 0)
			}
		}
	}
	if e.Fields == nil {
		return nil, nil
	}
	return e, nil
}

// missingParents finds the foreign keys of the first row that refer to no row.
func (t *Table) missingParents(ctx context.Context, w written) (*Error, error) {
	e := &Error{Kind: MissingParent, Row: w.n}
	for _, f := range t.model.Fields {
		if f.ForeignKey == "" {
			continue
		}
		values := w.values(f)
		if len(values) == 0 {
			continue
		}
		var ids []int64
		err := t.db.Write.WithContext(ctx).Model(f.Parent()).Where(clause.IN{Column: column("id"), Values: values}).
			Pluck("id", &ids).Error
		if err != nil {
			return nil, err
		}
		there := map[any]bool{}
		for _, id := range ids {
			there[id] = true
		}
		e.addField(f, w.first(f, func(v any) bool { return !there[v] }))
	}
	if e.Fields == nil {
		return nil, nil
	}
	return e, nil
}

// addField adds a field of a row; -1 stands for none. Of several rows the first one counts.
func (e *Error) addField(f *resource.Field, row int) {
	switch {
	case row < 0 || row > e.Row:
	case row < e.Row:
		e.Row, e.Fields = row, []*resource.Field{f}
	default:
		e.Fields = append(e.Fields, f)
	}
}

// values are what was written to a field, each once, without NULL.
func (w written) values(f *resource.Field) []any {
	var values []any
	seen := map[any]bool{}
	for i := range w.n {
		if v := w.of(f, i); v != nil && !seen[v] {
			seen[v] = true
			values = append(values, v)
		}
	}
	return values
}

// first returns the first row whose value is wrong, or -1. The rows are asked in order.
func (w written) first(f *resource.Field, wrong func(v any) bool) int {
	for i := range w.n {
		if v := w.of(f, i); v != nil && wrong(v) {
			return i
		}
	}
	return -1
}
