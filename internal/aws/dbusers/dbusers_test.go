package dbusers_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"slipway/internal/aws/dbusers"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/mysqlproxy"
)

// name returns a unique user name. The end of the test drops the user.
func name(t *testing.T, db *sql.DB) string {
	t.Helper()
	name := "slipway_t_" + strings.ToLower(rand.Text()[:12])
	t.Cleanup(func() {
		if _, err := db.ExecContext(context.WithoutCancel(t.Context()), "DROP USER IF EXISTS ?@'%'", name); err != nil {
			t.Error(err)
		}
	})
	return name
}

// as opens the database of a URL as another user, with or without TLS.
func as(t *testing.T, address, name, password, tls string) *sql.DB {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	config := mysql.NewConfig()
	config.Net, config.Addr, config.DBName = "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	config.User, config.Passwd, config.TLSConfig, config.InterpolateParams = name, password, tls, true
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// asking returns a letsIn for the server of a URL.
func asking(t *testing.T, address string) func(context.Context, string, string) (bool, error) {
	return func(ctx context.Context, name, password string) (bool, error) {
		err := as(t, address, name, password, "skip-verify").PingContext(ctx)
		if dbusers.Denied(err) {
			return false, nil
		}
		return err == nil, err
	}
}

// TestSecret: Ensure creates a user with a password, does nothing the second time, and handles two rotations.
func TestSecret(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	db := dbtest.Open(t, address)
	user := dbusers.User{Name: name(t, db), Privileges: dbusers.API}
	ensure := func(password, change string) {
		t.Helper()
		user.Password = password
		made, err := dbusers.Ensure(t.Context(), db, user, asking(t, address))
		if err != nil || made.Change != change || made.SignIn != "secret" {
			t.Fatalf("%+v, %v, want %s", made, err, change)
		}
	}
	signsIn := func(password string, want bool) {
		t.Helper()
		if in, err := asking(t, address)(t.Context(), user.Name, password); err != nil || in != want {
			t.Errorf("the password %q: let in %v, %v", password, in, err)
		}
	}
	ensure("first", "created")
	ensure("first", "none")
	ensure(`sec'on"d\`, "password")
	ensure(`sec'on"d\`, "none") // the previous password must stay valid
	signsIn("first", true)
	signsIn(`sec'on"d\`, true)
	ensure("third", "password")
	signsIn("first", false)
	signsIn(`sec'on"d\`, true)
	signsIn("third", true)
	if err := as(t, address, user.Name, "third", "false").PingContext(t.Context()); !dbusers.Denied(err) {
		t.Errorf("without TLS: %v", err)
	}
}

// TestPrivileges: each user has exactly its privileges, and no access to databases with similar names.
func TestPrivileges(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	db := dbtest.Open(t, address)
	database := address[strings.LastIndexByte(address, '/')+1:]
	alike := strings.Replace(database, "_", "x", 1) // _ is a wildcard in GRANT
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE `"+alike+"`"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE `"+alike+"`"); err != nil {
			t.Error(err)
		}
	})
	for _, statement := range []string{"CREATE TABLE a (id int PRIMARY KEY, n int)", "INSERT INTO a VALUES (1, 1)"} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	rows := []string{"SELECT n FROM a", "INSERT INTO a VALUES (2, 2)", "UPDATE a SET n = 3", "DELETE FROM a WHERE id = 2"}
	schema := []string{"CREATE TABLE b (id int PRIMARY KEY, a int)",
		"ALTER TABLE b ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES a (id)", "CREATE INDEX i ON b (id, a)",
		"RENAME TABLE b TO c", "TRUNCATE TABLE c", "DROP TABLE c", "DO GET_LOCK(CONCAT('t.', DATABASE()), 0), " +
			"RELEASE_LOCK(CONCAT('t.', DATABASE()))"}
	never := []string{"CREATE USER x@'%'", "GRANT SELECT ON a TO CURRENT_USER()", "SELECT * FROM mysql.user",
		"CREATE TABLE " + alike + ".a (id int)", "SET GLOBAL max_connections = 1",
		"CREATE DATABASE slipway_never", "CREATE VIEW v AS SELECT 1",
		"CREATE TRIGGER g BEFORE INSERT ON a FOR EACH ROW SET @x = 1", "CREATE PROCEDURE p() SELECT 1"}
	for _, c := range []struct {
		privileges, may, not []string
	}{
		{dbusers.API, rows, slices.Concat(schema[:6], never)},
		{dbusers.Migrate, slices.Concat(rows, schema), never},
	} {
		user := dbusers.User{Name: name(t, db), Privileges: c.privileges, Password: "p"}
		if _, err := dbusers.Ensure(t.Context(), db, user, asking(t, address)); err != nil {
			t.Fatal(err)
		}
		their := as(t, address, user.Name, "p", "skip-verify")
		for _, statement := range c.may {
			if _, err := their.ExecContext(t.Context(), statement); err != nil {
				t.Errorf("%v: %s: %v", c.privileges, statement, err)
			}
		}
		for _, statement := range c.not {
			refused, ok := errors.AsType[*mysql.MySQLError](exec(t, their, statement))
			if !ok || !slices.Contains([]uint16{1044, 1142, 1227, 1370, 1419}, refused.Number) {
				t.Errorf("%v may %s: %v", c.privileges, statement, refused)
			}
		}
	}
}

