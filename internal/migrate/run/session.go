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
	// lockPatience is how long an upgrade waits for another one on the same
	// database. It is longer than most migrations and shorter than a Lambda's life.
	lockPatience = 5 * time.Minute
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
	// tables returns the names of a few tables, first those of the table of revisions
	// and of the journal if they exist.
	tables(ctx context.Context) ([]string, error)
	// lock waits until this session alone may migrate the database, calling
	// waiting once if it has to, and bounds how long a statement waits for others;
	// unlock lets go of both.
	lock(ctx context.Context, waiting func()) error
	unlock(ctx context.Context) error
	// createRevisionTable creates the table of revisions unless it is there.
	createRevisionTable(ctx context.Context) error
	// begin, commit and rollback stand around each file. On MySQL, where an ALTER
	// commits by itself, they stand around each statement instead: perFile says which.
	perFile() bool
	begin(ctx context.Context, waiting func()) error
	commit(ctx context.Context) error
	rollback(ctx context.Context) error
	// heldUp says that a statement failed because others held what it needs: after
	// a rollback it may be tried again.
	heldUp(err error) bool
	// missing says that a query failed because there is no such table or column.
	missing(err error) bool
	// bind turns values of a row into what the CLI's driver would store.
	bind(executedAt time.Time, partialHashes []string) (at, hashes any, err error)
}

// openSession takes one connection out of the pool. While another program holds the
// file of an SQLite database, it waits and calls waiting, if the pool says that it is
// busy. The caller closes the session.
func (e *Engine) openSession(ctx context.Context) (session, func() error, error) {
	var conn *sql.Conn
	err := patiently(ctx, e.patience(), e.waiting, func(ctx context.Context) (_ bool, err error) {
		conn, err = e.db.Conn(ctx)
		if busy(err) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("cannot connect to the database: %w", err)
	}
	kept, end := plan.NewConn(conn)
	c := connection{kept, e.patience()}
	closeSession := func() error {
		end()
		return conn.Close()
	}
	if e.Dialect.Name == plan.MySQL {
		return &mysqlSession{connection: c}, closeSession, nil
	}
	return &sqliteSession{connection: c}, closeSession, nil
}

// connection is the connection of a session.
type connection struct {
	plan.Conn
	waitTimeout time.Duration // how long the session waits for others
}

// patiently asks for something that another session may have, until it is there,
// the caller's time is up, or limit is over. Each try waits for a while by itself.
func patiently(
	ctx context.Context, limit time.Duration, waiting func(), try func(context.Context) (got bool, err error),
) error {
	started := time.Now()
	for told := false; ; {
		got, err := try(ctx)
		if err != nil || got {
			return err
		}
		if err := outOfTime(ctx); err != nil {
			return err
		}
		if time.Since(started) > limit {
			return fmt.Errorf("another program has held this database for %v: try again when it is done", limit)
		}
		if !told {
			waiting()
			told = true
		}
	}
}

// tableNames runs a query whose rows are names.
func tableNames(ctx context.Context, conn querier, query string) (names []string, err error) {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("list tables: %w", err)
		}
		names = append(names, name)
	}
	return names, rows.Err()
}
