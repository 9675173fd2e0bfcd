package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog/project"
)

// TestServe: in an empty folder, or on an empty MySQL database on this machine, the command creates the tables and
// serves. The rows are still stored after a restart.
func TestServe(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{"sqlite", "mysql"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var env []string // the default is SQLite
			if dialect == "mysql" {
				env = []string{"DATABASE_URL=" + dbtest.MySQL(t)}
			}
			s := start(t, dir, env...)
			if _, err := os.Stat(filepath.Join(dir, "local/data/app.db")); (err == nil) != (dialect == "sqlite") {
				t.Errorf("local/data/app.db: %v", err)
			}
			s.must(http.StatusOK, "GET", "/readyz", "")
			if _, body := s.must(http.StatusOK, "GET", "/notes", ""); body != "[]" {
				t.Errorf("a new database has rows: %s", body)
			}
			if res, _ := s.must(http.StatusCreated, "POST", "/users",
				`{"username":"ada","email":"ada@example.com"}`); res.Header.Get("Location") != "/users/1" {
				t.Errorf("Location %q", res.Header.Get("Location"))
			}
			s.must(http.StatusConflict, "POST", "/users", `{"username":"ada","email":"a@example.com"}`)
			s.must(http.StatusCreated, "POST", "/posts", `{"title":"Grüße, <b>&</b> 😀","user_id":1}`)
			s.must(http.StatusUnprocessableEntity, "POST", "/posts", `{"title":"x","user_id":99}`)
			s.must(http.StatusCreated, "POST", "/notes", `{"title":"one"}`)
			s.must(http.StatusCreated, "POST", "/notes", `{"title":"two"}`)
			s.must(http.StatusOK, "PATCH", "/notes/2", `{"content":"changed"}`)
			s.must(http.StatusNoContent, "DELETE", "/notes/1", "")
			s.must(http.StatusNotFound, "GET", "/notes/1", "")
			s.must(http.StatusMethodNotAllowed, "PUT", "/notes", `{}`)
			before := s.everything()
			if code := s.terminate(); code != 0 {
				t.Errorf("exit code %d after SIGTERM:\n%s%s", code, &s.output, &s.log)
			}

			s = start(t, dir, env...)
			if after := s.everything(); after != before || !strings.Contains(after, "Grüße, <b>&</b> 😀") ||
				!strings.Contains(after, "changed") {
				t.Errorf("after a restart the rows are\n%s\nbefore they were\n%s", after, before)
			}
			if code := s.terminate(); code != 0 {
				t.Errorf("exit code %d after SIGTERM:\n%s%s", code, &s.output, &s.log)
			}
		})
	}
}

// everything returns the rows of all tables.
func (s *server) everything() string {
	s.t.Helper()
	var all strings.Builder
	for _, table := range []string{"users", "posts", "notes"} {
		_, body := s.must(http.StatusOK, "GET", "/"+table, "")
		fmt.Fprintln(&all, table, body)
	}
	return all.String()
}

// TestStopFinishesRequests: SIGTERM arrives while a request waits for a lock. The request finishes, and then the server
// ends.
func TestStopFinishesRequests(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	s := start(t, t.TempDir(), "DATABASE_URL="+address)
	s.must(http.StatusCreated, "POST", "/notes", `{"title":"old"}`)

	db := dbtest.Open(t, address)
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), "SELECT id FROM notes WHERE id = 1 FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	answered := make(chan string, 1)
	go func() {
		res, body, err := s.do("PATCH", "/notes/1", `{"title":"new"}`)
		if err != nil {
			answered <- err.Error()
			return
		}
		answered <- res.Status + " " + body
	}()
	waitFor(t, "the request to wait for the lock", func() bool {
		return len(dbtest.Processes(t, tx, func(p dbtest.Process) bool {
			return p.Here && strings.HasPrefix(p.Statement, "UPDATE")
		})) == 1
	})
	stopped := make(chan int, 1)
	go func() { stopped <- s.terminate() }()
	waitFor(t, "the server to stop listening", func() bool { return strings.Contains(s.output.String(), "stopping") })
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if got := <-answered; !strings.HasPrefix(got, "200 OK") || !strings.Contains(got, `"title":"new"`) {
		t.Errorf("the request in progress got %s", got)
	}
	if code := <-stopped; code != 0 {
		t.Errorf("exit code %d:\n%s%s", code, &s.output, &s.log)
	}
}

