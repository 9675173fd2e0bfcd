package httpapi_test

import (
	"net/http"
	"testing"
)

// TestEquivalentPaths checks that equivalent paths (RFC 3986) reach the same row, and that
// links and log lines have the normal path.
func TestEquivalentPaths(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.seed()
		for _, c := range []struct {
			path   string
			status int
			logged string
		}{
			{"/n%6Ftes/1", http.StatusOK, "/notes/1"},
			{"/n%6ftes/%31", http.StatusOK, "/notes/1"},
			{"/%6E%6F%74%65%73/1", http.StatusOK, "/notes/1"},
			{"/u%73ers/1/p%6fsts", http.StatusOK, "/users/1/posts"},
			{"/%64ocs/page%2Ejs", http.StatusOK, "/docs/page.js"},
			{"/notes%2F1", http.StatusNotFound, "/notes/1"}, // one segment
			{"/notes%2f1", http.StatusNotFound, "/notes/1"},
			{"/n%256Ftes/1", http.StatusNotFound, "/n%6Ftes/1"}, // decoded once only
			{"/N%4FTES/1", http.StatusNotFound, "/NOTES/1"},
			{"/notes/1%2F", http.StatusNotFound, "/notes/1/"},
			{"/notes/%2E%2E/notes/1", http.StatusNotFound, "/notes/../notes/1"},
		} {
			api.lines()
			got := api.Do("GET", c.path, "")
			if line := api.lines()[0]; got.Status != c.status || line["path"] != c.logged {
				t.Errorf("%s: %d, logged as %v; want %d, %s", c.path, got.Status, line["path"], c.status, c.logged)
			}
		}
		got := api.Do("GET", "/n%6ftes?per_page=1&page=1", "").Header.Get("Link")
		if got != `</notes?page=2&per_page=1>; rel="next", `+
			`</notes?page=1&per_page=1>; rel="first", </notes?page=3&per_page=1>; rel="last"` {
			t.Errorf("Link: %s", got)
		}
		if got := api.Do("POST", "/u%73ers/1/p%6Fsts", `{"title":"x"}`).Header.Get("Location"); got != "/posts/2" {
			t.Errorf("Location: %s", got)
		}
		if got := api.Do("OPTIONS", "/n%6Ftes/1", "").Header.Get("Allow"); got != "GET, HEAD, PUT, PATCH, DELETE, OPTIONS" {
			t.Errorf("Allow: %s", got)
		}
	})
}
