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
	// defaultWaitTimeout is how long an upgrade waits for another one on the same database.
	// It is longer than most migrations and shorter than the maximum duration of a Lambda.
	defaultWaitTimeout = 5 * time.Minute
	// lockPeriod is the longest wait for a lock before the deadline is checked again.
	lockPeriod = time.Second
	// recordTimeout limits the work after the caller's context has ended: recording what
	// ran, and releasing the lock.
	recordTimeout = 10 * time.Second
)

// session is the connection that holds the lock, runs the statements and records them. Its
// implementations contain the differences between the dialects.
type session interface {
	querier
	close() error
	// tables returns the query for the names of a few tables, without those that record
	// migrations.
	tables() string
	// lock waits for the migration lock of the database, and limits how long a statement
	// waits for other locks. unlock releases the lock and removes the limit.
	lock(ctx context.Context) error
	unlock(ctx context.Context) error
	// perFile reports whether begin and commit enclose a whole file. On MySQL, where an
	// ALTER commits by itself, they enclose each statement.
	perFile() bool
	// journaled reports whether each statement is written to the journal before it runs, with
	// the fingerprint of the schema.
	journaled() bool
	fingerprint(ctx context.Context) (fingerprint, error)
	begin(ctx context.Context) error
	commit(ctx context.Context) error
	rollback(ctx context.Context) error
}

// openSession takes one connection from the pool. It waits while another program has
// locked an SQLite file. The caller closes the session.
func (e *Engine) openSession(ctx context.Context) (session, error) {
	c := connection{prepared: map[string]*sql.Stmt{}, waitTimeout: e.waitTimeout, waiting: func() {
		e.notify(Progress{Stage: Waiting, Limit: e.waitTimeout})
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
	s, err := newMySQLSession(ctx, c, e.Disposable)
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return s, nil
}

// connection is the connection of a session.
type connection struct {
	plan.Conn
	// end closes the rows that queries left open.
	end func()
	// waitTimeout is how long the session waits for other sessions.
	waitTimeout time.Duration
	// waiting is called once, when the session starts to wait.
	waiting func()
	// prepared are the queries of a fingerprint. To parse one takes MySQL as long as to run it.
	prepared map[string]*sql.Stmt
}

func (c *connection) close() error {
	c.end()
	for _, query := range c.prepared {
		_ = query.Close() // its errors are those of the connection
	}
	return c.Conn.Close()
}

// fingerprint returns the fingerprint of a MySQL database.
func (c *connection) fingerprint(ctx context.Context) (fingerprint, error) {
	return readFingerprint(func(query string) (_ *sql.Rows, err error) {
		if c.prepared[query] == nil {
			if c.prepared[query], err = c.PrepareContext(ctx, query); err != nil {
				delete(c.prepared, query)
				return nil, err
			}
		}
		return c.prepared[query].QueryContext(ctx)
	})
}

func (c connection) exec(ctx context.Context, statement string) error {
	_, err := c.ExecContext(ctx, statement)
	return err
}

func (c connection) begin(ctx context.Context) error    { return c.exec(ctx, "BEGIN") }
func (c connection) commit(ctx context.Context) error   { return c.exec(ctx, "COMMIT") }
func (c connection) rollback(ctx context.Context) error { return c.exec(ctx, "ROLLBACK") }

// waitFor calls try until it gets a lock. It returns an error at the deadline of ctx and
// after waitTimeout. try itself waits for up to lockPeriod.
func (c connection) waitFor(ctx context.Context, try func(context.Context) (got bool, err error)) error {
	started := time.Now()
	for notified := false; ; {
		got, err := try(ctx)
		if err != nil || got {
			return err
		}
		if err := outOfTime(ctx); err != nil {
			return err
		}
		if time.Since(started) > c.waitTimeout {
			return fmt.Errorf("another program has locked this database for %v: wait until it has finished, then run this "+
				"command again", c.waitTimeout)
		}
		if !notified {
			c.waiting()
			notified = true
		}
	}
}

// execute runs a statement. An error starts with action.
func execute(ctx context.Context, conn querier, action, statement string, args ...any) error {
	if _, err := conn.ExecContext(ctx, statement, args...); err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	return nil
}

// eachRow runs a query and calls do for each of its rows.
func eachRow(ctx context.Context, conn querier, query string, do func(*sql.Rows) error) (err error) {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	return each(rows, do)
}

// each calls do for each row, and closes the rows.
func each(rows *sql.Rows, do func(*sql.Rows) error) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
