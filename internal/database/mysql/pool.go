package mysql

import (
	"cmp"
	"database/sql"
	"fmt"
	"sync/atomic"

	"slipway/internal/database"
)

// connections is the default size of a pool, for a server with concurrent requests.
const connections = 10

func openPool(options database.Config, writes bool) (*sql.DB, error) {
	config, err := configure(options)
	if err != nil {
		return nil, err
	}
	// These timeouts are longer than the deadline of a request.
	setTimeouts(config)
	c, err := newConnector(config, options)
	if err != nil {
		return nil, fmt.Errorf("is rejected by the MySQL driver: %w", err)
	}
	c.writes = writes
	pool := sql.OpenDB(c)
	// Keep idle connections: a new one needs several round trips and TLS.
	size := cmp.Or(options.Connections, connections)
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	// conn checks the same limits with wall clock time. The pool closes connections that are not used again.
	pool.SetConnMaxIdleTime(maxIdle)
	pool.SetConnMaxLifetime(maxLife)
	return pool, nil
}

// openOne returns a pool with one connection. For migrations it has no read timeout, because an ALTER of a large table
// may take long.
func openOne(options database.Config) (*sql.DB, error) {
	config, err := configure(options)
	if err != nil {
		return nil, err
	}
	reading := options.Mode == database.ReadOnly
	if reading {
		setTimeouts(config)
	} else {
		config.ReadTimeout, config.WriteTimeout = 0, 0
	}
	c, err := signingIn(config, options)
	if err != nil {
		return nil, fmt.Errorf("is rejected by the MySQL driver: %w", err)
	}
	c = bounded{c, config.Addr, new(atomic.Int64)}
	if reading {
		c = readingConnector{c, config}
	}
	pool := sql.OpenDB(c)
	pool.SetMaxOpenConns(1)
	return pool, nil
}
