package httpapi

import (
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"slipway/internal/database"
	"slipway/internal/database/mysql"
	"slipway/internal/database/sqlite"
	"slipway/internal/store"
	"slipway/internal/test/dbtest/blog"
)

// namedOrigin is an allowed origin.
const namedOrigin = "https://app.example.com"

// corsStub is the handler behind withCORS.
type corsStub struct{}

func (*corsStub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions {
		w.Header().Set("Allow", "GET, OPTIONS")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Add("Vary", "Accept-Encoding")
	w.WriteHeader(http.StatusTeapot)
}

// sendFrom sends a request from a page of that origin, or without a page if it is empty.
func sendFrom(t *testing.T, h http.Handler, method, path, origin, body string,
	header map[string]string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// preflightFrom sends a preflight request.
func preflightFrom(t *testing.T, h http.Handler, path, origin, method, headers string) *http.Response {
	t.Helper()
	header := map[string]string{"Access-Control-Request-Method": method}
	if headers != "" {
		header["Access-Control-Request-Headers"] = headers
	}
	return sendFrom(t, h, http.MethodOptions, path, origin, "", header)
}

// grantsOf returns the CORS headers of a response.
func grantsOf(res *http.Response) map[string]string {
	got := map[string]string{}
	for name, values := range res.Header {
		if short, ok := strings.CutPrefix(name, "Access-Control-"); ok {
			got[short] = strings.Join(values, " + ")
		}
	}
	return got
}

const (
	preflightVary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
	exposedNames  = "Allow, Etag, Idempotency-Replayed, Link, Location, Retry-After, Www-Authenticate, X-Total-Count, " +
		"X-Request-Id"
)

// TestPreflight checks that a preflight response allows only what the page requests. Other
// origins receive the response of OPTIONS. All responses have Vary, for caches.
func TestPreflight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, origins, origin, method, headers string

		granted bool
		as      string // the granted origin, if it is not the page's
	}{
		{name: "a read with a header", origins: namedOrigin, origin: namedOrigin, method: "GET", headers: "if-none-match",
			granted: true},
		{name: "without headers", origins: namedOrigin, origin: namedOrigin, method: "DELETE", granted: true},
		{name: "HEAD", origins: namedOrigin, origin: namedOrigin, method: "HEAD", granted: true},
		{name: "POST", origins: namedOrigin, origin: namedOrigin, method: "POST", headers: "content-type,idempotency-key",
			granted: true},
		{name: "PUT", origins: namedOrigin, origin: namedOrigin, method: "PUT", headers: "content-type,if-match",
			granted: true},
		{name: "PATCH", origins: namedOrigin, origin: namedOrigin, method: "PATCH", headers: "content-type", granted: true},
		{name: "all headers", origins: namedOrigin, origin: namedOrigin, method: "POST", granted: true,
			headers: "authorization,cache-control,content-type,idempotency-key,if-match,if-none-match,x-request-id"},
		{name: "the second of two", origins: "http://localhost:5173," + namedOrigin, origin: namedOrigin, method: "GET",
			granted: true},
		{name: "any", origins: "*", origin: namedOrigin, method: "GET", granted: true, as: "*"},
		{name: "any, from a sandbox", origins: "*", origin: "null", method: "GET", granted: true, as: "*"},

		{name: "another host", origins: namedOrigin, origin: "https://evil.example", method: "GET"},
		{name: "a host with the same prefix", origins: namedOrigin, origin: namedOrigin + ".evil.example", method: "GET"},
		{name: "a host with the same suffix", origins: namedOrigin, origin: "https://evil-app.example.com", method: "GET"},
		{name: "a subdomain", origins: namedOrigin, origin: "https://x.app.example.com", method: "GET"},
		{name: "another scheme", origins: namedOrigin, origin: "http://app.example.com", method: "GET"},
		{name: "another port", origins: namedOrigin, origin: namedOrigin + ":8443", method: "GET"},
		{name: "a sandbox", origins: namedOrigin, origin: "null", method: "GET"},
		{name: "no page", origins: namedOrigin, method: "GET"},
		{name: "an unsupported method", origins: namedOrigin, origin: namedOrigin, method: "TRACE"},
		{name: "a method of another server", origins: "*", origin: namedOrigin, method: "PROPFIND"},
		{name: "an unknown header", origins: namedOrigin, origin: namedOrigin, method: "GET",
			headers: "x-forwarded-for"},
		{name: "one unknown header of several", origins: namedOrigin, origin: namedOrigin, method: "GET",
			headers: "authorization,cookie"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := withCORS(strings.Split(c.origins, ","), &corsStub{})
			res := preflightFrom(t, h, "/", c.origin, c.method, c.headers)
			if res.StatusCode != http.StatusNoContent || res.Header.Get("Allow") != "GET, OPTIONS" {
				t.Errorf("not the route's response: %d, Allow %q", res.StatusCode, res.Header.Get("Allow"))
			}
			if got := strings.Join(res.Header.Values("Vary"), " + "); got != preflightVary {
				t.Errorf("Vary: %s, want %s", got, preflightVary)
			}
			want := map[string]string{}
			if c.granted {
				want = map[string]string{"Allow-Origin": c.origin, "Allow-Methods": c.method, "Max-Age": "600"}
				if c.as != "" {
					want["Allow-Origin"] = c.as
				}
				if c.headers != "" {
					want["Allow-Headers"] = c.headers
				}
			}
			if got := grantsOf(res); !maps.Equal(got, want) {
				t.Errorf("granted is %v, want %v", got, want)
			}
		})
	}
}

