package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"slipway/internal/database"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/mysqlproxy"
)

// one opens a pool of one connection with a test clock.
func one(t *testing.T, address string, writes bool) (db *sql.DB, clock *atomic.Int64) {
	t.Helper()
	config, err := parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newConnector(config, database.Config{})
	if err != nil {
		t.Fatal(err)
	}
	clock = new(atomic.Int64)
	c.writes, c.now = writes, func() time.Time { return time.Unix(clock.Load(), 0) }
	db = sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db, clock
}

// number returns the connection ID on the server.
func number(t *testing.T, db *sql.DB) (n int64) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestExpiredByWallClock: connections expire by wall clock time. In this test the monotonic clock does not advance.
func TestExpiredByWallClock(t *testing.T) {
	t.Parallel()
	db, clock := one(t, dbtest.MySQL(t), true)
	before := number(t, db)
	for _, c := range []struct {
		name  string
		after time.Duration
		same  bool
	}{
		{"at once", 0, true},
		{"idle for too long", maxIdle + time.Second, false},
		{"idle for less", maxIdle, true},
		{"in use, too old", maxLife - maxIdle + time.Second, false},
		{"a night later", 8 * time.Hour, false},
		{"the clock was set back", -time.Hour, true},
	} {
		clock.Add(int64(c.after / time.Second))
		now := number(t, db)
		if same := now == before; same != c.same {
			t.Errorf("%s: the same connection: %v, want %v", c.name, same, c.same)
		}
		before = now
	}
}

// TestReadOnlyServer: after the error of a read-only server, a statement is retried on a new connection. In a
// transaction it fails, and the connection is closed. A reader's pool does not retry.
func TestReadOnlyServer(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	db, _ := one(t, address, true)
	exec := func(ctx interface {
		ExecContext(context.Context, string, ...any) (sql.Result, error)
	}, statement string) error {
		_, err := ctx.ExecContext(t.Context(), statement)
		return err
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const demote, insert = "SET SESSION transaction_read_only = ON", "INSERT INTO x VALUES (1)"
	must(exec(db, "CREATE TABLE x (y int)"))

	must(exec(db, demote))
	old := number(t, db)
	must(exec(db, insert))
	if number(t, db) == old {
		t.Error("written on a connection that is read-only")
	}

	must(exec(db, demote))
	old = number(t, db)
	tx, err := db.BeginTx(t.Context(), nil)
	must(err)
	err = exec(tx, insert)
	if e, known := (Dialect{}).Classify(err); !known || e.Kind != database.Unavailable ||
		!strings.Contains(err.Error(), "1792") {
		t.Errorf("in a transaction: %v", err)
	}
	must(tx.Rollback())
	if number(t, db) == old {
		t.Error("the connection of that transaction is used again")
	}
	must(exec(db, insert))
	var rows int
	must(db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM x").Scan(&rows))
	if rows != 2 {
		t.Errorf("%d rows, want 2", rows)
	}

	reader, _ := one(t, address, false)
	must(exec(reader, demote))
	old = number(t, reader)
	if err := exec(reader, insert); err == nil || errors.Is(err, driver.ErrBadConn) || number(t, reader) != old {
		t.Errorf("a reader: %v", err)
	}
}

// TestLostUnderAStatement: the connection is cut during a statement. A read is retried within the request; a statement
// that may have changed something is not.
func TestLostUnderAStatement(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		statement string
		sent      int
	}{
		{"SELECT COUNT(*) FROM x", 2},
		{"INSERT INTO x VALUES (1)", 1},
	} {
		t.Run(c.statement, func(t *testing.T) {
			t.Parallel()
			address := dbtest.MySQL(t)
			admin := dbtest.Open(t, address)
			for _, statement := range []string{"CREATE TABLE x (y int)", "LOCK TABLES x WRITE"} {
				if _, err := admin.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			proxy, through := mysqlproxy.Through(t, address)
			db, _ := one(t, through, true)
			done := make(chan error, 1)
			go func() {
				var err error
				if strings.HasPrefix(c.statement, "SELECT") {
					err = db.QueryRowContext(t.Context(), c.statement).Scan(new(int))
				} else {
					_, err = db.ExecContext(t.Context(), c.statement)
				}
				done <- err
			}()
			sent := func() (n int) {
				for _, command := range proxy.Commands() {
					if command == "QUERY "+c.statement {
						n++
					}
				}
				return n
			}
			until(t, func() bool { return sent() == 1 })
			proxy.Disconnect()
			if c.sent == 2 {
				until(t, func() bool { return sent() == 2 })
			}
			if _, err := admin.ExecContext(t.Context(), "UNLOCK TABLES"); err != nil {
				t.Fatal(err)
			}
			if err := <-done; (err == nil) != (c.sent == 2) || sent() != c.sent {
				t.Errorf("%v, sent %d times, want %d", err, sent(), c.sent)
			}
		})
	}
}

// until waits for a condition.
func until(t *testing.T, holds func() bool) {
	t.Helper()
	for begun := time.Now(); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begun) > 20*time.Second {
			t.Fatal("timeout")
		}
	}
}

