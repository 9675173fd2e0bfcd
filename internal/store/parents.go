package store

import (
	"context"
	"slices"

	"slipway/internal/resource"
)

// missingParents returns the error for the first row that references a missing row, with all its foreign keys that do.
// It returns nil if it finds none. It skips the foreign keys of one row whose values another row has, according to the
// error for duplicates, which may be nil.
func (t *Table) missingParents(ctx context.Context, w written, duplicate *Error) (*Error, error) {
	e := &Error{Kind: MissingParent, Row: w.n}
	for _, k := range t.model.ForeignKeys {
		values := w.values(k.Fields)
		if len(values) == 0 || w.n == 1 && duplicate.covers(k.Fields) {
			continue
		}
		parent := t.of(k.Table)
		rows := k.Table.NewRows(1, k.Refs...)
		if err := parent.scan(t.db.Write.WithContext(ctx).Where(t.in(k.Refs, values)), rows, k.Refs); err != nil {
			return nil, err
		}
		exists := identities(rows, k.Refs)
		// A new row can reference itself or an earlier one, whose values are known unless the database assigns them.
		among := k.Table == t.model && w.writes == nil && !slices.Contains(k.Refs, t.model.Auto)
		e.addFirst(k.Fields, w.firstMissing(k, exists, among))
	}
	if e.none() {
		return nil, nil
	}
	return e, nil
}

// partlyWritten returns the error for an update of a part of the columns of a foreign key, or nil.
func (t *Table) partlyWritten(w written) *Error {
	e := &Error{Kind: MissingParent, Row: w.n}
	for _, k := range t.model.ForeignKeys {
		part := func(f *resource.Field) bool { return w.writes(f) && w.of(f, 0) != nil }
		other := func(f *resource.Field) bool { return !w.writes(f) }
		if w.writes != nil && slices.ContainsFunc(k.Fields, part) && slices.ContainsFunc(k.Fields, other) {
			e.addFirst(k.Fields, 0)
		}
	}
	if e.none() {
		return nil
	}
	return e
}

// firstMissing returns the index of the first row whose foreign key references no row in exists, or -1. If among is
// true, the row itself and earlier ones also exist.
func (w written) firstMissing(k *resource.ForeignKey, exists map[string]bool, among bool) int {
	for i := range w.n {
		if among {
			if _, id, ok := w.row(k.Refs, i); ok {
				exists[id] = true
			}
		}
		if _, id, ok := w.row(k.Fields, i); ok && !exists[id] {
			return i
		}
	}
	return -1
}

// referenced reports whether an update writes a column that other rows can reference.
func (t *Table) referenced(w written) bool {
	return w.writes != nil && slices.ContainsFunc(t.model.Relations, func(r *resource.Relation) bool {
		return r.Many && r.Through == nil &&
			slices.ContainsFunc(r.Key.Refs, func(f *resource.Field) bool { return w.writes(f) })
	})
}

// covers reports whether one of the sets of the error has all these fields.
func (e *Error) covers(fields []*resource.Field) bool {
	if e == nil {
		return false
	}
	return slices.ContainsFunc(e.sets(), func(set []*resource.Field) bool {
		return !slices.ContainsFunc(fields, func(f *resource.Field) bool { return !slices.Contains(set, f) })
	})
}

// sets returns the sets of fields whose values are invalid together, also those of one field.
func (e *Error) sets() [][]*resource.Field {
	all := slices.Clone(e.Sets)
	for _, f := range e.Fields {
		all = append(all, []*resource.Field{f})
	}
	return all
}
