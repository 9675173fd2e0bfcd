package httpapi_test

import (
	"context"
	"strings"
	"testing"

	"slipway/internal/httpapi"
	"slipway/internal/test/dbtest/blog"
)

// TestRoot checks the index, and the redirect for clients that prefer HTML.
func TestRoot(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "/dev"} {
		api := newAPI(t, blog.SQLite(t), func(o *httpapi.Options) {
			o.BasePath = func(context.Context) string { return base }
		})
		index := strings.ReplaceAll(`{"tables":[{"name":"users","path":"BASE/users"},{"name":"posts","path":"BASE/posts"},`+
			`{"name":"notes","path":"BASE/notes"}],"docs":"BASE/docs","openapi":"BASE/openapi.json"}`, "BASE", base)
		for accept, redirected := range map[string]bool{
			"":                 false,
			"*/*":              false,
			"application/json": false,
			"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": true, // Firefox
			"text/html": true,
			"text/*":    true,
			"text/html;q=0.5, application/json;q=0.4":       true,
			"text/html;q=0.4, application/json;q=0.5":       false,
			"text/html, application/json":                   false,
			"text/html;q=0, */*":                            false,
			"application/json;q=0, */*":                     true, // JSON is not acceptable
			"text/html;q=x, nonsense, ;, application/json":  false,
			"text/plain, application/problem+json, */*;q=0": false,
		} {
			got := api.Do("GET", "/", "", "Accept: "+accept)
			head := api.Do("HEAD", "/", "", "Accept: "+accept)
			for _, name := range []string{"Location", "Content-Type"} {
				if with, without := got.Header.Get(name), head.Header.Get(name); with != without {
					t.Errorf("Accept %q: %s is %q with GET, %q with HEAD", accept, name, with, without)
				}
			}
			status, body, location := 200, index, ""
			if redirected {
				status, body, location = 302, "", base+"/docs"
			}
			if got.Status != status || got.Body != body || got.Header.Get("Location") != location ||
				head.Status != status || head.Body != "" ||
				got.Header.Get("Vary") != "Accept" || head.Header.Get("Vary") != "Accept" {
				t.Errorf("Accept %q: %d %v %s", accept, got.Status, got.Header, got.Body)
			}
		}
	}
}
