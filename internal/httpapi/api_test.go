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

// dialects are all dialects.
var dialects = []database.Dialect{mysql.Dialect{}, sqlite.Dialect{}}

// testAPI is the API with its own database.
type testAPI struct {
	t       *testing.T
	handler http.Handler
	db      *database.DB
	log     *bytes.Buffer
}

// eachDialect runs a test on SQLite and on MySQL, each with an empty, migrated database.
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

// response is the response to a request.
type response struct {
	status int
	header http.Header
	body   string
}

// do sends one request. A body has the type application/json by default. Headers have the
// form "Name: value"; "Name: " removes one.
func (a *testAPI) do(method, path, body string, headers ...string) response {
	a.t.Helper()
	return a.doContext(a.t.Context(), method, path, body, headers...)
}

// doContext is do with a context.
func (a *testAPI) doContext(ctx context.Context, method, path, body string, headers ...string) response {
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
	return response{res.StatusCode, res.Header, string(text)}
}

// must sends a request, and fails the test if the response has another status.
func (a *testAPI) must(status int, method, path, body string, headers ...string) response {
	a.t.Helper()
	got := a.do(method, path, body, headers...)
	if got.status != status {
		a.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, got.status, got.body, status)
	}
	return got
}

// object decodes a response with a JSON object.
func (r response) object(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(r.body), &m); err != nil {
		t.Fatalf("%s: %v", r.body, err)
	}
	return m
}

// array decodes a response with a JSON array of objects.
func (r response) array(t *testing.T) []map[string]any {
	t.Helper()
	var m []map[string]any
	if err := json.Unmarshal([]byte(r.body), &m); err != nil {
		t.Fatalf("%s: %v", r.body, err)
	}
	return m
}

// scenario is one request to the seeded API and the expected response.
type scenario struct {
	name    string
	method  string
	path    string
	body    string
	headers []string // as for do

	status int
	// want are texts in the body. header are the values of response headers.
	want   []string
	header map[string]string
	// errors are the field or param and the code of each error: "title required".
	errors []string
}

// seed creates two users, one post and three notes.
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

// run sends the scenarios in order to one seeded API of each dialect.
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
		t.Errorf("incomplete problem: %s", got.body)
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
			t.Errorf("body contains %q: %s", leak, got.body)
		}
	}
}