// TestTwoServersOnOneFile: SQLite allows one writer at a time, across processes. Both servers wait for the lock and see
// each other's rows.
func TestTwoServersOnOneFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	servers := []*server{start(t, dir), start(t, dir)}
	const workers, each = 8, 20
	var all sync.WaitGroup
	for i := range 2 * workers {
		writer, reader := servers[i%2], servers[1-i%2]
		all.Go(func() {
			for n := range each {
				res, body, err := writer.do("POST", "/notes", fmt.Sprintf(`{"title":"%d of %d"}`, n, i))
				if err != nil || res.StatusCode != http.StatusCreated {
					t.Errorf("create: %v %s", err, body)
					return
				}
				res, body, err = reader.do("GET", res.Header.Get("Location"), "")
				if err != nil || res.StatusCode != http.StatusOK {
					t.Errorf("the other server does not have the row: %v %s", err, body)
					return
				}
			}
		})
	}
	all.Wait()
	for _, s := range servers {
		res, _ := s.must(http.StatusOK, "GET", "/notes?page=1", "")
		if got, want := res.Header.Get("X-Total-Count"), fmt.Sprint(2*workers*each); got != want {
			t.Errorf("%s rows, want %s", got, want)
		}
		if code := s.terminate(); code != 0 {
			t.Errorf("exit code %d:\n%s", code, &s.log)
		}
	}
}

// TestLimits: the server counts the bytes of a body as it reads them, with and without Content-Length. The limit for
// headers is approximate, because net/http allows some kilobytes more.
func TestLimits(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped with -short: runs the emulator for seconds")
	}
	s := start(t, t.TempDir(), "MAX_BODY_BYTES=1000")
	note := func(size int) io.Reader {
		const empty = `{"title":"x","content":""}`
		return strings.NewReader(strings.Replace(empty, `""`, `"`+strings.Repeat("y", size-len(empty))+`"`, 1))
	}
	// The client does not know the length of this reader, so it sends chunks.
	chunked := func(r io.Reader) io.Reader { return io.MultiReader(r) }
	for _, c := range []struct {
		name   string
		body   io.Reader
		header string
		status int
	}{
		{"a body at the limit", note(1000), "", http.StatusCreated},
		{"a byte more", note(1001), "", http.StatusRequestEntityTooLarge},
		{"a body at the limit in chunks", chunked(note(1000)), "", http.StatusCreated},
		{"a byte more in chunks", chunked(note(1001)), "", http.StatusRequestEntityTooLarge},
		{"far more in chunks", chunked(note(5 << 20)), "", http.StatusRequestEntityTooLarge},
		{"headers of 9 KB", note(100), strings.Repeat("z", 9<<10), http.StatusCreated},
		{"headers of 20 KB", note(100), strings.Repeat("z", 20<<10), http.StatusRequestHeaderFieldsTooLarge},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.url+"/notes", c.body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Filler", c.header)
		res, err := s.client.Do(r)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(res.Body)
		res.Body.Close()
		if res.StatusCode != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, res.StatusCode, &body, c.status)
		}
	}
	s.must(http.StatusOK, "GET", "/healthz", "")
}

// waitFor waits until done returns true. what describes the event for the error.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for begun := time.Now(); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > commandTimeout {
			t.Fatalf("timeout: waited for %s", what)
		}
	}
}

// TestServeStartsMySQL: without DATABASE_URL, a project for MySQL only is served on the development MySQL.
func TestServeStartsMySQL(t *testing.T) {
	t.Parallel()
	dir := project.Copy(t, "schema.hcl", "migrations", "local/mysql.sh")
	if err := os.RemoveAll(filepath.Join(dir, "migrations/sqlite")); err != nil {
		t.Fatal(err)
	}
	saveFile(t, dir, "local/mysql.sh", "echo 'export DATABASE_URL="+dbtest.MySQL(t)+"'\n")
	s := start(t, dir)
	s.must(http.StatusOK, "GET", "/readyz", "")
	if !strings.Contains(s.output.String(), "database mysql://") {
		t.Error(&s.output)
	}
	saveFile(t, dir, "local/mysql.sh", "exit 1\n")
	if r := runLocal(t, dir, nil, "serve"); r.code != 1 || !strings.Contains(r.stderr, "set DATABASE_URL") {
		t.Errorf("%+v", r)
	}
}
