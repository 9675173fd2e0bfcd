package dbtest

import (
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// Open opens the database of a URL that this package gave, with one connection
// and foreign keys, as a migration is run. It is closed when the test ends. For
// SQLite the test imports a driver named "sqlite".
func Open(t testing.TB, address string) *sql.DB {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal("dbtest: not a URL") // the error would hold the password
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
	} else if db, err = sql.Open("sqlite", "file:"+u.Path+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"); err != nil {
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

// Running reports whether a session of the MySQL server of db runs this statement. It asks SHOW PROCESSLIST, since
// information_schema.processlist fails while another session runs a statement with characters beyond utf8mb3.
func Running(t testing.TB, db *sql.DB, session int64, statement string) bool {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SHOW FULL PROCESSLIST")
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	defer rows.Close()
	found := false
	for rows.Next() {
		var id int64
		var text sql.NullString
		if err := rows.Scan(&id, new(any), new(any), new(any), new(any), new(any), new(any), &text); err != nil {
			t.Fatalf("dbtest: %v", err)
		}
		found = found || id == session && text.String == statement
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return found
}
