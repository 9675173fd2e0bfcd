package mysql

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
)

const (
	// connectTimeout is the limit for a new connection: dial, TLS, fetching the password, and sign-in.
	connectTimeout = 10 * time.Second
	// silencePause is the time after a connectTimeout during which new connections fail at once. database/sql creates
	// connections for waiting requests sequentially, so the last request would wait for many timeouts.
	silencePause = time.Second
	// readTimeout and writeTimeout are the limits for one read and one write on an established connection, for a server
	// that disappears without closing the connection. They do not apply to migrations. The URL can override them.
	readTimeout  = 30 * time.Second
	writeTimeout = 10 * time.Second
)

func setTimeouts(config *mysql.Config) {
	config.ReadTimeout = cmp.Or(config.ReadTimeout, readTimeout)
	config.WriteTimeout = cmp.Or(config.WriteTimeout, writeTimeout)
}

// errConnectTimeout is the cause of a context after connectTimeout.
var errConnectTimeout = errors.New("connect timeout")

// bounded creates connections within connectTimeout. Its errors name the server. They are never driver.ErrBadConn,
// after which database/sql would retry twice.
type bounded struct {
	driver.Connector
	address string        // a host:port, or the path of a socket
	gaveUp  *atomic.Int64 // time of the pool's last connectTimeout, in Unix nanoseconds
}

// Connect also returns an error if the server accepts the connection, but does not respond, or closes the connection.
func (b bounded) Connect(ctx context.Context) (driver.Conn, error) {
	if time.Since(time.Unix(0, b.gaveUp.Load())).Abs() < silencePause {
		return nil, b.timeout()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, connectTimeout, errConnectTimeout)
	defer cancel()
	conn, err := b.Connector.Connect(ctx)
	switch {
	case err == nil:
		return conn, nil
	case errors.Is(context.Cause(ctx), errConnectTimeout) && !errors.As(err, new(*connectError)):
		b.gaveUp.Store(time.Now().UnixNano())
		return nil, b.timeout()
	case errors.Is(err, mysql.ErrInvalidConn):
		return nil, fmt.Errorf("the MySQL server at %s closed a new connection: %w", b.address, err)
	}
	return nil, err
}

func (b bounded) timeout() error {
	return fmt.Errorf("the MySQL server at %s did not complete a connection within %v", b.address, connectTimeout)
}

// reading is a connection for [database.ReadOnly].
type reading struct {
	driverConn
	config *mysql.Config
}

// QueryContext adds the name of the server and the possible causes to the error of a broken connection: the driver's
// error does not distinguish a closed connection from a read timeout.
func (r reading) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := r.driverConn.QueryContext(ctx, query, args)
	if errors.Is(err, mysql.ErrInvalidConn) {
		err = fmt.Errorf("the MySQL server at %s closed the connection, or sent nothing for %v: %w",
			r.config.Addr, r.config.ReadTimeout, err)
	}
	return rows, err
}

// readingConnector creates connections of type reading.
type readingConnector struct {
	driver.Connector
	config *mysql.Config
}

func (c readingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if full, ok := conn.(driverConn); ok && err == nil {
		return reading{full, c.config}, nil
	}
	return conn, err
}
