package mysql

import (
	"cmp"
	"database/sql"
	"fmt"
	"sync/atomic"

	"slipway/internal/database"
)

// connections is how many a pool has by default: for a server that serves many
// requests at once.
const connections = 10

func openPool(options database.Config, writes bool) (*sql.DB, error) {
	config, err := configure(options)
	if err != nil {
		return nil, err
	}
	// The deadline of a request ends a statement before this does.
	setTimeouts(config)
	c, err := newConnector(config, options)
	if err != nil {
		return nil, fmt.Errorf("is refused by the MySQL driver: %w", err)
	}
	c.writes = writes
	pool := sql.OpenDB(c)
	// What is idle stays open for a while: opening one costs several round trips and TLS.
	most := cmp.Or(options.Connections, connections)
	pool.SetMaxOpenConns(most)
	pool.SetMaxIdleConns(most)
	// The connections see to this themselves, by the calendar; the pool closes what
	// nobody asks for any more.
	pool.SetConnMaxIdleTime(maxIdle)
	pool.SetConnMaxLifetime(maxLife)
	return pool, nil
}

// openOne returns one connection. To migrate, it has no read timeout: an ALTER of a
// large table takes as long as it takes.
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
		return nil, fmt.Errorf("is refused by the MySQL driver: %w", err)
	}
	c = bounded{c, config.Addr, new(atomic.Int64)}
	if reading {
		c = readingConnector{c, config}
	}
	pool := sql.OpenDB(c)
	pool.SetMaxOpenConns(1)
	return pool, nil
}
