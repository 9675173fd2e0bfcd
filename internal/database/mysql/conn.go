package mysql

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"

	"slipway/internal/database"
)

// How long a connection is used. database/sql has such limits too, and counts by a
// clock that stands still while a sandbox of Lambda is frozen: a connection that
// was idle for a night would be as good as new. So these go by the calendar.
const (
	// maxIdle is less than the 350 seconds after which AWS's network forgets a
	// connection that nothing passes over, and than the 30 minutes of RDS Proxy.
	//
	// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
	maxIdle = 4 * time.Minute
	// maxLife spreads connections again over readers that come and go. RDS Proxy ends a connection after 24 hours.
	maxLife = 5 * time.Minute
)

// byCalendar is the time without the monotonic clock.
func byCalendar() time.Time { return time.Now().Round(0) }

// What a server says that is read-only: started so, in such a transaction, or as a
// replica. The writer of an Aurora cluster is one after a failover, as long as the
// name of the cluster still leads to it.
const (
	readOnlyOption      = 1290 // ER_OPTION_PREVENTS_STATEMENT
	readOnlyTransaction = 1792 // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
	readOnlyMode        = 1836 // ER_READ_ONLY_MODE
)

// connector makes connections whose statements end with their context.
type connector struct {
	config  *mysql.Config
	options database.Config
	// writes says that a server which is read-only is the wrong one.
	writes bool
	// now is the time by the calendar.
	now func() time.Time
	// gaveUp is that of bounded.
	gaveUp *atomic.Int64
}

// newConnector takes a configuration without a DialFunc of its own. All its
// connections sign in by the options, those for KILL among them. It returns the
// error of a configuration that the driver refuses.
func newConnector(config *mysql.Config, options database.Config) (connector, error) {
	_, err := signingIn(config, options)
	return connector{config: config, options: options, now: byCalendar, gaveUp: new(atomic.Int64)}, err
}

// Driver returns the driver of MySQL, as [driver.Connector] asks for.
func (connector) Driver() driver.Driver { return mysql.MySQLDriver{} }

// Connect makes a connection. Every error is a *connectError.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	s := &session{name: rand.Text()}
	own, err := signingIn(s.named(c.config), c.options)
	if err != nil {
		return nil, &connectError{err}
	}
	killer, err := s.killer(c.config, c.options)
	if err != nil {
		return nil, &connectError{err}
	}
	inner, err := bounded{own, c.config.Addr, c.gaveUp}.Connect(ctx)
	if err != nil {
		return nil, &connectError{err}
	}
	full, ok := inner.(driverConn)
	if !ok {
		return inner, nil // it works, but for all that is said here
	}
	now := c.now()
	return &conn{
		driverConn: full, session: s, killer: killer,
		writes: c.writes, now: c.now, opened: now, idle: now,
	}, nil
}

// driverConn is what a connection of the driver can do for database/sql.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// conn is a connection that knows its session at the server, and when it must not
// be used any more.
type conn struct {
	driverConn
	session *session
	killer  driver.Connector // makes the connection that KILL is sent on

	writes       bool
	now          func() time.Time
	opened, idle time.Time // by the calendar: made, and last given back
	wrong        bool      // it leads to a server that is read-only
}

// ExecContext sends a statement that changes something.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	defer c.killAtEnd(ctx)()
	result, err := c.driverConn.ExecContext(ctx, query, args)
	return result, c.refused(err)
}

// QueryContext returns with the first rows: from then on the server notices by
// itself when nobody takes them.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	defer c.killAtEnd(ctx)()
	rows, err := c.driverConn.QueryContext(ctx, query, args)
	if lost(err) && reads(query) && ctx.Err() == nil {
		// Whether the server did it or not, it may be done again.
		return nil, again(err)
	}
	return rows, c.refused(err)
}

// BeginTx is the driver's, with a commit that may be refused.
func (c *conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	inner, err := c.driverConn.BeginTx(ctx, options)
	if err != nil {
		return nil, err
	}
	return tx{inner, c}, nil
}

type tx struct {
	driver.Tx
	conn *conn
}

// Commit fails on a server that became read-only since the transaction began.
func (t tx) Commit() error { return t.conn.refused(t.Tx.Commit()) }

// refused notes an error that says that the server is read-only, where one that
// can be written is wanted. The server did nothing, so that the statement is sent
// again, on a new connection; in a transaction it is not, since what came before
// would be missing.
func (c *conn) refused(err error) error {
	var my *mysql.MySQLError
	if !c.writes || !errors.As(err, &my) {
		return err
	}
	switch my.Number {
	case readOnlyOption, readOnlyTransaction, readOnlyMode:
		c.wrong = true
		return again(err)
	}
	return err
}

// again says to database/sql that a statement may be sent again. It does so twice
// at most, and gives the error after that. It never does within a transaction.
func again(err error) error { return fmt.Errorf("%w: %w", driver.ErrBadConn, err) }

// lost says whether the server ended the connection: it went away, it is going
// down, or somebody told it to (KILL). KILL QUERY, which leaves the connection, is
// another error: who wants an end of the statement alone has it.
func lost(err error) bool {
	var my *mysql.MySQLError
	return errors.Is(err, mysql.ErrInvalidConn) || errors.As(err, &my) && my.Number == serverShutdown
}

// serverShutdown is ER_SERVER_SHUTDOWN, which is what a statement gets too whose
// connection is killed.
const serverShutdown = 1053

// reads says whether a statement changes nothing.
func reads(query string) bool {
	const word = "SELECT"
	query = strings.TrimLeft(query, "( ")
	return len(query) > len(word) && strings.EqualFold(query[:len(word)], word)
}

// IsValid is asked when a connection is given back.
func (c *conn) IsValid() bool {
	c.idle = c.now()
	return !c.wrong && c.driverConn.IsValid()
}

// ResetSession is asked before a connection is used again: one of bad standing is
// closed, and another is made, within the same request. The driver looks whether
// the server has hung up.
func (c *conn) ResetSession(ctx context.Context) error {
	if now := c.now(); now.Sub(c.idle) > maxIdle || now.Sub(c.opened) > maxLife {
		return driver.ErrBadConn
	}
	return c.driverConn.ResetSession(ctx)
}
