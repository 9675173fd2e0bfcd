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
	// connectTimeout bounds one new connection: dial, TLS, fetching the password and
	// sign-in.
	connectTimeout = 10 * time.Second
	// silencePause is how long no connection is tried after that. database/sql makes
	// connections for waiting requests one after the other: the last of them would wait
	// for as many connectTimeouts.
	silencePause = time.Second
	// readTimeout and writeTimeout bound one read from and one write to an established
	// connection, except that of a migration, for a server that went away without a
	// word. The URL may say otherwise.
	readTimeout  = 30 * time.Second
	writeTimeout = 10 * time.Second
)

func setTimeouts(config *mysql.Config) {
	config.ReadTimeout = cmp.Or(config.ReadTimeout, readTimeout)
	config.WriteTimeout = cmp.Or(config.WriteTimeout, writeTimeout)
}

// errConnectTimeout is the cause of a context whose connectTimeout is over.
var errConnectTimeout = errors.New("connect timeout")

// bounded makes connections within connectTimeout. Its errors name the server. None
// of them is a driver.ErrBadConn, for which database/sql would try twice more.
type bounded struct {
	driver.Connector
	address string        // a host:port, or the path of a socket
	gaveUp  *atomic.Int64 // when connectTimeout was over last for the pool, in Unix nanoseconds
}

// Connect returns an error for a server that accepts the connection and does not
// sign the program in, be it that it says nothing or that it hangs up.
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

// QueryContext names the server where the connection breaks: the driver's own error
// does not say whether the server closed it or sent nothing for its read timeout.
func (r reading) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := r.driverConn.QueryContext(ctx, query, args)
	if errors.Is(err, mysql.ErrInvalidConn) {
		err = fmt.Errorf("the MySQL server at %s closed the connection, or sent nothing for %v: %w",
			r.config.Addr, r.config.ReadTimeout, err)
	}
	return rows, err
}

// readingConnector makes connections of the type reading.
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
