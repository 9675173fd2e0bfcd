package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/database"
	"slipway/internal/dbtest"
	"slipway/internal/wire"
)

// TestKillReachesTheSameServer: the name in the URL leads to another server by the
// time that a statement has to be ended. KILL goes to the one that runs it: on the
// other the number is that of somebody else's connection.
func TestKillReachesTheSameServer(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	connect := func() (*wire.Proxy, connector) {
		proxy, through := wire.Through(t, address)
		config, err := parse(through)
		if err != nil {
			t.Fatal(err)
		}
		c, err := newConnector(config, database.Config{})
		if err != nil {
			t.Fatal(err)
		}
		return proxy, c
	}
	here, before := connect()
	elsewhere, after := connect()
	db := sql.OpenDB(connector{Connector: before.Connector, plain: after.plain, now: byCalendar})
	defer db.Close()

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go func() {
		for ctx.Err() == nil && !slices.Contains(here.Commands(), "QUERY SELECT SLEEP(50)") {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if _, err := db.ExecContext(ctx, "SELECT SLEEP(50)"); err != context.Canceled {
		t.Errorf("the statement ended with %v", err)
	}
	if got := here.Commands(); !slices.ContainsFunc(got, func(c string) bool { return strings.HasPrefix(c, "QUERY KILL ") }) {
		t.Errorf("the server that runs the statement got %q, and no KILL", got)
	}
	if got := elsewhere.Commands(); len(got) > 0 {
		t.Errorf("another server got %q", got)
	}
}

// endedUnseen is a context that has ended and has not told anybody so far: whoever
// asks it sees the end, and AfterFunc has not been heard.
type endedUnseen struct{ context.Context }

func (endedUnseen) Done() <-chan struct{}        { return make(chan struct{}) }
func (endedUnseen) Err() error                   { return context.Canceled }
func (endedUnseen) AfterFunc(func()) func() bool { return func() bool { return true } }

// counting counts the connections that KILL would be sent on.
type counting struct {
	driver.Connector
	n *int
}

func (c counting) Connect(context.Context) (driver.Conn, error) {
	*c.n++
	return nil, driver.ErrBadConn
}

// TestKillWhoeverSeesTheEndFirst: a context tells its end to one after the other,
// and the driver may return before KILL was begun.
func TestKillWhoeverSeesTheEndFirst(t *testing.T) {
	t.Parallel()
	for ctx, want := range map[context.Context]int{
		endedUnseen{context.Background()}: 1,
		t.Context():                       0,
		context.Background():              0,
	} {
		kills := 0
		c := &conn{who: new(who), plain: counting{n: &kills}}
		c.who.id.Store(1)
		c.killAtEnd(ctx)()
		if kills != want {
			t.Errorf("%v: killed %d times, want %d", ctx, kills, want)
		}
	}
}

func TestConnectionID(t *testing.T) {
	t.Parallel()
	greeting := "\x4a\x00\x00\x00\x0a9.7.4\x00\x0d\x0c\x0b\x0asalt"
	for i := range len(greeting) {
		id, more := connectionID([]byte(greeting[:i]))
		if whole := i >= 15; more == whole || whole && id != 0x0a0b0c0d || !whole && id != 0 {
			t.Errorf("after %d bytes: %#x, more %v", i, id, more)
		}
	}
	for name, packet := range map[string]string{
		"an error":         "\x17\x00\x00\x00\xff\x10\x04Too many connections",
		"another protocol": "\x17\x00\x00\x00\x09abc\x00\x01\x02\x03\x04",
		"no end":           "\x17\x00\x00\x00\x0a" + strings.Repeat("x", 300),
	} {
		if id, more := connectionID([]byte(packet)); id != 0 || more {
			t.Errorf("%s: %#x, more %v", name, id, more)
		}
	}
}

// FuzzConnectionID: whatever a server sends first, reading on ends.
func FuzzConnectionID(f *testing.F) {
	f.Add([]byte("\x4a\x00\x00\x00\x0a9.7.4\x00\x0d\x0c\x0b\x0asalt"))
	f.Fuzz(func(t *testing.T, packet []byte) {
		if id, more := connectionID(packet); more && (id != 0 || len(packet) > 300) {
			t.Errorf("%d, more", id)
		}
	})
}