func exec(t *testing.T, db *sql.DB, statement string) error {
	_, err := db.ExecContext(t.Context(), statement)
	return err
}

// TestTokens: the test server does not have the plugin of RDS, so it returns an error. With another plugin in its
// place, it accepts every statement.
func TestTokens(t *testing.T) {
	t.Parallel()
	proxy, address := mysqlproxy.Through(t, dbtest.MySQL(t))
	db := dbtest.Open(t, address)
	user := dbusers.User{Name: name(t, db), Privileges: dbusers.Migrate}
	_, err := dbusers.Ensure(t.Context(), db, user, nil)
	if err == nil || !strings.Contains(err.Error(), "cannot create the user "+user.Name) ||
		!strings.Contains(err.Error(), "AWSAuthenticationPlugin") {
		t.Fatal(err)
	}
	create := "CREATE USER '" + user.Name + "'@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL"
	if got := proxy.Commands(); !slices.Contains(got, "QUERY "+create) {
		t.Errorf("it is not among %q: %s", got, create)
	}
	// A user with another plugin, who must sign in with tokens from now on.
	if err := exec(t, db,
		strings.Replace(create, "AWSAuthenticationPlugin AS 'RDS'", "caching_sha2_password BY 'x'", 1)); err != nil {
		t.Fatal(err)
	}
	proxy.Reset()
	if _, err = dbusers.Ensure(t.Context(), db, user, nil); err == nil {
		t.Error("the plugin was found")
	}
	if got := proxy.Commands(); len(got) < 2 ||
		!slices.Equal(got[len(got)-2:], []string{"QUERY DROP USER '" + user.Name + "'@'%'", "QUERY " + create}) {
		t.Errorf("%q", got)
	}
}

// TestPasswordsStayHidden: errors contain no password, even if the message of the server does.
func TestPasswordsStayHidden(t *testing.T) {
	t.Parallel()
	db := dbtest.Open(t, dbtest.MySQL(t))
	// too long: the message of the server contains it
	user := dbusers.User{Name: strings.Repeat("n", 40), Privileges: dbusers.API, Password: strings.Repeat("n", 40)}
	_, err := dbusers.Ensure(t.Context(), db, user, nil)
	if err == nil || !strings.Contains(err.Error(), "too long") ||
		strings.Contains(strings.TrimPrefix(err.Error(), "cannot create the user "+user.Name), user.Password) {
		t.Error(err)
	}
}

// TestJob: each event has a report, which contains the error.
func TestJob(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	db := dbtest.Open(t, address)
	users := []dbusers.User{{Name: name(t, db), Privileges: dbusers.API, Password: "a"},
		{Name: name(t, db), Privileges: dbusers.Migrate, Password: "b"}}
	job := dbusers.Job{
		Open:   func() (*sql.DB, error) { return dbtest.Open(t, address), nil },
		Users:  func(context.Context) ([]dbusers.User, error) { return users, nil },
		LetsIn: asking(t, address),
	}
	for _, change := range []string{"created", "none"} {
		r, err := job.Handle(t.Context(), json.RawMessage(`{"command":"apply"}`))
		if err != nil || len(r.Users) != 2 || r.Users[0].Change != change || r.Users[1].Change != change || r.Failed != nil {
			t.Errorf("%+v, %v", r, err)
		}
	}
	for event, want := range map[string]string{`{}`: "unknown", `{"command":"drop"}`: "unknown",
		`{"comand":"apply"}`: "invalid event", `[]`: "invalid event",
		`{"command":"apply"}{}`: "data after", ``: "invalid event"} {
		_, err := job.Handle(t.Context(), json.RawMessage(event))
		failed, ok := errors.AsType[*dbusers.JobError](err)
		if !ok || failed.Report.Failed == nil || !strings.Contains(failed.Report.Failed.Error, want) ||
			!json.Valid([]byte(err.Error())) {
			t.Errorf("%s: %v", event, err)
		}
	}
	job.Users = func(context.Context) ([]dbusers.User, error) { return nil, errors.New("no secret") }
	if _, err := job.Handle(t.Context(), json.RawMessage(`{"command":"apply"}`)); err == nil ||
		!strings.Contains(err.Error(), "no secret") {
		t.Error(err)
	}
}
