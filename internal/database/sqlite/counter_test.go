package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// counter counts the statements that connections prepare for the cache, and how many are open.
type counter struct {
	driver.Connector
	prepared, open atomic.Int32
}

type (
	countedConn struct {
		driverConn
		counter *counter
	}
	countedStmt struct {
		driverStmt
		counter *counter
	}
)

func (c *counter) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return countedConn{conn.(driverConn), c}, nil
}

func (c countedConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	stmt, err := c.driverConn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	c.counter.prepared.Add(1)
	c.counter.open.Add(1)
	return countedStmt{stmt.(driverStmt), c.counter}, nil
}

func (s countedStmt) Close() error {
	s.counter.open.Add(-1)
	return s.driverStmt.Close()
}

// expect checks the number of prepared and of open statements.
func (c *counter) expect(t *testing.T, prepared, open int32) {
	t.Helper()
	if p, o := c.prepared.Load(), c.open.Load(); p != prepared || o != open {
		t.Errorf("%d statements prepared and %d open, want %d and %d", p, o, prepared, open)
	}
}

// counted returns a pool with the given number of connections to a new file, with a table x whose column y has the
// values 1 to 3.
func counted(t *testing.T, connections int) (*sql.DB, *counter) {
	t.Helper()
	inner, err := connect(filepath.Join(t.TempDir(), "app.db"), busyTimeout, writeAheadLog)
	if err != nil {
		t.Fatal(err)
	}
	count := &counter{Connector: inner}
	db := sql.OpenDB(keeping{count})
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if open := count.open.Load(); open != 0 {
			t.Errorf("%d statements are open after the pool", open)
		}
	})
	exec(t, db, "CREATE TABLE x (y integer UNIQUE CHECK (y < 1000), at datetime)")
	exec(t, db, "/* not kept */ INSERT INTO x VALUES (1, '2026-01-02 03:04:05.123456+00:00'), (2, NULL), (3, NULL)")
	return db, count
}

type querier interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
}

func exec(t *testing.T, db querier, text string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// column returns the first column of all rows, and their error.
func column(ctx context.Context, db querier, text string, args ...any) (values []int, err error) {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v int
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, rows.Err()
}
