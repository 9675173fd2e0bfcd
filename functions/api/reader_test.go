package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"slipway/internal/database"
	"slipway/internal/database/mysql"
	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/mysqlproxy"
)

// TestReader: with a reader, only GET and HEAD use it. The two databases contain different rows to distinguish them.
func TestReader(t *testing.T) {
	t.Parallel()
	written, url := mysqlproxy.Through(t, blog.MySQL(t))
	read, readerURL := mysqlproxy.Through(t, blog.MySQL(t))
	reader, err := database.Open(database.Config{URL: readerURL}, mysql.Dialect{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	now := database.Now()
	if err := reader.Write.Exec("INSERT INTO notes (title, content, created_at, updated_at) VALUES ('of the reader', "+
		"'', ?, ?)", now, now).Error; err != nil {
		t.Fatal(err)
	}
	s := start(t, url, "DATABASE_READER_URL="+readerURL)
	s.must(http.StatusOK, "GET", "/readyz", "")

	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/notes", `{"title":"one"}`, http.StatusCreated, `"title":"one"`},
		{"PATCH", "/notes/1", `{"title":"uno"}`, http.StatusOK, `"title":"uno"`},
		{"PUT", "/notes/1", `{"title":"eins"}`, http.StatusOK, `"title":"eins"`},
		{"DELETE", "/notes/1", "", http.StatusNoContent, ""},
	} {
		read.Reset()
		if got := s.must(c.status, c.method, c.path, c.body); !strings.Contains(got.body, c.want) {
			t.Errorf("%s %s: %s, want %s", c.method, c.path, got.body, c.want)
		}
		if got := read.Commands(); len(got) > 0 {
			t.Errorf("%s %s sends the reader %q", c.method, c.path, got)
		}
	}
	reads := func() {
		t.Helper()
		for _, c := range []struct{ method, path, want string }{
			{"GET", "/notes/1", `"title":"of the reader"`},
			{"GET", "/notes", `"title":"of the reader"`},
			{"HEAD", "/notes", ""},
		} {
			written.Reset()
			if got := s.must(http.StatusOK, c.method, c.path, ""); !strings.Contains(got.body, c.want) {
				t.Errorf("%s %s: %s, want %s", c.method, c.path, got.body, c.want)
			}
			if got := written.Commands(); len(got) > 0 {
				t.Errorf("%s %s sends the database %q", c.method, c.path, got)
			}
		}
	}
	reads()

	// Each database works without the other, except for /readyz.
	read.Cut()
	s.must(http.StatusCreated, "POST", "/notes", `{"title":"two"}`)
	s.unavailable("GET", "/notes", "", "The database is unavailable")
	s.unavailable("GET", "/readyz", "", "The database is unavailable")
	if !strings.Contains(s.Logs(), "the reader: ") {
		t.Errorf("the log does not say which of the two is away:\n%s", s.Logs())
	}
	read.Heal()
	written.Cut()
	s.must(http.StatusOK, "GET", "/notes/1", "") // with a new connection
	reads()
	s.unavailable("POST", "/notes", `{"title":"lost"}`, "The database is unavailable")
	s.unavailable("GET", "/readyz", "", "The database is unavailable")
}

// TestCORS: a preflight request from an origin in CORS_ORIGINS succeeds behind a gateway.
func TestCORS(t *testing.T) {
	t.Parallel()
	s := start(t, "mysql://root@127.0.0.1:1/app", "CORS_ORIGINS=https://app.example.com, http://localhost:5173")
	for origin, want := range map[string]string{"http://localhost:5173": "http://localhost:5173",
		"https://evil.example": ""} {
		r := request{method: "OPTIONS", path: "/notes"}
		event := s.front.make(r, s.front.base)
		headers := r.headers()
		headers["origin"], headers["access-control-request-method"] = origin, "POST"
		headers["access-control-request-headers"] = "content-type,idempotency-key"
		event["headers"] = headers
		payload, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.Invoke(t.Context(), payload)
		if err != nil {
			t.Fatal(err)
		}
		got := readResponse(t, out)
		if got.status != http.StatusNoContent || got.header.Get("Access-Control-Allow-Origin") != want ||
			!strings.Contains(got.header.Get("Allow"), "POST") {
			t.Errorf("from %s: %d %v", origin, got.status, got.header)
		}
	}
}
