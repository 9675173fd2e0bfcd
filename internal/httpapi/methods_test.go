package httpapi_test

import (
	"testing"
)

func TestPut(t *testing.T) {
	t.Parallel()
	run(t, []scenario{
		{name: "all members", method: "PUT", path: "/users/1", body: `{"username":"eve","email":"eve@example.com",` +
			`"bio":"b","is_active":false,"score":3}`, status: 200,
			want: []string{`{"id":1,"username":"eve","email":"eve@example.com","bio":"b","is_active":false,"score":3,` +
				`"created_at":"`}},
		{name: "absent members take their defaults", method: "PUT", path: "/users/1",
			body: `{"username":"eve","email":"eve@example.com"}`, status: 200,
			want: []string{`"bio":null,"is_active":true,"score":0,`}},
		{name: "read-only members are ignored", method: "PUT", path: "/notes/1",
			body: `{"id":77,"title":"x","created_at":"never"}`, status: 200,
			want: []string{`{"id":1,"title":"x","content":"",`}},
		{name: "the same values", method: "PUT", path: "/notes/1", body: `{"title":"x"}`, status: 200},
		{name: "a required member is missing", method: "PUT", path: "/users/1", body: `{"username":"eve"}`, status: 422,
			errors: []string{"email required"}},
		{name: "null in a field that is not nullable", method: "PUT", path: "/notes/1", body: `{"title":"x","content":null}`,
			status: 422,
			errors: []string{"content null"}},
		{name: "a PUT creates nothing", method: "PUT", path: "/notes/99", body: `{"title":"x"}`, status: 404},
		{name: "no number", method: "PUT", path: "/notes/abc", body: `{"title":"x"}`, status: 404},
		{name: "a value that is taken", method: "PUT", path: "/users/1", body: `{"username":"bob","email":"eve@example.com"}`,
			status: 409, errors: []string{"username duplicate"}},
		{name: "an unknown user", method: "PUT", path: "/posts/1", body: `{"title":"x","user_id":9}`, status: 422,
			errors: []string{"user_id missing_parent"}},
		{name: "an array", method: "PUT", path: "/notes/1", body: `[{"title":"x"}]`, status: 422, errors: []string{"type"}},
		{name: "not JSON", method: "PUT", path: "/notes/1", body: `{`, status: 400, errors: []string{"syntax"}},
		{name: "a form", method: "PUT", path: "/notes/1", body: `title=x`, headers: []string{"Content-Type: text/plain"},
			status: 415,
			want:   []string{"must be JSON, not text/plain"}, errors: []string{"Content-Type unsupported"}},
		{name: "a table", method: "PUT", path: "/notes", body: `{"title":"x"}`, status: 405,
			header: map[string]string{"Allow": "GET, HEAD, POST, PATCH, DELETE, OPTIONS"}},
	})
}

// TestHead checks that HEAD returns the headers of GET, and the count for a list.
func TestHead(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.seed()
		for _, path := range []string{"/notes/1", "/users/1?include=posts", "/posts/1?fields=id", "/", "/healthz", "/readyz",
			"/openapi.json", "/docs",
			"/notes", "/notes?per_page=2", "/notes?per_page=2&sort=-title", "/notes?page=1",
			"/notes?page=2&per_page=1&sort=title", "/notes?title=two", "/notes?page=99",
			"/users/1/posts", "/users/1/posts?per_page=1", "/notes?count=exact&per_page=1", "/notes?fields=title&per_page=1",
			"/users?include=posts&per_page=1"} {
			get, head := api.Must(200, "GET", path, ""), api.Must(200, "HEAD", path, "")
			if head.Body != "" {
				t.Errorf("HEAD %s has a body: %s", path, head.Body)
			}
			for _, name := range []string{"Content-Type", "ETag", "Link", "Location"} {
				if get.Header.Get(name) != head.Header.Get(name) {
					t.Errorf("%s: %s is %q with GET, %q with HEAD", path, name, get.Header.Get(name), head.Header.Get(name))
				}
			}
			for _, name := range []string{"Content-Length", "X-Total-Count"} { // HEAD counts lists and does not read them
				if value := get.Header.Get(name); value != "" && head.Header.Get(name) != "" && head.Header.Get(name) != value {
					t.Errorf("%s: %s is %q with GET, %q with HEAD", path, name, value, head.Header.Get(name))
				}
			}
		}
		for path, want := range map[string]string{"/notes": "3", "/notes?content=first": "2", "/notes?per_page=1": "3",
			"/notes?page=7": "3", "/users/2/posts": "0"} {
			if got := api.Must(200, "HEAD", path, "").Header.Get("X-Total-Count"); got != want {
				t.Errorf("%s: X-Total-Count %q, want %s", path, got, want)
			}
		}
		// The same with a cursor.
		next := api.Must(200, "HEAD", "/notes?per_page=1", "").Next()
		if got, want := api.Must(200, "HEAD", next, "").Next(), api.Must(200, "GET", next, "").Next(); got != want ||
			got == "" {
			t.Errorf("next is %q, with GET %q", got, want)
		}
		for path, status := range map[string]int{"/notes/99": 404, "/notes?colour=red": 400, "/nothing": 404} {
			if got := api.Must(status, "HEAD", path, ""); got.Body != "" ||
				got.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("HEAD %s: %v %s", path, got.Header, got.Body)
			}
		}
	})
}

func TestOptions(t *testing.T) {
	t.Parallel()
	all := map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Methods": ""}
	with := func(allow string) map[string]string {
		h := map[string]string{"Allow": allow}
		for k, v := range all {
			h[k] = v
		}
		return h
	}
	run(t, []scenario{
		{name: "a table", method: "OPTIONS", path: "/notes", status: 204,
			header: with("GET, HEAD, POST, PATCH, DELETE, OPTIONS")},
		{name: "a row", method: "OPTIONS", path: "/notes/1", status: 204,
			header: with("GET, HEAD, PUT, PATCH, DELETE, OPTIONS")},
		{name: "a missing row", method: "OPTIONS", path: "/notes/99", status: 204,
			header: with("GET, HEAD, PUT, PATCH, DELETE, OPTIONS")},
		{name: "the root", method: "OPTIONS", path: "/", status: 204, header: with("GET, HEAD, OPTIONS")},
		{name: "health", method: "OPTIONS", path: "/healthz", status: 204, header: with("GET, HEAD, OPTIONS")},
		{name: "the document", method: "OPTIONS", path: "/openapi.json", status: 204, header: with("GET, HEAD, OPTIONS")},
		{name: "nothing", method: "OPTIONS", path: "/nothing", status: 404},
		{name: "a preflight without allowed origins", method: "OPTIONS", path: "/notes", status: 204,
			headers: []string{"Origin: https://example.com", "Access-Control-Request-Method: POST"},
			header:  with("GET, HEAD, POST, PATCH, DELETE, OPTIONS")},
		{name: "an unsupported method", method: "PUT", path: "/healthz", status: 405,
			header: map[string]string{"Allow": "GET, HEAD, OPTIONS"}},
		{name: "an unsupported method of a row", method: "POST", path: "/notes/1", body: "{}", status: 405,
			header: map[string]string{"Allow": "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"}},
	})
}
