package main

import (
	"context"
	"database/sql"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/mysqlproxy"
)

// password is a password that tests search for in the output.
const password = "hunter2-s3cret"

// unavailable sends a request that must return 503, with a problem that contains want, and Retry-After.
func (s *sandbox) unavailable(method, path, body, want string) {
	s.t.Helper()
	got := s.must(http.StatusServiceUnavailable, method, path, body)
	if seconds, err := strconv.Atoi(got.header.Get("Retry-After")); err != nil || seconds < 1 {
		s.t.Errorf("%s %s: Retry-After %q", method, path, got.header.Get("Retry-After"))
	}
	if ct := got.header.Get("Content-Type"); ct != "application/problem+json" || !strings.Contains(got.body, want) {
		s.t.Errorf("%s %s: %s %s, want a problem with %q", method, path, ct, got.body, want)
	}
	for _, secret := range []string{password, "127.0.0.1", "root", "Error 1"} {
		if strings.Contains(got.body, secret) {
			s.t.Errorf("%s %s: the response contains %q: %s", method, path, secret, got.body)
		}
	}
}

// TestDatabaseDownAtColdStart: if the database is down when a sandbox starts, requests fail until it is back. The
// sandbox must recover.
func TestDatabaseDownAtColdStart(t *testing.T) {
	t.Parallel()
	proxy, address := mysqlproxy.Through(t, blog.MySQL(t))
	proxy.Cut()
	s := start(t, address)
	for range 2 {
		s.unavailable("GET", "/notes", "", "The database is unavailable")
		s.unavailable("GET", "/notes/1", "", "The database is unavailable")
		s.unavailable("POST", "/notes", `{"title":"x"}`, "The database is unavailable")
		s.unavailable("PATCH", "/notes/1", `{"title":"x"}`, "The database is unavailable")
		s.unavailable("DELETE", "/notes/1", "", "The database is unavailable")
		s.unavailable("GET", "/readyz", "", "The database is unavailable")
		s.must(http.StatusOK, "GET", "/healthz", "")
		s.must(http.StatusUnprocessableEntity, "POST", "/notes", `{}`)
	}
	proxy.Heal()
	s.must(http.StatusCreated, "POST", "/notes", `{"title":"x"}`)
	s.must(http.StatusOK, "GET", "/notes/1", "")
	s.must(http.StatusOK, "GET", "/readyz", "")
}

// TestDatabaseGoesAway cuts the connection of a warm sandbox: for a moment, as in a failover, and for several requests.
func TestDatabaseGoesAway(t *testing.T) {
	t.Parallel()
	proxy, address := mysqlproxy.Through(t, blog.MySQL(t))
	s := start(t, address)
	s.must(http.StatusCreated, "POST", "/notes", `{"title":"before"}`)

	for _, r := range []struct{ method, body string }{{"GET", ""}, {"PATCH", `{"title":"after"}`}} {
		proxy.Cut()
		proxy.Heal()
		// A statement that may have reached the server is not retried, so at most one request fails.
		if got := s.do(request{method: r.method, path: "/notes/1", body: r.body}); got.status != http.StatusOK {
			s.must(http.StatusOK, r.method, "/notes/1", r.body)
			if got.status != http.StatusServiceUnavailable {
				t.Errorf("%s over a connection that broke: %d %s", r.method, got.status, got.body)
			}
		}
	}

	proxy.Cut()
	for range 3 {
		s.unavailable("GET", "/notes/1", "", "The database is unavailable")
		s.unavailable("POST", "/notes", `{"title":"lost"}`, "The database is unavailable")
	}
	s.must(http.StatusOK, "GET", "/healthz", "")
	proxy.Heal()
	if got := s.must(http.StatusOK, "GET", "/notes", ""); !strings.Contains(got.body, "after") ||
		strings.Contains(got.body, "lost") {
		t.Errorf("the rows are %s", got.body)
	}
}

// TestDatabaseGoesAwayDuringRequest cuts the connection while the server executes the statement.
func TestDatabaseGoesAwayDuringRequest(t *testing.T) {
	t.Parallel()
	direct := blog.MySQL(t)
	proxy, address := mysqlproxy.Through(t, direct)
	s := start(t, address)
	s.must(http.StatusCreated, "POST", "/notes", `{"title":"x"}`)

	db := dbtest.Open(t, direct)
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "LOCK TABLES notes WRITE"); err != nil {
		t.Fatal(err)
	}
	proxy.Reset()
	go func() {
		for t.Context().Err() == nil && len(proxy.Commands()) == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		proxy.Cut()
	}()
	s.unavailable("GET", "/notes/1", "", "The database is unavailable")
	if _, err := db.ExecContext(t.Context(), "UNLOCK TABLES"); err != nil {
		t.Fatal(err)
	}
	proxy.Heal()
	s.must(http.StatusOK, "GET", "/notes/1", "")
}

