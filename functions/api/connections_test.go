package main

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/mysqlproxy"
)

// migratedOn returns a migrated database on a private server: its URL for the user api, and a pool of root, who can use
// the server's reserved connection.
func migratedOn(t *testing.T, server *dbtest.PrivateServer) (address string, root *sql.DB) {
	t.Helper()
	u, err := url.Parse(server.Database("app"))
	if err != nil {
		t.Fatal(err)
	}
	blog.Create(t, u.String())
	root = dbtest.Open(t, u.String())
	root.SetMaxIdleConns(0)
	run(t, root, "CREATE USER api", "GRANT SELECT, INSERT, UPDATE, DELETE ON app.* TO api")
	u.User = url.User("api")
	return u.String(), root
}

// run runs statements.
func run(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// titles returns the titles of all notes.
func titles(t *testing.T, db *sql.DB) map[string]bool {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT title FROM notes")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all, n := map[string]bool{}, 0
	for ; rows.Next(); n++ {
		var title string
		if err := rows.Scan(&title); err != nil {
			t.Fatal(err)
		}
		all[title] = true
	}
	if err := rows.Err(); err != nil || len(all) != n {
		t.Fatalf("%d rows with %d titles, %v", n, len(all), err)
	}
	return all
}

// disconnect kills all connections of a user on the server, and returns their number.
func disconnect(t *testing.T, root *sql.DB, user string) (killed int) {
	t.Helper()
	sessions := dbtest.Processes(t, root, func(p dbtest.Process) bool { return p.User == user })
	for _, p := range sessions {
		_, err := root.ExecContext(t.Context(), fmt.Sprintf("KILL %d", p.ID))
		var gone *mysql.MySQLError
		if err != nil && !(errors.As(err, &gone) && gone.Number == 1094) { // it has ended since the query
			t.Fatal(err)
		}
	}
	return len(sessions)
}

// create creates a note. Every status but 201 and 503 with a Retry-After fails the test.
func (s *sandbox) create(title string) (created bool) {
	s.t.Helper()
	got, err := s.try(s.t.Context(), request{method: "POST", path: "/notes", body: `{"title":"` + title + `"}`})
	if err != nil {
		s.t.Errorf("%s: %v\n%s", title, err, s.Logs())
		return false
	}
	seconds, _ := strconv.Atoi(got.header.Get("Retry-After"))
	if got.status != http.StatusCreated && (got.status != http.StatusServiceUnavailable || seconds < 1) {
		s.t.Errorf("%s: %d, Retry-After %q: %s", title, got.status, got.header.Get("Retry-After"), got.body)
	}
	return got.status == http.StatusCreated
}

// TestMoreSandboxesThanConnections: without a free connection, a request returns 503 with Retry-After. When connections
// are free again, all requests succeed.
func TestMoreSandboxesThanConnections(t *testing.T) {
	t.Parallel()
	const connections, sandboxes, each = 60, 100, 10
	address, root := migratedOn(t, dbtest.Private(t, fmt.Sprintf("--max-connections=%d", connections)))
	all := make([]*sandbox, sandboxes)
	for i := range all {
		all[i] = start(t, address)
	}
	var (
		load    sync.WaitGroup
		mu      sync.Mutex
		created = map[string]bool{}
		starved []*sandbox
	)
	begun := time.Now()
	for i, s := range all {
		load.Go(func() {
			served := false
			for n := range each {
				title := fmt.Sprintf("%d of %d", n, i)
				if s.create(title) {
					served = true
					mu.Lock()
					created[title] = true
					mu.Unlock()
				}
			}
			if !served {
				mu.Lock()
				starved = append(starved, s)
				mu.Unlock()
			}
		})
	}
	load.Wait()
	t.Logf("%d sandboxes, %d connections, %d creates in %v: %d answered 201, %d answered 503 (%.0f %%); %d sandboxes "+
		"found no connection at all",
		sandboxes, connections, sandboxes*each, time.Since(begun).Round(100*time.Millisecond), len(created),
		sandboxes*each-len(created),
		100*float64(sandboxes*each-len(created))/(sandboxes*each), len(starved))
	root.SetMaxIdleConns(1) // keeps the reserved connection
	rows := titles(t, root)
	if len(rows) != len(created) {
		t.Errorf("%d rows for %d responses with 201", len(rows), len(created))
	}
	if len(created) < each*connections*9/10 || len(starved) == 0 {
		t.Errorf("%d created, %d sandboxes without a connection: that is no shortage of %d", len(created), len(starved),
			connections)
	}

	if n := disconnect(t, root, "api"); n != connections {
		t.Errorf("%d connections of sandboxes, want %d", n, connections)
	}
	for connected := 0; connected != 1; { // this connection
		if err := root.QueryRowContext(t.Context(), "SHOW STATUS LIKE 'Threads_connected'").
			Scan(new(string), &connected); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range starved {
		s.must(http.StatusCreated, "POST", "/notes", `{"title":"at last"}`)
	}
}

// attempt is one create under load.
type attempt struct {
	title      string
	begun, end time.Time
	created    bool
}

// TestDatabaseRestart: requests fail only while the database is down, and once per sandbox because of its broken
// connection. Every row with a 201 response exists. A row with a 503 response may exist, too, because the response of
// the server may be lost: Idempotency-Key solves that.
func TestDatabaseRestart(t *testing.T) {
	t.Parallel()
	const sandboxes, before, after = 20, 20, 20
	server := dbtest.Private(t)
	address, root := migratedOn(t, server)
	all := make([]*sandbox, sandboxes)
	for i := range all {
		all[i] = start(t, address)
	}
	for name, end := range map[string]func(*dbtest.PrivateServer){"crash": (*dbtest.PrivateServer).Kill,
		"shutdown": (*dbtest.PrivateServer).Stop} {
		t.Run(name, func(t *testing.T) {
			run(t, root, "DELETE FROM notes")
			var load, warm sync.WaitGroup
			attempts := make([][]attempt, sandboxes)
			back := make(chan struct{}) // closed when the server is
			warm.Add(sandboxes)
			for i, s := range all {
				load.Go(func() {
					for n, left := 0, after; left > 0; n++ {
						a := attempt{title: fmt.Sprintf("%d of %d", n, i), begun: time.Now()}
						a.created = s.create(a.title)
						a.end = time.Now()
						attempts[i] = append(attempts[i], a)
						if n == before {
							warm.Done()
						}
						pause := 10 * time.Millisecond // leaves CPU time for the server
						if !a.created {
							pause = 100 * time.Millisecond
						}
						select {
						case <-back:
							left--
						case <-time.After(pause):
						}
					}
				})
			}
			warm.Wait()
			down := time.Now()
			end(server)
			ended := time.Now()
			server.Restart()
			up := time.Now()
			close(back)
			load.Wait()

			rows := titles(t, root)
			var created, refused, lost, late, sent int
			for i, all := range attempts {
				failed := 0
				for n, a := range all {
					sent++
					switch {
					case a.created:
						if created++; !rows[a.title] {
							t.Errorf("%s: the response was 201, but the row is missing", a.title)
						}
						continue
					case rows[a.title]:
						if lost++; a.begun.After(ended) || a.end.Before(down) {
							t.Errorf("%s: the row exists, the response was 503, and the server was not stopping", a.title)
						}
					}
					refused++
					if a.end.Before(down) {
						t.Errorf("%s failed before the server was down", a.title)
					}
					if a.begun.After(up) {
						failed++
					}
					if n == len(all)-1 {
						t.Errorf("sandbox %d does not recover", i)
					}
				}
				if late += failed; failed > 1 {
					t.Errorf("sandbox %d failed %d times after the server was back", i, failed)
				}
			}
			if len(rows) != created+lost {
				t.Errorf("%d rows, %d responses with 201 and %d with 503 whose row exists", len(rows), created, lost)
			}
			if refused == 0 {
				t.Error("nothing failed while the server was down: there was no load")
			}
			t.Logf("down for %v under %d sandboxes: of %d creates %d answered 201 and %d answered 503, %d of these after it "+
				"was back; %d rows are there whose response was lost",
				up.Sub(down).Round(10*time.Millisecond), sandboxes, sent, created, refused, late, lost)
		})
	}
}

// TestConnectionKilled: if the server ends a connection, idle or in use, no read fails, and at most one change fails.
func TestConnectionKilled(t *testing.T) {
	t.Parallel()
	address := blog.MySQL(t)
	name := dbtest.User(t, address, password)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(name, password)
	root := dbtest.Open(t, address)
	s := start(t, u.String())
	s.must(http.StatusCreated, "POST", "/notes", `{"title":"one"}`)
	for n := range 20 {
		if disconnect(t, root, name) == 0 {
			t.Fatal("no connection to kill: the sandbox has none")
		}
		s.must(http.StatusOK, "GET", "/notes/1", "")
		disconnect(t, root, name)
		patch := request{method: "PATCH", path: "/notes/1", body: fmt.Sprintf(`{"title":"%d"}`, n)}
		if got := s.do(patch); got.status != http.StatusOK {
			if got.status != http.StatusServiceUnavailable {
				t.Errorf("PATCH after a KILL: %d %s", got.status, got.body)
			}
			s.must(http.StatusOK, patch.method, patch.path, patch.body)
		}
	}

	for _, c := range []struct {
		r      request
		lock   string // makes the statement wait: for a PATCH, the statement that changes
		status int
	}{
		{request{method: "GET", path: "/notes/1"}, "WRITE", http.StatusOK},
		{request{method: "PATCH", path: "/notes/1", body: `{"title":"lost"}`}, "READ", http.StatusServiceUnavailable},
	} {
		run(t, root, "LOCK TABLES notes "+c.lock)
		done := make(chan response, 1)
		go func() {
			got, err := s.try(t.Context(), c.r)
			if err != nil {
				t.Error(err)
			}
			done <- got
		}()
		waiting := func(p dbtest.Process) bool { return p.User == name && strings.HasPrefix(p.State, "Waiting for table") }
		for len(dbtest.Processes(t, root, waiting)) == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		disconnect(t, root, name)
		run(t, root, "UNLOCK TABLES")
		if got := <-done; got.status != c.status {
			t.Errorf("%s whose connection is killed: %d %s, want %d\n%s", c.r.method, got.status, got.body, c.status, s.Logs())
		}
	}
	if got := s.must(http.StatusOK, "GET", "/notes/1", ""); strings.Contains(got.body, "lost") {
		t.Errorf("the response was 503, but the change is stored: %s", got.body)
	}
}

// TestFailover: the writer becomes read-only, and later its name leads to another server. Until then, changes return
// 503, and reads succeed. After that, changes use the new writer, although the connection to the old one is still open.
func TestFailover(t *testing.T) {
	t.Parallel()
	first, second := dbtest.Private(t), dbtest.Private(t)
	address, old := migratedOn(t, first)
	newAddress, promoted := migratedOn(t, second)
	proxy, through := mysqlproxy.Through(t, address)
	u, err := url.Parse(newAddress)
	if err != nil {
		t.Fatal(err)
	}
	newWriter, oldWriter := u.Host, strings.TrimSuffix(strings.TrimPrefix(first.URL(), "mysql://root@"), "/")
	for _, db := range []*sql.DB{old, promoted} {
		run(t, db, "INSERT INTO notes (title, content, created_at, updated_at) VALUES ('one', '', NOW(6), NOW(6))")
	}
	s := start(t, through)
	for _, c := range []struct {
		name   string
		r      request
		status int
		errors int // maximum: statements in a transaction are not retried
	}{
		{"create", request{"POST", "/notes", "", `{"title":"two"}`}, http.StatusCreated, 0},
		{"change", request{"PATCH", "/notes/1", "", `{"title":"uno"}`}, http.StatusOK, 0},
		{"change many, in a transaction", request{"PATCH", "/notes", "id=1&max_affected=1", `{"title":"eins"}`},
			http.StatusOK, 1},
		{"delete", request{"DELETE", "/notes/1", "", ""}, http.StatusNoContent, 0},
	} {
		proxy.Lead(oldWriter)
		proxy.Cut()
		proxy.Heal()
		s.must(http.StatusOK, "GET", "/notes/1", "")
		run(t, old, "SET GLOBAL super_read_only = ON")
		for range 2 {
			if got := s.do(c.r); got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
				t.Errorf("%s, on a server that is read-only: %d %s", c.name, got.status, got.body)
			}
			s.must(http.StatusOK, "GET", "/notes/1", "")
		}
		if !strings.Contains(s.Logs(), "Error 1290") {
			t.Errorf("%s: the log does not say why:\n%s", c.name, s.Logs())
		}

		proxy.Lead(newWriter)
		errors := 0
		for got := s.do(c.r); got.status != c.status; got = s.do(c.r) {
			if errors++; errors > c.errors || got.status != http.StatusServiceUnavailable {
				t.Fatalf("%s, after the failover: error %d: %d %s", c.name, errors, got.status, got.body)
			}
		}
		run(t, old, "SET GLOBAL super_read_only = OFF", "SET GLOBAL read_only = OFF")
	}
	if rows := titles(t, promoted); len(rows) != 1 || !rows["two"] {
		t.Errorf("the new writer has %v", rows)
	}
	if rows := titles(t, old); len(rows) != 1 || !rows["one"] {
		t.Errorf("the old writer has %v", rows)
	}
}

// TestFrozen: the server ends the connection of a frozen sandbox. The next request detects it and succeeds.
func TestFrozen(t *testing.T) {
	t.Parallel()
	proxy, address := mysqlproxy.Through(t, blog.MySQL(t))
	s := start(t, address)
	s.must(http.StatusCreated, "POST", "/notes", `{"title":"one"}`)
	for _, r := range []struct {
		status       int
		method, path string
		body         string
	}{
		{http.StatusOK, "GET", "/notes/1", ""},
		{http.StatusCreated, "POST", "/notes", `{"title":"two"}`},
		{http.StatusOK, "PATCH", "/notes/1", `{"title":"uno"}`},
	} {
		s.Freeze()
		proxy.Cut()
		proxy.Heal()
		s.Thaw()
		s.must(r.status, r.method, r.path, r.body)
	}
}
