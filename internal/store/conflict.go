package store

import (
	"context"
	"errors"

	"gorm.io/gorm/clause"

	"slipway/internal/database"
	"slipway/internal/query"
	"slipway/internal/resource"
)

// written has the values of a statement: n rows, and nil for a field that is not written or NULL.
type written struct {
	n  int
	of func(f *resource.Field, row int) any
	// key is the key of the updated row; nil for new rows and for a bulk update.
	key resource.Key
	// many is true for a bulk update, of the rows that match the filters.
	many    bool
	filters []query.Filter
	// writes reports whether an update writes a field; nil for new rows.
	writes func(f *resource.Field) bool
}

// writtenRows returns the values of new rows.
func writtenRows(rows *resource.Rows) written {
	return written{n: rows.Len(), of: func(f *resource.Field, i int) any {
		if rows.Omitted(i, f) {
			return nil
		}
		return f.Of(rows.Row(i))
	}}
}

// writtenTo returns the values of an update of one row, or of a bulk update if the key is nil.
func writtenTo(key resource.Key, changes map[string]any) written {
	writes := func(f *resource.Field) bool { _, ok := changes[f.Name]; return ok }
	of := func(f *resource.Field, _ int) any {
		if _, ok := changes[f.Name].(clause.Expr); ok { // a default that the database evaluates
			return nil
		}
		return changes[f.Name]
	}
	return written{n: 1, of: of, key: key, many: key == nil, writes: writes}
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
	switch cause.Kind {
	case Duplicate, MissingParent, HasChildren, database.ForeignKey:
	default:
		return t.convert(err)
	}
	found, lookup := t.firstInvalid(ctx, w, cause.Kind)
	switch {
	case lookup != nil:
		return t.error(ctx, lookup)
	case found == nil: // another transaction has removed the cause: use the driver's error
		switch {
		case cause.Kind == database.ForeignKey && t.referenced(w):
			cause.Kind = HasChildren // SQLite does not say which
		case cause.Kind == database.ForeignKey:
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

// firstInvalid returns the error for the first row that references a missing row or has duplicate values, in the order
// in which MySQL checks: row by row, first foreign keys. SQLite looks for duplicate values in all rows first. It
// returns nil if it finds none.
func (t *Table) firstInvalid(ctx context.Context, w written, kind Kind) (*Error, error) {
	duplicate, err := t.duplicates(ctx, w)
	if err != nil {
		return nil, err
	}
	missing, err := t.missingParents(ctx, w, duplicate)
	if err == nil && missing == nil && duplicate == nil {
		same, err := t.sameValues(ctx, w, kind)
		switch {
		case err != nil || same != nil:
			return same, err
		case kind == MissingParent || kind == database.ForeignKey:
			return t.partlyWritten(w), nil
		}
	}
	if err != nil || missing == nil || duplicate != nil && duplicate.Row < missing.Row {
		return duplicate, err
	}
	return missing, nil
}

// duplicates returns the error for the first row with duplicate values, with all its fields that have one. It compares
// with stored rows and with earlier new rows. It returns nil if it finds none.
func (t *Table) duplicates(ctx context.Context, w written) (*Error, error) {
	e := &Error{Kind: Duplicate, Row: w.n}
	for _, u := range t.model.Uniques {
		values := w.values(u.Fields)
		if len(values) == 0 {
			continue
		}
		q := t.db.Write.WithContext(ctx).Where(t.in(u.Fields, values))
		if w.key != nil {
			// Not clause.Not, which turns NOT (a = 1 AND b = 2) into a <> 1 AND b <> 2.
			q = q.Where(clause.Expr{SQL: "NOT (?)", Vars: []any{t.is(w.key)}})
		}
		rows := t.model.NewRows(1, u.Fields...)
		if err := t.scan(q, rows, u.Fields); err != nil {
			return nil, err
		}
		seen := identities(rows, u.Fields)
		e.addFirst(u.Fields, w.first(u.Fields, func(id string) bool {
			was := seen[id]
			seen[id] = true // for later rows
			return was
		}))
	}
	if e.none() {
		return nil, nil
	}
	return e, nil
}

// sameValues returns the error for a bulk update that sets a unique value in several rows, or nil. MySQL reports a
// foreign key instead if the first of them is referenced.
func (t *Table) sameValues(ctx context.Context, w written, kind Kind) (*Error, error) {
	if !w.many {
		return nil, nil
	}
	e := &Error{Kind: Duplicate, Row: w.n}
	for _, u := range t.model.Uniques {
		if len(w.values(u.Fields)) > 0 {
			e.addFirst(u.Fields, 0)
		}
	}
	if e.none() {
		return nil, nil
	}
	if kind != Duplicate {
		if n, err := t.count(ctx, t.write(ctx), w.filters); err != nil || n < 2 {
			return nil, err
		}
	}
	return e, nil
}

// identities returns the values of fields in the rows, without those with NULL.
func identities(rows *resource.Rows, fields []*resource.Field) map[string]bool {
	seen := make(map[string]bool, rows.Len())
	for i := range rows.Len() {
		if id, ok := rows.Identity(i, fields); ok {
			seen[id] = true
		}
	}
	return seen
}

// none reports whether the error names no fields.
func (e *Error) none() bool { return e.Fields == nil && e.Sets == nil }

// addFirst adds fields of a row, or nothing if row is -1. The error keeps the fields of the first row only.
func (e *Error) addFirst(fields []*resource.Field, row int) {
	if row < 0 || row > e.Row {
		return
	}
	if row < e.Row {
		e.Row, e.Fields, e.Sets = row, nil, nil
	}
	e.addSet(fields)
}

// values returns the distinct values of fields, without those with NULL.
func (w written) values(fields []*resource.Field) (all [][]any) {
	seen := map[string]bool{}
	for i := range w.n {
		if values, id, ok := w.row(fields, i); ok && !seen[id] {
			seen[id] = true
			all = append(all, values)
		}
	}
	return all
}

// first returns the index of the first row with invalid values of fields, or -1. It calls invalid for the rows in
// order, with the identity of the values.
func (w written) first(fields []*resource.Field, invalid func(id string) bool) int {
	for i := range w.n {
		if _, id, ok := w.row(fields, i); ok && invalid(id) {
			return i
		}
	}
	return -1
}

// row returns the values of fields in a row and their identity, or false if one is NULL or not written.
func (w written) row(fields []*resource.Field, i int) (values []any, id string, ok bool) {
	values = make([]any, len(fields))
	for k, f := range fields {
		if values[k] = w.of(f, i); values[k] == nil {
			return nil, "", false
		}
	}
	return values, resource.Identity(fields, values), true
}