// TestPreflightByHand checks that the requested headers may have any case and order.
func TestPreflightByHand(t *testing.T) {
	t.Parallel()
	h := withCORS([]string{namedOrigin}, &corsStub{})
	for asked, want := range map[string]string{
		"If-Match, Content-Type":       "content-type,if-match",
		"IDEMPOTENCY-KEY,content-type": "content-type,idempotency-key",
		" ,If-Match,, If-Match ":       "if-match",
		"Content-Type, Cookie":         "",
	} {
		if got := grantsOf(preflightFrom(t, h, "/", namedOrigin, "PATCH", asked))["Allow-Headers"]; got != want {
			t.Errorf("%q: granted is %q, want %q", asked, got, want)
		}
	}
}

// TestCrossOrigin checks that pages of allowed origins can read responses and their headers,
// and that all responses have Vary.
func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	read := map[string]string{"Allow-Origin": namedOrigin, "Expose-Headers": exposedNames}
	for _, c := range []struct {
		name, origins, method, origin string
		want                          map[string]string
	}{
		{"GET", namedOrigin, "GET", namedOrigin, read},
		{"POST", namedOrigin, "POST", namedOrigin, read},
		{"OPTIONS that is no preflight", namedOrigin, "OPTIONS", namedOrigin, read},
		{"any", "*", "GET", namedOrigin, map[string]string{"Allow-Origin": "*", "Expose-Headers": exposedNames}},
		{"another host", namedOrigin, "GET", "https://evil.example", nil},
		{"a sandbox", namedOrigin, "GET", "null", nil},
		{"no page", namedOrigin, "GET", "", nil},
		{"no page, any", "*", "GET", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			res := sendFrom(t, withCORS([]string{c.origins}, &corsStub{}), c.method, "/", c.origin, "", nil)
			if got := grantsOf(res); !maps.Equal(got, c.want) {
				t.Errorf("granted is %v, want %v", got, c.want)
			}
			vary := []string{"Origin", "Accept-Encoding"} // the second is the route's
			if c.method == "OPTIONS" {
				vary = vary[:1]
			}
			if got := res.Header.Values("Vary"); !slices.Equal(got, vary) {
				t.Errorf("Vary: %q, want %q", got, vary)
			}
		})
	}
}

// TestNoCORS checks that there is no CORS handler without origins.
func TestNoCORS(t *testing.T) {
	t.Parallel()
	next := &corsStub{}
	for _, origins := range [][]string{nil, {}} {
		if withCORS(origins, next) != http.Handler(next) {
			t.Errorf("%#v adds a handler", origins)
		}
	}
}