// TestDatabaseNotMigrated: without its migration, the code reports the missing migration. After the migration it works.
func TestDatabaseNotMigrated(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	s := start(t, address)
	s.unavailable("GET", "/notes", "", "apply all migrations")
	s.unavailable("POST", "/notes", `{"title":"x"}`, "apply all migrations")
	s.unavailable("GET", "/readyz", "", "no migration is applied")
	s.must(http.StatusOK, "GET", "/healthz", "")
	blog.Create(t, address)
	s.must(http.StatusOK, "GET", "/readyz", "")
	s.must(http.StatusOK, "GET", "/notes", "")
	s.must(http.StatusCreated, "POST", "/notes", `{"title":"x"}`)
}

// TestDatabaseRefuses: if the server rejects the credentials, the response says only that the database is unavailable.
// The log contains the cause, without the password.
func TestDatabaseRefuses(t *testing.T) {
	t.Parallel()
	address := blog.MySQL(t)
	for _, c := range []struct {
		name   string
		change func(*url.URL)
		log    string
	}{
		{"a wrong password", func(u *url.URL) { u.User = url.UserPassword("root", password) }, "Access denied"},
		{"a wrong user", func(u *url.URL) { u.User = url.UserPassword("nobody", password) }, "Access denied"},
		{"no such database", func(u *url.URL) { u.Path += "_not" }, "Unknown database"},
		{"no such host", func(u *url.URL) { u.Host = "no-such-host.invalid:3306" }, "no-such-host.invalid"},
		{"no server", func(u *url.URL) { u.Host = "127.0.0.1:1" }, "connection refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			c.change(u)
			s := start(t, u.String())
			s.unavailable("GET", "/notes", "", "The database is unavailable")
			s.unavailable("GET", "/readyz", "", "The database is unavailable")
			s.must(http.StatusOK, "GET", "/healthz", "")
			if logs := s.lines(3); strings.Count(logs, c.log) != 2 || strings.Contains(logs, password) {
				t.Errorf("the log does not say %q twice, or it holds the password:\n%s", c.log, logs)
			}
		})
	}
}

// TestDeadline: a request that waits for a lock returns 504 before the deadline, and its statement is not executed
// later.
func TestDeadline(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, lock         string
		method, path, body string
	}{
		{"an update of a locked row", "SELECT id FROM users WHERE id = 1 FOR UPDATE", "PATCH", "/users/1",
			`{"bio":"too late"}`},
		{"a delete of a locked row", "SELECT id FROM users WHERE id = 1 FOR UPDATE", "DELETE", "/users/1", ""},
		{"a create that waits for a unique value", "UPDATE users SET username = 'bob' WHERE id = 1",
			"POST", "/users", `{"username":"bob","email":"bob@example.com"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			address := blog.MySQL(t)
			s := start(t, address)
			s.must(http.StatusCreated, "POST", "/users", `{"username":"ada","email":"ada@example.com"}`)
			before := s.must(http.StatusOK, "GET", "/users", "").body

			db := dbtest.Open(t, address)
			defer db.Close()
			tx, err := db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.ExecContext(t.Context(), c.lock); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			got, err := s.try(ctx, request{method: c.method, path: c.path, body: c.body})
			if err != nil || got.status != http.StatusGatewayTimeout ||
				got.header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("%d %s, %v\n%s", got.status, got.body, err, s.Logs())
			}

			// A statement that still waits for the lock would get it now.
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
			settle(t, db)
			if after := s.must(http.StatusOK, "GET", "/users", "").body; after != before {
				t.Errorf("a change after the response 504: the rows are %s, and were %s", after, before)
			}
		})
	}
}

// settle waits until no other connection runs a statement on the database.
func settle(t *testing.T, db *sql.DB) {
	t.Helper()
	running := func(p dbtest.Process) bool { return p.Here && p.Command != "Sleep" }
	for begun := time.Now(); len(dbtest.Processes(t, db, running)) > 0; time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > 10*time.Second {
			t.Fatal("a statement still runs")
		}
	}
}

// TestSilentDatabase: if a server accepts the connection but does not respond, a request returns 503 after 10 seconds,
// not 504.
func TestSilentDatabase(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() // the operating system accepts connections
	s := start(t, "mysql://root:"+password+"@"+listener.Addr().String()+"/app")
	for _, path := range []string{"/notes", "/readyz"} {
		began := time.Now()
		s.unavailable("GET", path, "", "The database is unavailable")
		if took := time.Since(began); took > 13*time.Second {
			t.Errorf("%s took %v", path, took)
		}
	}
	want := "the MySQL server at " + listener.Addr().String() + " did not complete a connection within 10s"
	if logs := s.Logs(); !strings.Contains(logs, want) || strings.Contains(logs, password) {
		t.Errorf("want %q in the log, and no password:\n%s", want, logs)
	}
}
