package dbtest

import (
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// Open opens a database of this package with one connection and foreign keys. The end of the test closes it. For
// SQLite, the test must import a driver named "sqlite".
func Open(t testing.TB, address string) *sql.DB {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal("dbtest: not a URL") // the error may contain the password
	}
	var db *sql.DB
	if u.Scheme == "mysql" {
		config := mysql.NewConfig()
		config.Net, config.Addr, config.DBName = "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
		config.User = u.User.Username()
		config.Passwd, _ = u.User.Password()
		config.ParseTime, config.InterpolateParams = true, true
		config.Logger = &mysql.NopLogger{}
		connector, err := mysql.NewConnector(config)
		if err != nil {
			t.Fatalf("dbtest: %v", err)
		}
		db = sql.OpenDB(connector)
	} else if db, err = sql.Open(
		"sqlite",
		"file:"+u.Path+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("dbtest: %v", err)
		}
	})
	return db
}
