package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"slipway/internal/database"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/mysqlproxy"
)

// TestKillStatement: a statement ends on the server with its context, unless the server cannot identify the session. In
// both cases the caller waits at most killTimeout.
func TestKillStatement(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 600) // more than a server stores
	for name, c := range map[string]struct {
		options    []string // of the server
		parameters string   // of the URL
		killed     bool
	}{
		"room for attributes":         {nil, "", true},
		"other attributes":            {nil, "?connectionAttributes=program:" + long, true},
		"without Performance Schema":  {[]string{"--performance-schema=OFF"}, "", false},
		"without room for attributes": {[]string{"--performance-schema-session-connect-attrs-size=0"}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := dbtest.Private(t, c.options...).Database("app")
			root := dbtest.Open(t, address)
			proxy, through := mysqlproxy.Through(t, asUser(t, address))
			db, _ := one(t, through+c.parameters, true)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			mine := sleeping(ctx, t, root, db)
			if got := proxy.Commands(); len(got) != 2 {
				t.Errorf("a connection and two statements sent %q, want no more than the statements", got)
			}
			proxy.Reset()
			begun := time.Now()
			cancel()
			if err := <-mine.ended; err != context.Canceled {
				t.Errorf("the statement ended with %v", err)
			}
			took := time.Since(begun)
			t.Logf("the caller waited for %v", took)
			if took > killTimeout+250*time.Millisecond {
				t.Errorf("the caller waited for %v", took)
			}
			if killed := mine.killed(t); killed != c.killed {
				t.Errorf("killed: %v, want %v", killed, c.killed)
			}
			kill := func(command string) bool { return strings.HasPrefix(command, "QUERY KILL ") }
			if got := proxy.Commands(); slices.ContainsFunc(got, kill) != c.killed {
				t.Errorf("the server got %q", got)
			}
		})
	}
}

// TestKillSparesOthers: a load balancer forwards the second connection to another server, where another session of the
// same user has the same number. That session is not killed.
func TestKillSparesOthers(t *testing.T) {
	t.Parallel()
	first, second := dbtest.Private(t), dbtest.Private(t)
	address, otherAddress := asUser(t, first.Database("app")), asUser(t, second.Database("app"))
	root, otherRoot := dbtest.Open(t, first.Database("root")), dbtest.Open(t, second.Database("root"))
	balancer, through := mysqlproxy.Through(t, address)

	// Connections to either server until they have one of the same number.
	db, _ := one(t, through, true)
	other, _ := one(t, otherAddress, true)
	for ours, theirs := number(t, db), number(t, other); ours != theirs; {
		if ours < theirs {
			db.Close()
			db, _ = one(t, through, true)
			ours = number(t, db)
		} else {
			other.Close()
			other, _ = one(t, otherAddress, true)
			theirs = number(t, other)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	mine := sleeping(ctx, t, root, db)
	victim := sleeping(t.Context(), t, otherRoot, other)

	u, err := url.Parse(otherAddress)
	if err != nil {
		t.Fatal(err)
	}
	balancer.Lead(u.Host)
	cancel()
	if err := <-mine.ended; err != context.Canceled {
		t.Errorf("the statement ended with %v", err)
	}
	if err := <-victim.ended; err != nil {
		t.Errorf("a statement of another session, on another server: %v", err)
	}
}

// TestKillSignsIn: the second connection uses the credentials of the options.
func TestKillSignsIn(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	name := dbtest.User(t, address, "secret")
	config, err := parse(address)
	if err != nil {
		t.Fatal(err)
	}
	config.User = ""
	c, err := newConnector(config, fixed(name, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	defer db.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	mine := sleeping(ctx, t, dbtest.Open(t, address), db)
	cancel()
	if err := <-mine.ended; err != context.Canceled || !mine.killed(t) {
		t.Errorf("%v, and the server runs it still: %v", err, mine.sleeps(t))
	}
}

// TestKillInAnotherSession: the number from the lookup of one session has no effect in another session.
func TestKillInAnotherSession(t *testing.T) {
	t.Parallel()
	db := dbtest.Open(t, dbtest.MySQL(t))
	_, err := db.ExecContext(t.Context(), "KILL @slipway_NAME")
	var my *mysql.MySQLError
	const noSuchThread = 1094 // ER_NO_SUCH_THREAD
	if !errors.As(err, &my) || my.Number != noSuchThread {
		t.Errorf("KILL of a variable that is not set: %v", err)
	}
}

// TestKillDialsTheSameAddress: the host name resolves to another server before the kill. The second connection uses the
// address of the first one.
func TestKillDialsTheSameAddress(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	here, through := mysqlproxy.Through(t, address)
	elsewhere, _ := mysqlproxy.Through(t, address)
	config, err := parse(through)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newConnector(config, database.Config{})
	if err != nil {
		t.Fatal(err)
	}
	made, err := c.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	config.Addr = elsewhere.Addr()
	killer, err := made.(*conn).session.killer(config, database.Config{})
	if err != nil {
		t.Fatal(err)
	}
	made.(*conn).killer = killer
	made.(*conn).kill(t.Context())
	if got := here.Commands(); !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "@slipway_") }) {
		t.Errorf("the server of the connection got %q", got)
	}
	if got := elsewhere.Commands(); len(got) > 0 {
		t.Errorf("another server got %q", got)
	}
}

// endedUnseen is a context that has ended, but whose AfterFunc functions have not been called yet.
type endedUnseen struct{ context.Context }

func (endedUnseen) Done() <-chan struct{}        { return make(chan struct{}) }
func (endedUnseen) Err() error                   { return context.Canceled }
func (endedUnseen) AfterFunc(func()) func() bool { return func() bool { return true } }

// counting counts the connections for KILL.
type counting struct {
	driver.Connector
	n *int
}

func (c counting) Connect(context.Context) (driver.Conn, error) {
	*c.n++
	return nil, driver.ErrBadConn
}

// TestKillWhoeverSeesTheEndFirst: KILL is sent, even if the driver detects the end of the context before AfterFunc is
// called.
func TestKillWhoeverSeesTheEndFirst(t *testing.T) {
	t.Parallel()
	for ctx, want := range map[context.Context]int{
		endedUnseen{context.Background()}: 1,
		t.Context():                       0,
		context.Background():              0,
	} {
		kills := 0
		c := &conn{session: new(session), killer: counting{n: &kills}}
		c.killAtEnd(ctx)()
		if kills != want {
			t.Errorf("%v: killed %d times, want %d", ctx, kills, want)
		}
	}
}
