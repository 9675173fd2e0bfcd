package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"slipway/internal/database"
	"slipway/internal/resource"
)

// Kind is what went wrong.
type Kind = database.Kind

// The kinds of an [Error]: those of database, less what only drivers tell apart,
// and the store's own.
const (
	NotFound Kind = "not_found"
	// TooMany is more rows than a bulk write may concern.
	TooMany Kind = "too_many"
	// KeyReused is a key that came with another request before, KeyBusy one whose
	// first request is under way.
	KeyReused Kind = "key_reused"
	KeyBusy   Kind = "key_busy"
	// TooLarge is rows that together are more than any answer may carry.
	TooLarge Kind = "too_large"
	// NoKeyTable is a key where the table that records keys is missing.
	NoKeyTable Kind = "no_key_table"

	Duplicate         = database.Duplicate
	MissingParent     = database.MissingParent
	HasChildren       = database.HasChildren
	CascadeTooDeep    = database.CascadeTooDeep
	NotNull           = database.NotNull
	Check             = database.Check
	TooLong           = database.TooLong
	OutOfRange        = database.OutOfRange
	WrongType         = database.WrongType
	Incomparable      = database.Incomparable
	StatementTooLarge = database.StatementTooLarge
	QueryTooLarge     = database.QueryTooLarge
	Busy              = database.Busy
	Unavailable       = database.Unavailable
	Schema            = database.Schema
	Deadline          = database.Deadline
	Canceled          = database.Canceled
)

// Error says why rows could not be read or written.
type Error struct {
	Kind Kind
	// Fields are the fields at fault, where they are known.
	Fields []*resource.Field
	// Constraint is the name of the CHECK that is violated, where it is known.
	Constraint string
	// Row is which of several new rows is at fault, from 0 on, where that is
	// known; else -1, and 0 for a single one.
	Row int
	// Count is how many rows a bulk write would have concerned.
	Count int64
	// Err is the cause, for the log: it may hold values of rows.
	Err error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return "store: " + string(e.Kind)
	}
	return fmt.Sprintf("store: %v", e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// error turns what GORM returned for a read into an *Error. What is one already stays.
func (t *Table) error(ctx context.Context, err error) error {
	var ours *Error
	if err == nil || errors.As(err, &ours) {
		return err
	}
	return t.convert(t.db.Error(ctx, err))
}

// deleteError is error for a delete. It writes no value, so a constraint that it violates is one of the rows that refer
// to the deleted ones: what a foreign key does to them, they do not allow.
func (t *Table) deleteError(ctx context.Context, err error) error {
	err = t.error(ctx, err)
	var e *Error
	if errors.As(err, &e) {
		switch e.Kind {
		case database.ForeignKey, MissingParent, Duplicate, NotNull:
			return &Error{Kind: HasChildren, Err: e.Err}
		}
	}
	return err
}

// convert names the fields of a table where the driver names constraints, indexes or columns.
func (t *Table) convert(err error) error {
	var cause *database.Error
	if !errors.As(err, &cause) {
		return err
	}
	e := &Error{Kind: cause.Kind, Err: cause}
	switch {
	case e.Kind == HasChildren:
		return e
	case e.Kind == Check:
		e.Constraint = cause.Constraint
	case e.Kind == Duplicate && t.ownID(cause):
		e.Kind = Unavailable // the column has no further ids
		return e
	}
	for _, f := range t.model.Fields {
		if slices.Contains(cause.Columns, f.Name) ||
			cause.Constraint != "" && (cause.Constraint == f.Unique || cause.Constraint == f.ForeignKey) {
			e.Fields = append(e.Fields, f)
		}
	}
	return e
}

// ownID says whether the value that is taken is an id that the database gave.
func (t *Table) ownID(cause *database.Error) bool {
	return t.model.Field("id").ReadOnly && (cause.Constraint == "PRIMARY" || slices.Equal(cause.Columns, []string{"id"}))
}