// TestNoConnection: any error of a new connection is Unavailable. A timeout of the connection is not the deadline of
// the request.
func TestNoConnection(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	rude, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer rude.Close()
	go func() {
		for {
			c, err := rude.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			c.Close()
		}
	}()
	for name, address := range map[string]string{
		"no server":                "mysql://root@127.0.0.1:1/app",
		"no response":              "mysql://root@" + silent.Addr().String() + "/app?timeout=100ms&readTimeout=100ms",
		"another protocol":         "mysql://root@" + rude.Addr().String() + "/app",
		"an untrusted certificate": dbtest.MySQL(t) + "?tls=true",
	} {
		db, err := database.Open(database.Config{URL: address}, Dialect{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		err = db.Error(t.Context(), db.Write.WithContext(t.Context()).Exec("SELECT 1").Error)
		var known *database.Error
		if !errors.As(err, &known) || known.Kind != database.Unavailable {
			t.Errorf("%s: %v, want %s", name, err, database.Unavailable)
		}
	}
}

// TestOutOfConnections: all errors of a server or RDS Proxy without free connections are Unavailable.
func TestOutOfConnections(t *testing.T) {
	t.Parallel()
	for _, number := range []uint16{1040, 1041, 1135, 1203, 1226, 9501} {
		if kinds[number] != database.Unavailable {
			t.Errorf("%d: %q", number, kinds[number])
		}
	}
}

// TestConnections: the size of a pool is that of the configuration, also for a reader.
func TestConnections(t *testing.T) {
	t.Parallel()
	const address, reader = "mysql://root@127.0.0.1:1/app", "mysql://root@127.0.0.1:2/app"
	for _, c := range []struct {
		connections, want int
	}{
		{0, 10},
		{1, 1},
	} {
		db, err := database.Open(database.Config{URL: address, ReaderURL: reader, Connections: c.connections}, Dialect{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for name, from := range map[string]*gorm.DB{"write": db.Write, "read": db.Read} {
			pool, err := from.DB()
			if err != nil {
				t.Fatal(err)
			}
			if got := pool.Stats().MaxOpenConnections; got != c.want {
				t.Errorf("%d: %s: %d connections, want %d", c.connections, name, got, c.want)
			}
		}
	}
}

// TestReads: only SELECT statements may be retried.
func TestReads(t *testing.T) {
	t.Parallel()
	all := []string{"SELECT 1", "select 1", "(SELECT 1) UNION ALL (SELECT 2)"}
	for _, query := range append(all, "INSERT INTO x SELECT 1", "SELECT", "", "DELETE FROM x", "CALL select_1()") {
		if got := reads(query); got != slices.Contains(all, query) {
			t.Errorf("%q: %v", query, got)
		}
	}
}
