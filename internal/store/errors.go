package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"slipway/internal/database"
	"slipway/internal/resource"
)

// Kind is the kind of an [Error].
type Kind = database.Kind

// The kinds of an [Error]: some kinds of database, and the store's own.
const (
	// NotFound: the row does not exist.
	NotFound Kind = "not_found"
	// TooMany: more rows match than the request allows.
	TooMany Kind = "too_many"
	// KeyReused: the idempotency key belongs to a different request.
	KeyReused Kind = "key_reused"
	// KeyBusy: the first request with the idempotency key is still running.
	KeyBusy Kind = "key_busy"
	// TooLarge: the rows exceed the maximum size of a response.
	TooLarge Kind = "too_large"
	// Unreadable: a stored value is not one of its column's type; another program wrote it.
	Unreadable Kind = "unreadable"
	// NoKeyTable: the table of idempotency keys is missing.
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

// Error is an error of a read or a write.
type Error struct {
	Kind Kind
	// Fields are the fields with invalid values, if known.
	Fields []*resource.Field
	// Sets are the sets of fields whose values are invalid together, such as those of a unique index.
	Sets [][]*resource.Field
	// Constraint is the name of the violated CHECK, if known.
	Constraint string
	// Row is the index of the invalid row of several new ones, or -1 if unknown. It is 0
	// for a single row.
	Row int
	// Count is the number of rows that match, for kind TooMany.
	Count int64
	// Err is the cause, for the log only: it may contain values of rows.
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

// error returns the *Error for an error of GORM in a read. It returns an *Error unchanged.
func (t *Table) error(ctx context.Context, err error) error {
	var ours *Error
	if err == nil || errors.As(err, &ours) {
		return err
	}
	return t.convert(t.db.Error(ctx, err))
}

// deleteError is error for a delete. A delete violates a constraint only if rows that reference the deleted ones do not
// allow the action of their foreign key.
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

// convert returns the *Error for a *database.Error, with the fields for the constraints, indexes or columns that the
// driver names.
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
	if sets := t.constrained(cause); len(sets) > 0 {
		for _, set := range sets {
			e.addSet(set)
		}
		return e
	}
	for _, f := range t.model.Fields {
		if slices.Contains(cause.Columns, f.Name) {
			e.Fields = append(e.Fields, f)
		}
	}
	return e
}

// constrained returns the fields of the unique index or the foreign key in an error of the driver, which has the name
// of the constraint or its columns.
func (t *Table) constrained(cause *database.Error) (sets [][]*resource.Field) {
	add := func(name string, fields []*resource.Field) {
		same := len(cause.Columns) == len(fields) &&
			!slices.ContainsFunc(fields, func(f *resource.Field) bool { return !slices.Contains(cause.Columns, f.Name) })
		if name != "" && name == cause.Constraint || cause.Kind == Duplicate && same {
			sets = append(sets, fields)
		}
	}
	for _, u := range t.model.Uniques {
		add(u.Name, u.Fields)
	}
	for _, k := range t.model.ForeignKeys {
		add(k.Name, k.Fields)
	}
	if len(sets) > 1 { // two indexes have the same columns
		sets = sets[:1]
	}
	return sets
}

// addSet adds fields that are invalid together.
func (e *Error) addSet(fields []*resource.Field) {
	if len(fields) == 1 {
		e.Fields = append(e.Fields, fields[0])
		return
	}
	e.Sets = append(e.Sets, fields)
}

// ownID reports whether the duplicate value is an id that the database generated.
func (t *Table) ownID(cause *database.Error) bool {
	auto := t.model.Auto
	return auto != nil && (auto.InKey && len(t.model.Key) == 1 && cause.Constraint == "PRIMARY" ||
		slices.Equal(cause.Columns, []string{auto.Name}))
}
