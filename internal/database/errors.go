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

// Kind is what a database error means, whichever driver said it.
type Kind string

// The kinds. What HTTP makes of them stands in httpapi.
const (
	// Duplicate: a unique index already holds the value.
	Duplicate Kind = "duplicate"
	// ForeignKey: the driver does not say which side of a foreign key failed
	// (SQLite); the statement does.
	ForeignKey Kind = "foreign_key"
	// MissingParent: the row that a foreign key names does not exist.
	MissingParent Kind = "missing_parent"
	// HasChildren: other rows still refer to the row.
	HasChildren Kind = "has_children"
	// CascadeTooDeep: a change would cascade through more levels of rows than the
	// database follows: 15 on MySQL, 1,000 on SQLite.
	CascadeTooDeep Kind = "cascade_too_deep"
	// NotNull: a column that needs a value got none.
	NotNull Kind = "not_null"
	// Check: a CHECK constraint was violated, or a trigger refused the row.
	Check Kind = "check"
	// TooLong, OutOfRange, WrongType: the value does not fit its column.
	TooLong    Kind = "too_long"
	OutOfRange Kind = "out_of_range"
	WrongType  Kind = "wrong_type"
	// Incomparable: a value that a column is compared with is none that it can hold.
	Incomparable Kind = "incomparable"
	// StatementTooLarge: a statement has more bytes than the server takes at once.
	StatementTooLarge Kind = "statement_too_large"
	// QueryTooLarge: a query takes more memory, or has more conditions, than the
	// database allows.
	QueryTooLarge Kind = "query_too_large"
	// IDStep: the ids of the session are another step apart than the statement says.
	IDStep Kind = "id_step"
	// Busy: another transaction is in the way; the same statement may succeed
	// later.
	Busy Kind = "busy"
	// Unavailable: the database cannot be reached, or refuses to work.
	Unavailable Kind = "unavailable"
	// Schema: a table or column is missing; migrations are pending.
	Schema Kind = "schema"
	// Deadline: the time for the request was over.
	Deadline Kind = "deadline"
	// Canceled: whoever asked went away.
	Canceled Kind = "canceled"
)

// Error is a database error with its meaning.
type Error struct {
	Kind Kind
	// Constraint is the name of the constraint or index, where the driver
	// gives it: always on MySQL, on SQLite for CHECK only.
	Constraint string
	// Table and Columns are what the driver names instead: for duplicates on
	// SQLite, and for NOT NULL and ill-fitting values.
	Table   string
	Columns []string
	// Err is the driver's error. It may hold values of rows: it is for the log.
	Err error
}

// Error returns the kind and the driver's own words.
func (e *Error) Error() string { return fmt.Sprintf("database: %s: %v", e.Kind, e.Err) }

// Unwrap returns the driver's error.
func (e *Error) Unwrap() error { return e.Err }

// Error says what err, which a statement run under ctx returned, means. It
// gives nil for nil, an *[Error] for what it knows, and err itself otherwise.
func (db *DB) Error(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	// A driver whose context ends reports an interrupted statement or a broken
	// connection: the context knows better. A statement whose own error came
	// first keeps it.
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

// Wrap is [DB.Error] for an error met before there was a DB.
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
