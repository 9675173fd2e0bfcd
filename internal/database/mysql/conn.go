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

// Limits for the lifetime of a connection. database/sql has the same limits, but it uses the monotonic clock, which
// stops while Lambda freezes the sandbox. These limits use wall clock time.
const (
	// maxIdle is less than the idle timeouts of AWS's network (350 seconds) and of RDS Proxy (30 minutes).
	//
	// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
	maxIdle = 4 * time.Minute
	// maxLife distributes connections over a changing number of readers. RDS Proxy ends a connection after 24 hours.
	maxLife = 5 * time.Minute
)

// wallClock returns the time without the monotonic clock.
func wallClock() time.Time { return time.Now().Round(0) }

// Errors of a read-only server or transaction. After a failover, the old writer of an Aurora cluster is read-only,
// while the name of the cluster may still resolve to it.
const (
	readOnlyOption      = 1290 // ER_OPTION_PREVENTS_STATEMENT
	readOnlyTransaction = 1792 // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
	readOnlyMode        = 1836 // ER_READ_ONLY_MODE
)

// connector creates connections whose statements end with their context.
type connector struct {
	config  *mysql.Config
	options database.Config
	// writes says that a connection to a read-only server must be replaced.
	writes bool
	// now returns wall clock time.
	now func() time.Time
	// gaveUp is for bounded.
	gaveUp *atomic.Int64
}

// newConnector returns a connector for a configuration without a DialFunc. All connections use the credentials of
// options, also those for KILL. The error is that of the driver for an invalid configuration.
func newConnector(config *mysql.Config, options database.Config) (connector, error) {
	_, err := signingIn(config, options)
	return connector{config: config, options: options, now: wallClock, gaveUp: new(atomic.Int64)}, err
}

// Driver implements [driver.Connector].
func (connector) Driver() driver.Driver { return mysql.MySQLDriver{} }

// Connect creates a connection. Every error is a *connectError.
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
		return inner, nil // without the features of conn
	}
	now := c.now()
	return &conn{
		driverConn: full, session: s, killer: killer,
		writes: c.writes, now: c.now, opened: now, idle: now,
	}, nil
}

// driverConn has the methods of the driver's connections that database/sql uses.
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

// conn is a connection that can kill its session on the server, and that expires.
type conn struct {
	driverConn
	session *session
	killer  driver.Connector // creates the connection for KILL

	writes       bool
	now          func() time.Time
	opened, idle time.Time // wall clock time of the creation and of the last use
	readOnly     bool      // the server is read-only
}

// ExecContext executes a statement that changes something.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	defer c.killAtEnd(ctx)()
	result, err := c.driverConn.ExecContext(ctx, query, args)
	return result, c.refused(err)
}

// QueryContext kills the statement only until it returns the first rows. After that, the server detects a closed
// connection.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	defer c.killAtEnd(ctx)()
	rows, err := c.driverConn.QueryContext(ctx, query, args)
	if lost(err) && reads(query) && ctx.Err() == nil {
		return nil, retry(err) // a read can be repeated
	}
	return rows, c.refused(err)
}

// BeginTx begins a transaction whose Commit detects a read-only server.
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

// Commit returns an error on a server that became read-only during the transaction.
func (t tx) Commit() error { return t.conn.refused(t.Tx.Commit()) }

// refused detects the error of a read-only server on a connection for writes. The server has not executed the
// statement, so database/sql retries it on a new connection, except in a transaction.
func (c *conn) refused(err error) error {
	var my *mysql.MySQLError
	if !c.writes || !errors.As(err, &my) {
		return err
	}
	switch my.Number {
	case readOnlyOption, readOnlyTransaction, readOnlyMode:
		c.readOnly = true
		return retry(err)
	}
	return err
}

// retry wraps err so that database/sql retries the statement, at most twice. It never retries within a transaction.
func retry(err error) error { return fmt.Errorf("%w: %w", driver.ErrBadConn, err) }

// lost reports whether the server ended the connection: after a crash, a shutdown, or KILL. KILL QUERY has another
// error, because the connection stays open: the statement must not be repeated then.
func lost(err error) bool {
	var my *mysql.MySQLError
	return errors.Is(err, mysql.ErrInvalidConn) || errors.As(err, &my) && my.Number == serverShutdown
}

// serverShutdown is ER_SERVER_SHUTDOWN. It is also the error of a statement whose connection is killed.
const serverShutdown = 1053

// reads reports whether a statement is a SELECT.
func reads(query string) bool {
	const word = "SELECT"
	query = strings.TrimLeft(query, "( ")
	return len(query) > len(word) && strings.EqualFold(query[:len(word)], word)
}

// IsValid is called when a connection is returned to the pool.
func (c *conn) IsValid() bool {
	c.idle = c.now()
	return !c.readOnly && c.driverConn.IsValid()
}

// ResetSession is called before a connection is reused. For an expired connection it returns ErrBadConn, so that
// database/sql uses a new one. The driver checks whether the server has closed the connection.
func (c *conn) ResetSession(ctx context.Context) error {
	if now := c.now(); now.Sub(c.idle) > maxIdle || now.Sub(c.opened) > maxLife {
		return driver.ErrBadConn
	}
	return c.driverConn.ResetSession(ctx)
}
