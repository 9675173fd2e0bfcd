package run

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"slipway/internal/migrate/plan"
)

const (
	// defaultWaitTimeout is how long an upgrade waits for another one on the same
	// database. It is longer than most migrations and shorter than a Lambda's life.
	defaultWaitTimeout = 5 * time.Minute
	// lockPeriod is how often it looks whether its own time has run out.
	lockPeriod = time.Second
	// recordTimeout bounds what has to be done although the caller's context is
	// over: recording what ran, letting go of the lock.
	recordTimeout = 10 * time.Second
)

// session is the one connection that holds the lock, runs the statements and
// records them. What an upgrade has to do differently on each dialect is here.
type session interface {
	querier
	close() error
	// tables is the query for the names of a few tables, first those of the table of
	// revisions and of the journal if they exist.
	tables() string
	// lock waits until this session alone may migrate the database, and bounds how long a
	// statement waits for others; unlock lets go of both.
	lock(ctx context.Context) error
	unlock(ctx context.Context) error
	// begin, commit and rollback stand around each file. On MySQL, where an ALTER
	// commits by itself, they stand around each statement instead: perFile says which.
	perFile() bool
	begin(ctx context.Context) error
	commit(ctx context.Context) error
	rollback(ctx context.Context) error
}

// openSession takes one connection out of the pool. While another program holds the
// file of an SQLite database, it waits, if the pool says that it is busy. The caller closes
// the session.
func (e *Engine) openSession(ctx context.Context) (session, error) {
	c := connection{waitTimeout: e.waitTimeout, waiting: func() {
		e.tell(Progress{Stage: Waiting, Limit: e.waitTimeout})
	}}
	err := c.waitFor(ctx, func(ctx context.Context) (bool, error) {
		conn, err := e.db.Conn(ctx)
		if busy(err) {
			return false, nil
		}
		if err == nil {
			c.Conn, c.end = plan.NewConn(conn)
		}
		return err == nil, err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot connect to the database: %w", err)
	}
	if e.Dialect.Name == plan.SQLite {
		return &sqliteSession{connection: c}, nil
	}
	s, err := newMySQLSession(ctx, c)
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return s, nil
}

// connection is the connection of a session.
type connection struct {
	plan.Conn
	// end lets go of what the queries left open.
	end func()
	// waitTimeout is how long the session waits for others; waiting is called once if it has to.
	waitTimeout time.Duration
	waiting     func()
}

func (c connection) close() error {
	c.end()
	return c.Conn.Close()
}

func (c connection) exec(ctx context.Context, statement string) error {
	_, err := c.ExecContext(ctx, statement)
	return err
}

func (c connection) begin(ctx context.Context) error    { return c.exec(ctx, "BEGIN") }
func (c connection) commit(ctx context.Context) error   { return c.exec(ctx, "COMMIT") }
func (c connection) rollback(ctx context.Context) error { return c.exec(ctx, "ROLLBACK") }

// waitFor asks for something that another session may have, until it is there, the
// caller's time is up, or waitTimeout is over. Each try waits for a while by itself.
func (c connection) waitFor(ctx context.Context, try func(context.Context) (got bool, err error)) error {
	started := time.Now()
	for told := false; ; {
		got, err := try(ctx)
		if err != nil || got {
			return err
		}
		if err := outOfTime(ctx); err != nil {
			return err
		}
		if time.Since(started) > c.waitTimeout {
			return fmt.Errorf("another program has locked this database for %v: run this again when it is done", c.waitTimeout)
		}
		if !told {
			c.waiting()
			told = true
		}
	}
}

// execute runs a statement; doing is what an error says of it.
func execute(ctx context.Context, conn querier, doing, statement string, args ...any) error {
	if _, err := conn.ExecContext(ctx, statement, args...); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// eachRow runs a query and calls do for each of its rows.
func eachRow(ctx context.Context, conn querier, query string, do func(*sql.Rows) error) (err error) {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
