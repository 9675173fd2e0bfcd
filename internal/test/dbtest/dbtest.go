// Package dbtest gives a test an empty database of its own, on SQLite and on a
// real MySQL, in the form DATABASE_URL takes. Databases are created for one
// test and dropped when it ends, so that every test may run in parallel with
// every other.
//
// It is for tests only and imports no other package of slipway, so that any of them can use it without an import
// cycle. Its subfolder blog does the same with tables for tests of the engine, migrated with the application's own.
package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// ServerVariable names the environment variable that says where the MySQL
// server for tests is: mysql://user:pass@host:port/.
const ServerVariable = "TEST_MYSQL_URL"

// prefix begins the name of every database this package creates, so that what a
// killed test left on a server is easy to recognise.
const prefix = "slipway_test_"

// adminTimeout bounds a statement of this package: a server that accepts
// connections and never answers should fail one test, not hang the run.
const adminTimeout = 30 * time.Second

// Each runs one case on each dialect, as the parallel subtests "sqlite" and
// "mysql", each with the URL of an empty database of its own.
func Each(t *testing.T, run func(t *testing.T, url string)) {
	t.Helper()
	Dialects(t, func(t *testing.T, dialect string) { run(t, New(t, dialect)) })
}

// Dialects runs one case as the parallel subtests "sqlite" and "mysql", for
// those that make their databases themselves or need several.
func Dialects(t *testing.T, run func(t *testing.T, dialect string)) {
	t.Helper()
	for _, dialect := range []string{"sqlite", "mysql"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			if dialect == "mysql" {
				skipShort(t)
			}
			run(t, dialect)
		})
	}
}

// New returns the URL of an empty database of the dialect, "sqlite" or "mysql".
func New(t testing.TB, dialect string) string {
	t.Helper()
	switch dialect {
	case "sqlite":
		return SQLite(t)
	case "mysql":
		return MySQL(t)
	}
	t.Fatalf("dbtest: no such dialect: %q", dialect)
	return ""
}

// SQLite returns the URL of a SQLite file that does not exist yet, in a folder
// that goes away with the test.
func SQLite(t testing.TB) string {
	t.Helper()
	// Not t.TempDir: its path carries the test's name, and a '%' or '#' in that
	// name would be read as part of the URL.
	dir, err := os.MkdirTemp("", "slipway-test-")
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("dbtest: %v", err)
		}
	})
	return "sqlite://" + filepath.ToSlash(filepath.Join(dir, "app.db"))
}

// MySQL creates an empty database on the server that TEST_MYSQL_URL names and
// returns its URL. Without a server the test fails; with -short it is skipped.
func MySQL(t testing.TB) string {
	t.Helper()
	skipShort(t)
	db, err := admin()
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	var random [8]byte
	rand.Read(random[:]) // never fails, says crypto/rand
	name := prefix + hex.EncodeToString(random[:])
	if err := exec(db, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("dbtest: create a database on the server of %s: %v", ServerVariable, err)
	}
	t.Cleanup(func() {
		if err := exec(db, "DROP DATABASE IF EXISTS "+name); err != nil {
			t.Errorf("dbtest: drop %s: %v", name, err)
		}
	})
	server := *serverURL()
	server.Path = "/" + name
	return server.String()
}

// Server returns the host:port of the MySQL server that TEST_MYSQL_URL names,
// to put a proxy in front of it. The test fails when there is none.
func Server(t testing.TB) string {
	t.Helper()
	skipShort(t)
	if _, err := admin(); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return address(serverURL())
}

// skipShort skips a test that needs MySQL in a quick run.
func skipShort(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs MySQL, which -short leaves out")
	}
}

// admin opens the pool for CREATE and DROP DATABASE, once for the process. It
// stays open until the process ends; it holds no connection while idle.
var admin = sync.OnceValues(func() (*sql.DB, error) {
	server := serverURL()
	if server == nil {
		return nil, fmt.Errorf("tests need a MySQL server: run `bash local/test.sh`, which starts one, "+
			"or set %s=mysql://user:pass@host:port/", ServerVariable)
	}
	config := mysql.NewConfig()
	config.Net, config.Addr = "tcp", address(server)
	config.User = server.User.Username()
	config.Passwd, _ = server.User.Password()
	config.TLSConfig = server.Query().Get("tls")
	config.Timeout = adminTimeout
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ServerVariable, err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(0)
	ctx, cancel := context.WithTimeout(context.Background(), adminTimeout)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("the server of %s does not answer: %w", ServerVariable, errors.Join(err, db.Close()))
	}
	return db, nil
})

// serverURL is what TEST_MYSQL_URL says, or nil when it says nothing usable.
func serverURL() *url.URL {
	server, err := url.Parse(strings.TrimSpace(os.Getenv(ServerVariable)))
	if err != nil || server.Scheme != "mysql" || server.Hostname() == "" {
		return nil
	}
	if server.User == nil {
		server.User = url.User("root")
	}
	return server
}

// address is the host:port of a MySQL URL, with the usual port when it has none.
func address(server *url.URL) string {
	port := server.Port()
	if port == "" {
		port = "3306"
	}
	return net.JoinHostPort(server.Hostname(), port)
}

func exec(db *sql.DB, statement string) error {
	// Not the test's context: that one is cancelled before cleanups run.
	ctx, cancel := context.WithTimeout(context.Background(), adminTimeout)
	defer cancel()
	_, err := db.ExecContext(ctx, statement)
	return err
}
