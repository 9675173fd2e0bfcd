package store

import (
	"context"
	"errors"
	"slices"

	"slipway/internal/resource"
)

// Put sets the row with that key, whose value the client chooses: it updates the row like [Table.Update], or creates it
// with these values if there is none. It reports whether it created the row. A check gets nil if there is none.
func (t *Table) Put(
	ctx context.Context, key resource.Key, values []resource.Value, check Precondition,
) (rows *resource.Rows, created bool, err error) {
	for range maxTries {
		rows, err := t.Update(ctx, key, values, check)
		var missing *Error
		if !errors.As(err, &missing) || missing.Kind != NotFound {
			return rows, false, err
		}
		if check != nil {
			if err := check(nil); err != nil {
				return nil, false, err
			}
		}
		rows = t.model.NewRow(key, values)
		err = t.Create(ctx, rows)
		if err == nil {
			return rows, true, nil
		}
		if !t.keyTaken(err) { // by another request, after the update
			return nil, false, err
		}
	}
	return nil, false, &Error{Kind: Busy, Err: errors.New("other requests create and delete the row again and again")}
}

// keyTaken reports whether a create failed because there is a row with its key.
func (t *Table) keyTaken(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.Kind != Duplicate {
		return false
	}
	return slices.ContainsFunc(e.sets(), func(set []*resource.Field) bool { return slices.Equal(set, t.model.Key) })
}
