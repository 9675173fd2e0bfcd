package dbtest_test

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	_ "modernc.org/sqlite"

	"slipway/internal/test/dbtest"
)

// open opens a URL with the defaults of the driver.
func open(t *testing.T, address string) *sql.DB {
	t.Helper()
	driver, dsn := "sqlite", strings.TrimPrefix(address, "sqlite://")
	if rest, ok := strings.CutPrefix(address, "mysql://"); ok {
		parsed, err := url.Parse("mysql://" + rest)
		if err != nil {
			t.Fatal(err)
		}
		config := mysql.NewConfig()
		config.Net, config.Addr = "tcp", parsed.Host
		config.User = parsed.User.Username()
		config.Passwd, _ = parsed.User.Password()
		config.DBName = strings.TrimPrefix(parsed.Path, "/")
		driver, dsn = "mysql", config.FormatDSN()
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestEachCreatesSeparateDatabases(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, address string) {
		other := dbtest.New(t, address[:strings.Index(address, ":")])
		if address == other {
			t.Fatalf("two databases with one URL: %s", address)
		}
		for _, database := range []string{address, other} {
			// The second CREATE TABLE would fail in a shared database.
			if _, err := open(t, database).ExecContext(t.Context(), "CREATE TABLE things (id integer)"); err != nil {
				t.Errorf("%s: %v", database, err)
			}
		}
	})
}

func TestCleanup(t *testing.T) {
	t.Parallel()
	var file, schema string
	t.Run("test", func(t *testing.T) {
		file = strings.TrimPrefix(dbtest.SQLite(t), "sqlite://")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		server := dbtest.MySQL(t)
		schema = server[strings.LastIndex(server, "/")+1:]
	})
	if _, err := os.Stat(filepath.Dir(file)); !os.IsNotExist(err) {
		t.Errorf("the SQLite folder is still there: %v", err)
	}
	var found int
	err := open(t, dbtest.MySQL(t)).QueryRowContext(t.Context(),
		"SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ?", schema).Scan(&found)
	if err != nil || found != 0 {
		t.Errorf("database %s: found %d, %v", schema, found, err)
	}
}

// TestNoServerIsAFailure runs one of the tests above in a process without a server. It must fail with advice, and not
// be skipped.
func TestNoServerIsAFailure(t *testing.T) {
	t.Parallel()
	for name, server := range map[string]string{
		"not set":     "",
		"not a mysql": "postgres://127.0.0.1:5432/",
		"no server":   "mysql://root@127.0.0.1:1/",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(context.Background(), os.Args[0], "-test.run=^TestEachCreates", "-test.v")
			command.Env = append(os.Environ(), dbtest.ServerVariable+"="+server)
			output, err := command.CombinedOutput()
			if err == nil {
				t.Fatalf("passed without a server:\n%s", output)
			}
			want := "bash local/test.sh"
			if name == "no server" {
				want = "does not respond"
			}
			if !strings.Contains(string(output), want) || !strings.Contains(string(output), dbtest.ServerVariable) {
				t.Errorf("want %q and %s in:\n%s", want, dbtest.ServerVariable, output)
			}
		})
	}
}
