package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"slipway/internal/database"
	"slipway/internal/database/mysql"
	"slipway/internal/database/sqlite"
	"slipway/internal/httpapi"
	"slipway/internal/store"
	"slipway/internal/test/dbtest/blog"
)

// dialects are those that a URL can name.
var dialects = []database.Dialect{mysql.Dialect{}, sqlite.Dialect{}}

// testAPI is the whole API on a database of its own.
type testAPI struct {
	t       *testing.T
	handler http.Handler
	db      *database.DB
	log     *bytes.Buffer
}

// eachDialect runs a case on SQLite and on MySQL, each with an empty, migrated
// database.
func eachDialect(t *testing.T, run func(t *testing.T, api *testAPI)) {
	t.Helper()
	blog.Each(t, func(t *testing.T, url string) { run(t, newAPI(t, url, nil)) })
}

func newAPI(t *testing.T, url string, change func(*httpapi.Options), open ...database.Config) *testAPI {
	t.Helper()
	to := database.Config{}
	for _, c := range open {
		to = c
	}
	to.URL = url
	db, err := database.Open(to, dialects...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	log := &bytes.Buffer{}
	options := httpapi.Options{
		Store:         store.New(db),
		Tables:        blog.Tables,
		SchemaVersion: blog.Version,
		Logger:        slog.New(slog.NewJSONHandler(log, nil)),
		MaxBodyBytes:  1 << 20,
	}
	if change != nil {
		change(&options)
	}
	return &testAPI{t, httpapi.New(options), db, log}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends one request; a body goes as JSON unless a header says otherwise.
// Headers are given as "Name: value".
func (a *testAPI) do(method, path, body string, headers ...string) answer {
	a.t.Helper()
	return a.doContext(a.t.Context(), method, path, body, headers...)
}

// doContext is do for a client that may go away.
func (a *testAPI) doContext(ctx context.Context, method, path, body string, headers ...string) answer {
	a.t.Helper()
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if value == "" {
			r.Header.Del(name)
			continue
		}
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	res := w.Result()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// must sends a request that has to give that status.
func (a *testAPI) must(status int, method, path, body string, headers ...string) answer {
	a.t.Helper()
	got := a.do(method, path, body, headers...)
	if got.status != status {
		a.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, got.status, got.body, status)
	}
	return got
}

// object reads an answer that is a JSON object.
func (r answer) object(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(r.body), &m); err != nil {
		t.Fatalf("%s: %v", r.body, err)
	}
	return m
}

// array reads an answer that is a JSON array of objects.
func (r answer) array(t *testing.T) []map[string]any {
	t.Helper()
	var m []map[string]any
	if err := json.Unmarshal([]byte(r.body), &m); err != nil {
		t.Fatalf("%s: %v", r.body, err)
	}
	return m
}

// scenario is one request to the seeded API and what has to come back.
type scenario struct {
	name    string
	method  string
	path    string
	body    string
	headers []string // "Name: value"; "Name: " takes one away

	status int
	// want has to stand in the body, and each of header in that header.
	want   []string
	header map[string]string
	// param and field are what errors has to name, with their codes:
	// "title required".
	errors []string
}

// seed writes two users, one post and three notes.
func (a *testAPI) seed() {
	a.t.Helper()
	for _, row := range [][2]string{
		{"/users", `{"username":"ada","email":"ada@example.com","bio":"wrote the first program","score":9.5}`},
		{"/users", `{"username":"bob","email":"bob@example.com","is_active":false}`},
		{"/posts", `{"title":"on engines","body":"they weave","user_id":1}`},
		{"/notes", `{"title":"one","content":"first"}`},
		{"/notes", `{"title":"two","content":"second"}`},
		{"/notes", `{"title":"three","content":"first"}`},
	} {
		a.must(http.StatusCreated, "POST", row[0], row[1])
	}
}

// run tries the scenarios in order on one seeded API of each dialect.
func run(t *testing.T, scenarios []scenario) {
	t.Helper()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.seed()
		for _, s := range scenarios {
			t.Run(s.name, func(t *testing.T) { s.check(t, api) })
		}
	})
}

func (s scenario) check(t *testing.T, api *testAPI) {
	got := api.do(s.method, s.path, s.body, s.headers...)
	if got.status != s.status {
		t.Fatalf("status %d, want %d; body %s", got.status, s.status, got.body)
	}
	for _, w := range s.want {
		if !strings.Contains(got.body, w) {
			t.Errorf("body %s\nlacks %s", got.body, w)
		}
	}
	for name, value := range s.header {
		if got.header.Get(name) != value {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), value)
		}
	}
	if got.header.Get("X-Request-Id") == "" {
		t.Error("no X-Request-Id")
	}
	if got.status < 400 || s.method == http.MethodHead {
		return
	}
	p := got.object(t)
	if ct := got.header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("Content-Type %q", ct)
	}
	if p["type"] != "about:blank" || p["title"] != http.StatusText(s.status) || p["status"] != float64(s.status) ||
		p["detail"] == "" || p["error"] != p["detail"] || p["request_id"] != got.header.Get("X-Request-Id") {
		t.Errorf("not a whole problem: %s", got.body)
	}
	var named []string
	list, _ := p["errors"].([]any)
	for _, e := range list {
		e := e.(map[string]any)
		name, _ := e["field"].(string)
		if param, ok := e["param"].(string); ok {
			name = param
		}
		named = append(named, strings.TrimSpace(name+" "+e["code"].(string)))
	}
	if strings.Join(named, ", ") != strings.Join(s.errors, ", ") {
		t.Errorf("errors name %q, want %q", named, s.errors)
	}
	for _, leak := range []string{"SELECT", "INSERT", "sqlite", "mysql", "Error 1", "goroutine", ".go:"} {
		if strings.Contains(got.body, leak) {
			t.Errorf("body shows %q: %s", leak, got.body)
		}
	}
}
