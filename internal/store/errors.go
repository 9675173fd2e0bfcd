package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"slipway/internal/database"
	"slipway/internal/model"
)

// Kind is what went wrong.
type Kind = database.Kind

// The kinds of an [Error]: those of database, less what only drivers tell apart,
// and NotFound.
const (
	NotFound      Kind = "not_found"
	Duplicate          = database.Duplicate
	MissingParent      = database.MissingParent
	HasChildren        = database.HasChildren
	NotNull            = database.NotNull
	Check              = database.Check
	TooLong            = database.TooLong
	OutOfRange         = database.OutOfRange
	WrongType          = database.WrongType
	Busy               = database.Busy
	Unavailable        = database.Unavailable
	Schema             = database.Schema
	Deadline           = database.Deadline
	Canceled           = database.Canceled
)

// Error says why rows could not be read or written.
type Error struct {
	Kind Kind
	// Fields are the fields at fault, where the database names them.
	Fields []*model.Field
	// Err is the cause, for the log: it may hold values of rows.
	Err error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return "store: " + string(e.Kind)
	}
	return fmt.Sprintf("store: %v", e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// error turns what GORM returned into an *Error.
func (t *Table) error(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return convert(t.model, nil, t.db.Error(ctx, err))
}

// writeError is error for a create or an update; valueOf tells what was written
// to a field, nil for nothing.
//
// SQLite does not say which foreign key failed, so the parents are looked up:
// only where something has failed already.
func (t *Table) writeError(ctx context.Context, err error, valueOf func(*model.Field) any) error {
	if err == nil {
		return nil
	}
	err = t.db.Error(ctx, err)
	var cause *database.Error
	if !errors.As(err, &cause) || cause.Kind != database.ForeignKey {
		return convert(t.model, nil, err)
	}
	cause.Kind = MissingParent
	// In the order in which MySQL checks them, which is that of their names: it
	// tells of the first that fails.
	keys := slices.SortedFunc(slices.Values(t.model.Fields), func(a, b *model.Field) int {
		return strings.Compare(a.ForeignKey, b.ForeignKey)
	})
	var missing []*model.Field
	for _, f := range keys {
		value := valueOf(f)
		if f.ForeignKey == "" || value == nil {
			continue
		}
		var n int64
		if err := t.db.Write.WithContext(ctx).Model(f.Parent()).Where("id = ?", value).Limit(1).Count(&n).Error; err != nil {
			return t.error(ctx, err)
		}
		if n == 0 {
			missing = append(missing, f)
			break
		}
	}
	return convert(t.model, missing, err)
}

// convert names the fields of a table where the driver names constraints,
// indexes or columns.
func convert(t *model.Table, fields []*model.Field, err error) error {
	var cause *database.Error
	if !errors.As(err, &cause) {
		return err
	}
	e := &Error{Kind: cause.Kind, Fields: fields, Err: cause}
	if e.Kind == database.ForeignKey { // of a delete
		e.Kind = HasChildren
	}
	if fields != nil || e.Kind == HasChildren {
		return e
	}
	for _, f := range t.Fields {
		if slices.Contains(cause.Columns, f.Name) ||
			cause.Constraint != "" && (cause.Constraint == f.Unique || cause.Constraint == f.ForeignKey) {
			e.Fields = append(e.Fields, f)
		}
	}
	return e
}
