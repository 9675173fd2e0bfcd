// Package dbtest creates an empty database for a test, on SQLite and on a real MySQL server, and returns its URL in the
// format of DATABASE_URL. The database is dropped at the end of the test, so all tests can run in parallel.
//
// It is for tests only. It may not import other packages of slipway, so that all of them can use it. Its subpackage
// blog creates databases with tables.
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

// ServerVariable is the environment variable with the MySQL server for tests: mysql://user:pass@host:port/.
const ServerVariable = "TEST_MYSQL_URL"

// prefix is the beginning of the names of all databases and users that this package creates, to recognize those of
// killed tests.
const prefix = "slipway_test_"

// adminTimeout is the limit for a statement of this package, so that a server that does not respond fails the test.
const adminTimeout = 30 * time.Second

// Each runs a test on each dialect, as the parallel subtests "sqlite" and "mysql", with the URL of a new empty
// database.
func Each(t *testing.T, run func(t *testing.T, url string)) {
	t.Helper()
	Dialects(t, func(t *testing.T, dialect string) { run(t, New(t, dialect)) })
}

// Dialects runs a test as the parallel subtests "sqlite" and "mysql", without a database.
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
	t.Fatalf("dbtest: unknown dialect %q", dialect)
	return ""
}

// SQLite returns the URL of an SQLite file that does not exist yet. The end of the test deletes its folder.
func SQLite(t testing.TB) string {
	t.Helper()
	// Not t.TempDir: its path contains the name of the test, and '%' and '#' have a meaning in a URL.
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

// MySQL creates an empty database on the server of TEST_MYSQL_URL and returns its URL. Without a server the test fails;
// with -short it is skipped.
func MySQL(t testing.TB) string {
	t.Helper()
	skipShort(t)
	db, err := admin()
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	var random [8]byte
	rand.Read(random[:]) // never returns an error
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

// Server returns the host:port of the MySQL server of TEST_MYSQL_URL, for a proxy. Without a server the test fails.
func Server(t testing.TB) string {
	t.Helper()
	skipShort(t)
	if _, err := admin(); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return address(serverURL())
}

// skipShort skips a test that needs MySQL with -short.
func skipShort(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped with -short: needs MySQL")
	}
}

// admin opens the pool for CREATE and DROP DATABASE, once per process. It keeps two idle connections: to connect takes
// as long as to create a database.
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
	ctx, cancel := context.WithTimeout(context.Background(), adminTimeout)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("the server of %s does not respond: %w", ServerVariable, errors.Join(err, db.Close()))
	}
	return db, nil
})

// serverURL returns the URL in TEST_MYSQL_URL, or nil if it is missing or invalid.
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

// address returns the host:port of a MySQL URL, with the default port if it has none.
func address(server *url.URL) string {
	port := server.Port()
	if port == "" {
		port = "3306"
	}
	return net.JoinHostPort(server.Hostname(), port)
}

func exec(db *sql.DB, statement string) error {
	// Not the context of the test, which is canceled before cleanups run.
	ctx, cancel := context.WithTimeout(context.Background(), adminTimeout)
	defer cancel()
	_, err := db.ExecContext(ctx, statement)
	return err
}
