package lint

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"slipway/internal/dbtest"
	"slipway/internal/migration/ddl"
)

// TestMethodsOnMySQL runs every kind of action on the real server, asking for one
// method after the other from the gentlest on, and compares the first one that it
// takes, and whether it builds the table anew, with what lint says. The server
// refuses the others with errors 1845 and 1846.
func TestMethodsOnMySQL(t *testing.T) {
	t.Parallel()
	for name, tables := range actionsOnMySQL {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := connect(t)
			for _, action := range tables.actions {
				want, says := lintMethod(t, tables, "ALTER TABLE t "+action)
				got := server.method(t, tables, action)
				if want != got {
					t.Errorf("%s: lint says %s (%s), the server does %s", action, names[want], says, names[got])
				}
			}
		})
	}
}

// names has the methods in words.
var names = map[method]string{instant: "INSTANT", inPlace: "INPLACE", inPlaceNew: "INPLACE with a rebuild", inPlaceLock: "INPLACE with LOCK=SHARED", copied: "COPY"}

// lintMethod is what lint says of a statement.
func lintMethod(t *testing.T, tables tablesOnMySQL, statement string) (method, string) {
	t.Helper()
	p := &pass{dialect: ddl.MySQL, file: File{Statements: []Statement{{Text: statement}}}}
	p.walk(state(t, ddl.MySQL, tables.before))
	s := p.steps[0]
	s.unchecked = tables.unchecked
	if !p.complete {
		t.Errorf("%s: the model does not understand it: %v", statement, s.err)
		return copied, ""
	}
	a, ok := alterOf(s)
	if !ok {
		return instant, "nothing" // a new name is no change of the table
	}
	return a.method()
}

// server is a connection to a database of the test's own.
type server struct {
	db   *sql.DB
	name string
}

func connect(t *testing.T) server {
	t.Helper()
	u, err := url.Parse(dbtest.MySQL(t))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	config := driver.NewConfig()
	config.User, config.Passwd, config.Net, config.Addr = u.User.Username(), password, "tcp", u.Host
	config.DBName, config.MultiStatements = strings.TrimPrefix(u.Path, "/"), true
	connector, err := driver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return server{db, config.DBName}
}

// method is the gentlest method that the server takes for an action.
func (s server) method(t *testing.T, tables tablesOnMySQL, action string) method {
	t.Helper()
	s.exec(t, "SET foreign_key_checks = 0; DROP TABLE IF EXISTS t, p, t9; SET foreign_key_checks = 1")
	s.exec(t, tables.before)
	if tables.unchecked {
		s.exec(t, "SET foreign_key_checks = 0")
	}
	before := s.id(t)
	// A refusal changes nothing, so the table serves for all of them.
	for _, clause := range []string{"ALGORITHM=INSTANT", "ALGORITHM=INPLACE, LOCK=NONE", "ALGORITHM=INPLACE, LOCK=SHARED", "ALGORITHM=COPY"} {
		_, err := s.db.ExecContext(t.Context(), "ALTER TABLE t "+action+", "+clause)
		var refused *driver.MySQLError
		switch {
		case err == nil && clause == "ALGORITHM=INSTANT":
			return instant
		case err == nil && strings.HasSuffix(clause, "SHARED"):
			return inPlaceLock
		case err == nil && clause == "ALGORITHM=COPY":
			return copied
		case err == nil && s.id(t) != before:
			return inPlaceNew
		case err == nil:
			return inPlace
		case errors.As(err, &refused) && (refused.Number == 1845 || refused.Number == 1846):
		default:
			t.Errorf("%s, %s: %v", action, clause, err)
			return copied
		}
	}
	t.Errorf("%s: the server has no way at all", action)
	return copied
}

// id is the server's number of the table t, which changes when it is built anew.
func (s server) id(t *testing.T) (id int64) {
	t.Helper()
	err := s.db.QueryRowContext(t.Context(), "SELECT TABLE_ID FROM information_schema.INNODB_TABLES WHERE NAME IN (?, ?) OR NAME LIKE ? LIMIT 1",
		s.name+"/t", s.name+"/t9", s.name+"/t#p%").Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (s server) exec(t *testing.T, statements string) {
	t.Helper()
	if _, err := s.db.ExecContext(context.WithoutCancel(t.Context()), statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}
