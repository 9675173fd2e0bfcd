package store

import (
	"context"
	"errors"

	"gorm.io/gorm/clause"

	"slipway/internal/database"
	"slipway/internal/resource"
)

// written has the values of a statement: n rows, and nil for a field that is not written or NULL.
type written struct {
	n  int
	of func(f *resource.Field, row int) any
	// id is the id of the updated row; 0 for new rows and for a bulk update.
	id int64
	// many is true for a bulk update.
	many bool
}

// writtenRows returns the values of new rows.
func writtenRows(rows *resource.Rows) written {
	return written{n: rows.Len(), of: func(f *resource.Field, i int) any { return f.Of(rows.Row(i)) }}
}

// writtenTo returns the values of an update of one row, or of a bulk update if id is 0.
func writtenTo(id int64, changes map[string]any) written {
	return written{n: 1, of: func(f *resource.Field, _ int) any { return changes[f.Name] }, id: id, many: id == 0}
}

// writeError is error for a create or an update. After a duplicate value or a missing parent it looks up the values,
// because the dialects report these errors differently: SQLite does not name the foreign key, neither names the row,
// and each checks constraints in a different order.
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
	case found == nil: // another transaction has removed the cause: use the driver's error
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

// tooLarge reports whether a server may have closed the connection because of the size of the statement. A quoted text
// needs up to twice its bytes.
func (t *Table) tooLarge(ctx context.Context, w written) bool {
	const usual = 1 << 15 // all servers accept this size
	size := 0
	for _, f := range t.model.Fields {
		for i := range w.n {
			switch v := w.of(f, i).(type) {
			case string:
				size += len(v)
			case resource.JSON:
				size += len(v)
			case []byte:
				size += len(v)
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

// duplicates returns the error for the first row with duplicate values, with all its fields that have one. It compares
// with stored rows and with earlier new rows. It returns nil if it finds none.
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
		q := t.db.Write.WithContext(ctx).Where(t.in(f, values))
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
			seen[identity(v)] = true
		}
		e.addField(f, w.first(f, func(v any) bool {
			was := seen[identity(v)]
			seen[identity(v)] = true // for later rows
			return was
		}))
	}
	if e.Fields == nil && w.many { // the rows of the update have the same value
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

// missingParents returns the error for the first row that references a missing row, with all its foreign keys that do.
// It returns nil if it finds none.
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
		exists := map[any]bool{}
		for _, id := range ids {
			exists[id] = true
		}
		e.addField(f, w.first(f, func(v any) bool { return !exists[v] }))
	}
	if e.Fields == nil {
		return nil, nil
	}
	return e, nil
}

// addField adds a field of a row, or nothing if row is -1. The error keeps the fields of the first row only.
func (e *Error) addField(f *resource.Field, row int) {
	switch {
	case row < 0 || row > e.Row:
	case row < e.Row:
		e.Row, e.Fields = row, []*resource.Field{f}
	default:
		e.Fields = append(e.Fields, f)
	}
}

// values returns the distinct values of a field, without NULL.
func (w written) values(f *resource.Field) []any {
	var values []any
	seen := map[any]bool{}
	for i := range w.n {
		if v := w.of(f, i); v != nil && !seen[identity(v)] {
			seen[identity(v)] = true
			values = append(values, v)
		}
	}
	return values
}

// first returns the index of the first row with an invalid value, or -1. It calls invalid for the rows in order.
func (w written) first(f *resource.Field, invalid func(v any) bool) int {
	for i := range w.n {
		if v := w.of(f, i); v != nil && invalid(v) {
			return i
		}
	}
	return -1
}
