package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"slipway/internal/database"
	"slipway/internal/httpapi"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest/blog"
)

// testAPI adds methods for the tests of this package.
type testAPI struct{ *apitest.API }

type response = apitest.Response

// eachDialect runs a test on SQLite and on MySQL, each with an empty, migrated database.
func eachDialect(t *testing.T, run func(t *testing.T, api *testAPI)) {
	t.Helper()
	blog.Each(t, func(t *testing.T, url string) { run(t, newAPI(t, url, nil)) })
}

func newAPI(t *testing.T, url string, change func(*httpapi.Options), open ...database.Config) *testAPI {
	t.Helper()
	return &testAPI{apitest.New(t, url, change, open...)}
}

// scenario is one request to the seeded API and the expected response.
type scenario struct {
	name    string
	method  string
	path    string
	body    string
	headers []string // as for Do

	status int
	// want are texts in the body. header are the values of response headers.
	want   []string
	header map[string]string
	// errors are the field or param and the code of each error: "title required".
	errors []string
}

// seed creates two users, one post and three notes.
func (a *testAPI) seed() {
	a.T.Helper()
	for _, row := range [][2]string{
		{"/users", `{"username":"ada","email":"ada@example.com","bio":"wrote the first program","score":9.5}`},
		{"/users", `{"username":"bob","email":"bob@example.com","is_active":false}`},
		{"/posts", `{"title":"on engines","body":"they weave","user_id":1}`},
		{"/notes", `{"title":"one","content":"first"}`},
		{"/notes", `{"title":"two","content":"second"}`},
		{"/notes", `{"title":"three","content":"first"}`},
	} {
		a.Must(http.StatusCreated, "POST", row[0], row[1])
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
	got := api.Do(s.method, s.path, s.body, s.headers...)
	if got.Status != s.status {
		t.Fatalf("status %d, want %d; body %s", got.Status, s.status, got.Body)
	}
	for _, w := range s.want {
		if !strings.Contains(got.Body, w) {
			t.Errorf("body %s\nlacks %s", got.Body, w)
		}
	}
	for name, value := range s.header {
		if got.Header.Get(name) != value {
			t.Errorf("%s: %q, want %q", name, got.Header.Get(name), value)
		}
	}
	if got.Header.Get("X-Request-Id") == "" {
		t.Error("no X-Request-Id")
	}
	if got.Status < 400 || s.method == http.MethodHead {
		return
	}
	p := got.Object(t)
	if ct := got.Header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("Content-Type %q", ct)
	}
	if p["type"] != "about:blank" || p["title"] != http.StatusText(s.status) || p["status"] != float64(s.status) ||
		p["detail"] == "" || p["error"] != p["detail"] || p["request_id"] != got.Header.Get("X-Request-Id") {
		t.Errorf("incomplete problem: %s", got.Body)
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
		if strings.Contains(got.Body, leak) {
			t.Errorf("body contains %q: %s", leak, got.Body)
		}
	}
}
