package mysql

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"testing"
	"time"

	"slipway/internal/test/dbtest"
)

// asUser returns the URL of the same database for a user with the privilege SELECT only.
func asUser(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	root := dbtest.Open(t, address)
	for _, statement := range []string{"CREATE USER reader", "GRANT SELECT ON `" + u.Path[1:] + "`.* TO reader"} {
		if _, err := root.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	u.User = url.User("reader")
	return u.String()
}

// sleeper is a session that runs SELECT SLEEP(5).
type sleeper struct {
	root  *sql.DB // sees all sessions of its server
	id    int64
	ended chan error // nil if it was not killed
}

// sleeping starts SELECT SLEEP(5) on a connection of db and waits until the server runs it.
func sleeping(ctx context.Context, t *testing.T, root, db *sql.DB) sleeper {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := sleeper{root: root, ended: make(chan error, 1)}
	if err := conn.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&s.id); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer conn.Close()
		var interrupted bool
		err := conn.QueryRowContext(ctx, "SELECT SLEEP(5)").Scan(&interrupted)
		if err == nil && interrupted {
			err = errors.New("interrupted")
		}
		s.ended <- err
	}()
	for begun := time.Now(); !s.sleeps(t); time.Sleep(time.Millisecond) {
		if time.Since(begun) > 4*time.Second {
			t.Fatal("it does not sleep")
		}
	}
	return s
}

// sleeps reports whether the server still runs the statement.
func (s sleeper) sleeps(t *testing.T) bool {
	t.Helper()
	return len(dbtest.Processes(t, s.root, func(p dbtest.Process) bool {
		return p.ID == s.id && p.Statement == "SELECT SLEEP(5)"
	})) > 0
}

// killed reports whether the statement ends soon.
func (s sleeper) killed(t *testing.T) bool {
	t.Helper()
	for range 20 {
		if !s.sleeps(t) {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}
