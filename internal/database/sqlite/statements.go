package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"

	"modernc.org/sqlite"
)

// SQLite needs more time to prepare a statement than to run it, so each connection caches its prepared statements by
// text.
//
// The cache is below database/sql, because a connection has one user at a time: it needs no lock, and no caller waits
// for another. GORM's PrepareStmt shares its statements among all connections, which causes these problems:
//   - a caller that waits for a statement holds a lock that transactions need, and the caller that prepares it waits
//     for the connection of a transaction;
//   - waiting callers fail when the client of the preparing request disconnects;
//   - an evicted statement is closed while others use it.

const (
	// maxKept is the maximum number of cached statements of a connection. It is enough for usual requests. Lists with many
	// different filters and sorts replace each other.
	maxKept = 128
	// maxText is the maximum length of a cached statement, in bytes. Longer statements are for many rows or values: they
	// are rarely equal, and need up to 400 kB of memory instead of 10 kB.
	maxText = 1 << 10
)

// keeping creates connections that cache their statements.
type keeping struct{ driver.Connector }

func (k keeping) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &keeper{c.(driverConn), map[string]driverStmt{}}, nil
}

// The methods of the driver's connections, statements, and rows that database/sql uses. The types below embed these
// interfaces, to keep all methods.
type (
	driverConn interface {
		driver.Conn
		driver.ConnBeginTx
		driver.ConnPrepareContext
		driver.ExecerContext
		driver.Pinger
		driver.QueryerContext
		driver.SessionResetter
		driver.Validator
	}
	driverStmt interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
	driverRows interface {
		driver.Rows
		driver.RowsColumnTypeDatabaseTypeName
		driver.RowsColumnTypeLength
		driver.RowsColumnTypeNullable
		driver.RowsColumnTypePrecisionScale
		driver.RowsColumnTypeScanType
	}
)

// keeper is a connection with a cache of statements. A statement in use is not in the cache: if the same text runs
// while its rows are still open, another statement is prepared.
type keeper struct {
	driverConn
	kept map[string]driverStmt
}

func (k *keeper) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	if !worthKeeping(text) {
		return k.driverConn.ExecContext(ctx, text, args)
	}
	stmt, err := k.take(ctx, text)
	if err != nil {
		return nil, err
	}
	result, err := stmt.ExecContext(ctx, args)
	k.put(text, stmt, reusable(err))
	return result, err
}

func (k *keeper) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	if !worthKeeping(text) {
		return k.driverConn.QueryContext(ctx, text, args)
	}
	stmt, err := k.take(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, args)
	if err != nil {
		k.put(text, stmt, reusable(err))
		return nil, err
	}
	return &keptRows{driverRows: rows.(driverRows), keeper: k, text: text, stmt: stmt}, nil
}

// Close closes the statements first: otherwise SQLite keeps the file open.
func (k *keeper) Close() error {
	var errs []error
	for _, stmt := range k.kept {
		errs = append(errs, stmt.Close())
	}
	clear(k.kept)
	return errors.Join(append(errs, k.driverConn.Close())...)
}

// worthKeeping reports whether a statement reads or writes rows. Others run only once (DDL), or are cheap to prepare
// (PRAGMA, SAVEPOINT).
func worthKeeping(text string) bool {
	if len(text) > maxText {
		return false
	}
	word, _, _ := strings.Cut(text, " ")
	switch strings.ToUpper(word) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		return true
	}
	return false
}

// take removes a statement from the cache, or prepares it. The caller must call put. SQLite prepares a cached statement
// again if the schema has changed.
func (k *keeper) take(ctx context.Context, text string) (driverStmt, error) {
	if stmt, ok := k.kept[text]; ok {
		delete(k.kept, text)
		return stmt, nil
	}
	stmt, err := k.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	return stmt.(driverStmt), nil
}

// put returns a statement to the cache, or closes it if it is not reusable.
func (k *keeper) put(text string, stmt driverStmt, reusable bool) {
	if _, another := k.kept[text]; another || !reusable {
		_ = stmt.Close() // repeats at most the error of the last use
		return
	}
	if len(k.kept) == maxKept {
		for old, stmt := range k.kept { // a random one: the order of a map is random
			delete(k.kept, old)
			_ = stmt.Close()
			break
		}
	}
	k.kept[text] = stmt
}

// constraint is SQLITE_CONSTRAINT: https://www.sqlite.org/rescode.html#constraint.
const constraint = 19

// reusable reports whether a statement can be reused after err. After a constraint error, which is common, the driver
// has reset the statement and released its arguments. After other errors this is not certain, and they are rare.
func reusable(err error) bool {
	var lite *sqlite.Error
	return err == nil || errors.As(err, &lite) && lite.Code()&0xff == constraint
}

// keptRows are the rows of a cached statement. Close returns the statement to the cache.
type keptRows struct {
	driverRows
	keeper *keeper
	text   string
	stmt   driverStmt // nil after Close
}

func (r *keptRows) Close() error {
	if r.stmt == nil {
		return nil
	}
	err := r.driverRows.Close()
	// err contains errors during the reading of rows, too. After any error here, even a constraint, the statement is bound
	// to freed arguments.
	r.keeper.put(r.text, r.stmt, err == nil)
	r.stmt = nil
	return err
}
