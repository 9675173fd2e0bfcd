package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"

	"modernc.org/sqlite"
)

// To prepare a statement takes SQLite longer than to run it, so a connection
// keeps those that it has prepared, for the next time their text comes.
//
// It is done here, below database/sql, because a connection serves one caller at
// a time: nothing needs a lock, and nobody waits for somebody else's statement.
// GORM's PrepareStmt shares its statements among all connections, and so
//   - who waits for a statement to be prepared holds a lock that transactions
//     need, and who prepares it waits for the connection that a transaction has;
//   - whoever waits fails when the client of the request that prepares goes away;
//   - a statement that makes room for another is closed beside those who use it.

const (
	// maxKept is how many statements a connection keeps: more than requests of
	// the usual kinds need. Lists that are filtered and sorted in ever other ways
	// bring more, and take turns.
	maxKept = 128
	// maxText is the longest text that is kept, in bytes. Longer ones are for
	// many rows or values: seldom the same twice, and up to 400 kB of memory
	// where the usual one takes 10.
	maxText = 1 << 10
)

// keeping makes connections that keep their statements.
type keeping struct{ driver.Connector }

func (k keeping) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &keeper{c.(driverConn), map[string]driverStmt{}}, nil
}

// What database/sql uses of the driver's connections, statements and rows. The
// types below embed them, so that all of it is still there.
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

// keeper is a connection that keeps statements. One in use is not among them: the
// same text, run again while its rows are still open, is another statement.
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

// Close closes the statements first: SQLite would keep the file open for them.
func (k *keeper) Close() error {
	var errs []error
	for _, stmt := range k.kept {
		errs = append(errs, stmt.Close())
	}
	clear(k.kept)
	return errors.Join(append(errs, k.driverConn.Close())...)
}

// worthKeeping tells the statements that read and write rows. Others are run once
// (a schema's) or hardly need to be prepared (PRAGMA, SAVEPOINT).
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

// take returns a statement to its only user, who puts it back. SQLite itself prepares a kept one again when the
// schema has changed since.
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

// put keeps a statement for its next use, or closes it when it is not good for one.
func (k *keeper) put(text string, stmt driverStmt, good bool) {
	if _, another := k.kept[text]; another || !good {
		_ = stmt.Close() // tells at most why the last use failed, again
		return
	}
	if len(k.kept) == maxKept {
		for old, stmt := range k.kept { // any one: a map begins somewhere else each time
			delete(k.kept, old)
			_ = stmt.Close()
			break
		}
	}
	k.kept[text] = stmt
}

// constraint is https://www.sqlite.org/rescode.html#constraint.
const constraint = 19

// reusable says that a statement is as good as new after err. A constraint is the
// one failure that is common, and after which the driver is known to have reset
// the statement and let go of its arguments. Others, like an interruption when
// the context ends, are too rare to rely on that.
func reusable(err error) bool {
	var lite *sqlite.Error
	return err == nil || errors.As(err, &lite) && lite.Code()&0xff == constraint
}

// keptRows are the rows of a kept statement, which is put back when they close.
type keptRows struct {
	driverRows
	keeper *keeper
	text   string
	stmt   driverStmt // nil once they are closed
}

func (r *keptRows) Close() error {
	if r.stmt == nil {
		return nil
	}
	err := r.driverRows.Close()
	// What failed, even while the rows were read, fails here too. It leaves the
	// statement bound to arguments that are freed: not even a constraint is fine.
	r.keeper.put(r.text, r.stmt, err == nil)
	r.stmt = nil
	return err
}
