package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
)

// Kind is the meaning of a database error, independent of the driver.
type Kind string

// The kinds. Package httpapi maps them to HTTP statuses.
const (
	// Duplicate: a unique index already holds the value.
	Duplicate Kind = "duplicate"
	// ForeignKey: a foreign key was violated, and the driver does not report on which side (SQLite).
	ForeignKey Kind = "foreign_key"
	// MissingParent: the row that a foreign key refers to does not exist.
	MissingParent Kind = "missing_parent"
	// HasChildren: other rows still refer to the row.
	HasChildren Kind = "has_children"
	// CascadeTooDeep: a change would cascade through more levels of rows than the limit: 15 on MySQL, 1,000 on SQLite.
	CascadeTooDeep Kind = "cascade_too_deep"
	// NotNull: a NOT NULL column got no value.
	NotNull Kind = "not_null"
	// Check: a CHECK constraint was violated, or a trigger rejected the row.
	Check Kind = "check"
	// TooLong, OutOfRange, WrongType: the value does not fit its column.
	TooLong    Kind = "too_long"
	OutOfRange Kind = "out_of_range"
	WrongType  Kind = "wrong_type"
	// Incomparable: a column is compared with a value that it cannot hold.
	Incomparable Kind = "incomparable"
	// StatementTooLarge: a statement has more bytes than the server allows.
	StatementTooLarge Kind = "statement_too_large"
	// QueryTooLarge: a query needs more memory, or has more conditions, than the database allows.
	QueryTooLarge Kind = "query_too_large"
	// IDStep: the step between ids in the session differs from the step in the statement. See [Traits.IDGuard].
	IDStep Kind = "id_step"
	// Busy: another transaction holds a lock. A retry may succeed.
	Busy Kind = "busy"
	// Unavailable: the database cannot be reached, or cannot work.
	Unavailable Kind = "unavailable"
	// Schema: a table or column is missing; migrations are pending.
	Schema Kind = "schema"
	// Deadline: the deadline of the request was exceeded.
	Deadline Kind = "deadline"
	// Canceled: the client canceled the request.
	Canceled Kind = "canceled"
)

// Error is a database error with its kind.
type Error struct {
	Kind Kind
	// Constraint is the name of the constraint or index, if the driver reports it: always on MySQL, on SQLite for CHECK
	// only.
	Constraint string
	// Table and Columns are set if the driver reports them instead of a constraint: for duplicates on SQLite, for NOT
	// NULL, and for invalid values.
	Table   string
	Columns []string
	// Err is the driver's error. It may contain values of rows, so it is for the log only.
	Err error
}

// Error returns the kind and the driver's message.
func (e *Error) Error() string { return fmt.Sprintf("database: %s: %v", e.Kind, e.Err) }

// Unwrap returns the driver's error.
func (e *Error) Unwrap() error { return e.Err }

// Error converts the error of a statement with the context ctx. It returns nil for nil, an *[Error] for a known error,
// and err otherwise.
func (db *DB) Error(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	// When the context ends, the driver reports an interrupted statement or a broken connection: use the error of the
	// context instead. Other errors of the statement take precedence.
	if e, ok := db.dialect.Classify(err); ok && e.Kind != Unavailable {
		return &e
	}
	switch ctx.Err() {
	case context.DeadlineExceeded:
		return &Error{Kind: Deadline, Err: err}
	case context.Canceled:
		return &Error{Kind: Canceled, Err: err}
	}
	return Wrap(db.dialect, err)
}

// Wrap is [DB.Error] for an error before there is a DB.
func Wrap(d Dialect, err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if e, ok := d.Classify(err); ok {
		return &e
	}
	var netErr net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Kind: Deadline, Err: err}
	case errors.Is(err, context.Canceled):
		return &Error{Kind: Canceled, Err: err}
	case errors.As(err, &netErr), errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{Kind: Unavailable, Err: err}
	}
	return err
}
