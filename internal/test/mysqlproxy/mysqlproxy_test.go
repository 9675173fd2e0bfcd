package mysqlproxy_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/mysqlproxy"
)

// pool opens a pool through the proxy. change may change the driver's settings.
func pool(t *testing.T, address string, change func(*mysql.Config)) *sql.DB {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	config := mysql.NewConfig()
	config.Net, config.Addr = "tcp", u.Host
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.DBName = strings.TrimPrefix(u.Path, "/")
	config.Logger = &mysql.NopLogger{}
	if change != nil {
		change(config)
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

func TestCommandsAreRecorded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		interpolate bool
		want        []string
	}{
		"interpolated parameters": {true, []string{"QUERY SELECT 41 + 1", "PING", "QUIT"}},
		"a prepared statement": {false,
			[]string{"STMT_PREPARE SELECT ? + 1", "STMT_EXECUTE", "STMT_CLOSE", "PING", "QUIT"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy, address := mysqlproxy.Through(t, dbtest.MySQL(t))
			db := pool(t, address, func(config *mysql.Config) { config.InterpolateParams = c.interpolate })
			var sum int
			if err := db.QueryRowContext(t.Context(), "SELECT ? + 1", 41).Scan(&sum); err != nil || sum != 42 {
				t.Fatalf("got %d, %v", sum, err)
			}
			if err := db.PingContext(t.Context()); err != nil {
				t.Fatal(err)
			}
			db.Close()
			// QUIT has no response.
			eventually(t, func() bool { return slices.Equal(proxy.Commands(), c.want) }, func() string {
				return fmt.Sprintf("commands %q, want %q", proxy.Commands(), c.want)
			})
			proxy.Reset()
			if got := proxy.Commands(); len(got) != 0 {
				t.Errorf("after Reset: %q", got)
			}
		})
	}
}

func TestManyConnectionsAtOnce(t *testing.T) {
	t.Parallel()
	proxy, address := mysqlproxy.Through(t, dbtest.MySQL(t))
	db := pool(t, address, func(c *mysql.Config) { c.InterpolateParams = true })
	var group sync.WaitGroup
	for n := range 20 {
		group.Go(func() {
			if _, err := db.ExecContext(t.Context(), "DO SLEEP(0.05), ?", n); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for n := range 20 {
		if want := fmt.Sprintf("QUERY DO SLEEP(0.05), %d", n); !slices.Contains(proxy.Commands(), want) {
			t.Errorf("no %q in %q", want, proxy.Commands())
		}
	}
}

// TestLongStatement: a statement with two packets is recorded as one command.
func TestLongStatement(t *testing.T) {
	t.Parallel()
	proxy, address := mysqlproxy.Through(t, dbtest.MySQL(t))
	db := pool(t, address, nil)
	const size = 1<<24 + 1000
	var length int
	err := db.QueryRowContext(t.Context(), "SELECT LENGTH('"+strings.Repeat("x", size)+"')").Scan(&length)
	if err != nil || length != size {
		t.Fatalf("got %d, %v", length, err)
	}
	if got := proxy.Commands(); len(got) != 1 || !strings.HasPrefix(got[0], "QUERY SELECT LENGTH") {
		t.Errorf("%d commands", len(got))
	}
}

func TestCutAndHeal(t *testing.T) {
	t.Parallel()
	proxy, address := mysqlproxy.Through(t, dbtest.MySQL(t))
	db := pool(t, address, nil)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	// A running statement must fail at once when the connection is cut.
	failed := make(chan error, 1)
	go func() {
		_, err := conn.ExecContext(context.WithoutCancel(t.Context()), "DO SLEEP(60)")
		failed <- err
	}()
	eventually(t, func() bool { return slices.Contains(proxy.Commands(), "QUERY DO SLEEP(60)") },
		func() string { return "the statement did not arrive" })
	proxy.Cut()
	select {
	case err := <-failed:
		if err == nil {
			t.Error("a statement succeeded over a cut connection")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("a statement did not notice the cut")
	}
	if err := db.PingContext(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("while cut: %v, want connection refused", err)
	}
	proxy.Cut() // has no effect

	proxy.Heal()
	proxy.Heal()
	if err := db.PingContext(t.Context()); err != nil {
		t.Errorf("after Heal: %v", err)
	}
}

// failures is a testing.TB that records errors.
type failures struct {
	testing.TB
	mu   sync.Mutex
	text string
}

func (f *failures) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.text += fmt.Sprintf(format, args...) + "\n"
}

func (f *failures) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.text
}

// TestLead: new connections go to the new server; open connections stay on the old one.
func TestLead(t *testing.T) {
	t.Parallel()
	first, second := mysqlproxy.Start(t, dbtest.Server(t)), mysqlproxy.Start(t, dbtest.Server(t))
	proxy, address := mysqlproxy.Through(t, dbtest.MySQL(t))
	proxy.Lead(first.Addr())
	db := pool(t, address, nil)
	for n, behind := range []*mysqlproxy.Proxy{first, first, second} {
		if n == 1 {
			proxy.Lead(second.Addr())
		}
		if n == 2 {
			db.SetMaxIdleConns(0) // closes the open connection
		}
		if _, err := db.ExecContext(t.Context(), fmt.Sprintf("DO %d", n)); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(behind.Commands(), fmt.Sprintf("QUERY DO %d", n)) {
			t.Errorf("statement %d went elsewhere: %q and %q", n, first.Commands(), second.Commands())
		}
	}
}

// TestUnreadableIsReported: a connection with an unreadable protocol fails the test.
func TestUnreadableIsReported(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*mysql.Config){
		"TLS":         func(c *mysql.Config) { c.TLSConfig = "skip-verify" },
		"compression": func(c *mysql.Config) { _ = c.Apply(mysql.EnableCompression(true)) },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			report := &failures{TB: t}
			_, address := mysqlproxy.Through(report, dbtest.MySQL(t))
			if err := pool(t, address, change).PingContext(t.Context()); err == nil {
				t.Error("the connection was accepted")
			}
			eventually(t, func() bool { return strings.Contains(report.String(), want) },
				func() string { return fmt.Sprintf("report %q, want %q", report, want) })
		})
	}
	t.Run("no server", func(t *testing.T) {
		t.Parallel()
		report := &failures{TB: t}
		proxy := mysqlproxy.Start(report, "127.0.0.1:1")
		if err := pool(t, "mysql://root@"+proxy.Addr()+"/x", nil).PingContext(t.Context()); err == nil {
			t.Error("a ping succeeded without a server")
		}
		eventually(t, func() bool { return strings.Contains(report.String(), "behind the proxy") },
			func() string { return fmt.Sprintf("report %q", report) })
	})
}

// eventually waits until done returns true.
func eventually(t *testing.T, done func() bool, message func() string) {
	t.Helper()
	for range 1000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error(message())
}
