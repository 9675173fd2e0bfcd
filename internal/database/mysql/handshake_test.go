package mysql

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"slipway/internal/database"
	"slipway/internal/test/dbtest"
)

// listen accepts connections and passes each to serve. It returns the address and the number of connections.
func listen(t *testing.T, network, address string, serve func(net.Conn)) (string, *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	var accepted atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			accepted.Add(1)
			go serve(conn)
		}
	}()
	return listener.Addr().String(), &accepted
}

// silent reads from a connection and never responds.
func silent(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// TestSilentServer: if a server accepts the connection but does not respond, there is one timeout after connectTimeout,
// not one for each retry of database/sql. The error names the server.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped with -short: waits for a timeout")
	}
	socket := filepath.Join(t.TempDir(), "mysql.sock")
	var all sync.WaitGroup // subtests would wait for a processor
	modes := map[string]database.Mode{"serve": database.Serve, "migrate": database.Migrate, "read": database.ReadOnly}
	for name, mode := range modes {
		all.Go(func() {
			address, accepted := listen(t, "tcp", "127.0.0.1:0", silent)
			givenUp(t, mode, "mysql://u:"+password+"@"+address+"/app", address, accepted)
		})
		all.Go(func() {
			address, accepted := listen(t, "unix", socket+name, silent)
			givenUp(t, mode, "mysql+unix://u:"+password+"@"+address+"?database=app", address, accepted)
		})
	}
	// One that greets and then says nothing, to a client that speaks TLS and to one that
	// does not.
	greeting := greetingOf(t, dbtest.Server(t))
	for _, tls := range []string{"false", "skip-verify"} {
		all.Go(func() {
			address, accepted := listen(t, "tcp", "127.0.0.1:0", func(conn net.Conn) {
				_, _ = conn.Write(greeting)
				silent(conn)
			})
			givenUp(t, database.Migrate, "mysql://u:"+password+"@"+address+"/app?tls="+tls, address, accepted)
		})
	}
	all.Wait()
}

// greetingOf returns the greeting packet of a server.
func greetingOf(t *testing.T, address string) []byte {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	packet := make([]byte, 1<<10)
	n, err := conn.Read(packet)
	if err != nil {
		t.Fatal(err)
	}
	return packet[:n]
}

func givenUp(t *testing.T, mode database.Mode, url, address string, accepted *atomic.Int32) {
	db, err := database.Open(database.Config{URL: url, Mode: mode}, Dialect{})
	if err != nil {
		t.Error(err)
		return
	}
	defer db.Close()
	began := time.Now()
	_, err = db.SQL().QueryContext(t.Context(), "SELECT 1")
	took := time.Since(began)
	want := "the MySQL server at " + address + " did not complete a connection within 10s"
	inTime := took >= connectTimeout && took < connectTimeout+2*time.Second
	if err == nil || err.Error() != want || !inTime || accepted.Load() != 1 {
		t.Errorf("after %v and %d connections: %v\nwant %s", took, accepted.Load(), err, want)
	}
	known, ok := errors.AsType[*database.Error](db.Error(t.Context(), err))
	if mode == database.Serve && (!ok || known.Kind != database.Unavailable) {
		t.Errorf("%v, want the kind %s", err, database.Unavailable)
	}
}

// TestSilentServerQueue: after a timeout, requests that wait for a connection of a full pool fail at once, not after
// one timeout each.
func TestSilentServerQueue(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped with -short: waits for a timeout")
	}
	address, _ := listen(t, "tcp", "127.0.0.1:0", silent)
	db, err := database.Open(database.Config{URL: "mysql://u@" + address + "/app", Connections: 2}, Dialect{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 28*time.Second)
	defer cancel()
	began := time.Now()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			err := db.Error(ctx, db.SQL().PingContext(ctx))
			known, ok := errors.AsType[*database.Error](err)
			if !ok || known.Kind != database.Unavailable || time.Since(began) > connectTimeout+2*time.Second {
				t.Errorf("after %v: %v", time.Since(began), err)
			}
		})
	}
	all.Wait()
}

// TestReadTimeout: a read-only connection has a read timeout; a connection for migrations has none, because a statement
// may take long.
func TestReadTimeout(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[database.Mode]string{
		database.Migrate:  "",
		database.ReadOnly: "the MySQL server at " + u.Host + " closed the connection, or sent nothing for 1s",
	} {
		db, err := database.Open(database.Config{URL: address + "?readTimeout=1s", Mode: mode}, Dialect{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var slept int
		err = db.SQL().QueryRowContext(t.Context(), "SELECT SLEEP(2)").Scan(&slept)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("mode %d: %v, want %q", mode, err, want)
		}
	}
}

// TestServerHangsUp: the error names a server that accepts the connection and closes it.
func TestServerHangsUp(t *testing.T) {
	t.Parallel()
	address, accepted := listen(t, "tcp", "127.0.0.1:0", func(c net.Conn) { c.Close() })
	db, err := database.Open(
		database.Config{URL: "mysql://u:" + password + "@" + address + "/app", Mode: database.Migrate}, Dialect{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.SQL().QueryContext(t.Context(), "SELECT 1")
	if err == nil || !strings.Contains(err.Error(), address+" closed a new connection") || accepted.Load() != 1 {
		t.Errorf("after %d connections: %v", accepted.Load(), err)
	}
}