// corsOptions returns options with one allowed origin.
func corsOptions(t *testing.T, url string) Options {
	t.Helper()
	db, err := database.Open(database.Config{URL: url}, mysql.Dialect{}, sqlite.Dialect{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return Options{Store: store.New(db), Tables: blog.Tables, SchemaVersion: blog.Version,
		Logger: slog.New(slog.DiscardHandler), MaxBodyBytes: 1000, CORSOrigins: []string{namedOrigin}}
}

// TestPreflightOfEveryRoute checks that each method of each path is allowed for the allowed
// origin only, with the same response otherwise.
func TestPreflightOfEveryRoute(t *testing.T) {
	t.Parallel()
	blog.Each(t, func(t *testing.T, url string) {
		o := corsOptions(t, url)
		handler := New(o)
		for _, r := range (&api{Options: o}).allRoutes() {
			path := strings.NewReplacer(":id", "1", ":file", "x").Replace(r.path)
			for _, origin := range []string{namedOrigin, "https://evil.example"} {
				res := preflightFrom(t, handler, path, origin, r.method, "content-type")
				allow := strings.Split(res.Header.Get("Allow"), ", ")
				if res.StatusCode != http.StatusNoContent || !slices.Contains(allow, r.method) ||
					!slices.Contains(allow, "OPTIONS") {
					t.Errorf("%s of %s from %s: %d, Allow %q", r.method, path, origin, res.StatusCode, allow)
				}
				if got := grantsOf(res)["Allow-Methods"]; (got == r.method) != (origin == namedOrigin) {
					t.Errorf("%s of %s from %s: granted is %v", r.method, path, origin, grantsOf(res))
				}
				if res.Header.Get("X-Request-Id") == "" {
					t.Errorf("%s of %s from %s: no X-Request-Id", r.method, path, origin)
				}
			}
		}
		if res := preflightFrom(t, handler, "/nothing", namedOrigin, "GET", ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("no route: %d", res.StatusCode)
		}
	})
}

// safelistedNames are the headers that a page can read by default.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
var safelistedNames = []string{"Cache-Control", "Content-Language", "Content-Length", "Content-Type", "Expires",
	"Last-Modified", "Pragma"}

// TestResponsesToPages checks that a page of an allowed origin can read successes and errors
// with all headers, and that other pages cannot.
func TestResponsesToPages(t *testing.T) {
	t.Parallel()
	blog.Each(t, func(t *testing.T, url string) {
		o := corsOptions(t, url)
		o.Auth = &Auth{Caller: func(r *http.Request) (*Caller, error) {
			if r.Header.Get("Authorization") == "" {
				return &Caller{ID: "page", All: true}, nil
			}
			return nil, &InvalidTokenError{"The token is bad"}
		}}
		handler := New(o)
		seen := map[string]bool{}
		for _, c := range []struct {
			method, path, body string
			header             map[string]string
			status             int
		}{
			{method: "POST", path: "/notes", body: `{"title":"one"}`, header: map[string]string{"Idempotency-Key": "k"},
				status: 201},
			{method: "POST", path: "/notes", body: `{"title":"one"}`, header: map[string]string{"Idempotency-Key": "k"},
				status: 201},
			{method: "POST", path: "/notes", body: `[{"title":"two"},{"title":"three"}]`, status: 201},
			{method: "GET", path: "/notes/1", status: 200},
			{method: "GET", path: "/notes?per_page=1&count=exact", status: 200},
			{method: "HEAD", path: "/notes", status: 200},
			{method: "PATCH", path: "/notes/1", body: `{"title":"uno"}`, status: 200},
			{method: "GET", path: "/notes/1", header: map[string]string{"If-None-Match": "*"}, status: 304},
			{method: "PATCH", path: "/notes/1", body: `{"title":"x"}`, header: map[string]string{"If-Match": `"stale"`},
				status: 412},
			{method: "GET", path: "/notes/99", status: 404},
			{method: "GET", path: "/notes/1", header: map[string]string{"Authorization": "Bearer x"}, status: 401},
			{method: "GET", path: "/nothing", status: 404},
			{method: "PUT", path: "/notes", body: `{}`, status: 405},
			{method: "POST", path: "/notes", body: `{`, status: 400},
			{method: "POST", path: "/notes", body: `{}`, status: 422},
			{method: "POST", path: "/notes", body: `{"title":"` + strings.Repeat("x", 1000) + `"}`, status: 413},
			{method: "OPTIONS", path: "/notes", status: 204},
			{method: "DELETE", path: "/notes/1", status: 204},
			{method: "GET", path: "/readyz", status: 200},
			{method: "GET", path: "/openapi.json", status: 200},
		} {
			res := sendFrom(t, handler, c.method, c.path, namedOrigin, c.body, c.header)
			if got := grantsOf(res); res.StatusCode != c.status ||
				!maps.Equal(got, map[string]string{"Allow-Origin": namedOrigin, "Expose-Headers": exposedNames}) {
				t.Errorf("%s %s %s: %d, granted is %v; want %d", c.method, c.path, c.body, res.StatusCode, got, c.status)
			}
			for name := range res.Header {
				seen[name] = true
				if name != "Vary" && !strings.HasPrefix(name, "Access-Control-") && !slices.Contains(safelistedNames, name) &&
					!slices.Contains(strings.Split(exposedNames, ", "), name) {
					t.Errorf("%s %s: a page cannot read %s", c.method, c.path, name)
				}
			}
			res = sendFrom(t, handler, c.method, c.path, "https://evil.example", c.body, c.header)
			if got := grantsOf(res); len(got) > 0 || !slices.Contains(res.Header.Values("Vary"), "Origin") {
				t.Errorf("%s %s: another page is granted %v, Vary %q", c.method, c.path, got, res.Header.Values("Vary"))
			}
		}
		for name := range strings.SplitSeq(exposedNames, ", ") {
			if !seen[name] && name != "Retry-After" { // only if the database is unavailable
				t.Errorf("%s is exposed, but no response has it", name)
			}
		}
	})
}
