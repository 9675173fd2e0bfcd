package httpapi_test

import (
	"context"
	"testing"

	"slipway/internal/dbtest/migrated"
	"slipway/internal/httpapi"
)

// TestRoot: the index says where everything is, and a client that prefers HTML is
// sent to the page.
func TestRoot(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "/dev"} {
		api := newAPI(t, migrated.SQLite(t), func(o *httpapi.Options) {
			o.BasePath = func(context.Context) string { return base }
		})
		index := `{"tables":[{"name":"users","path":"` + base + `/users"},{"name":"posts","path":"` + base + `/posts"},{"name":"notes","path":"` + base + `/notes"}],` +
			`"docs":"` + base + `/docs","openapi":"` + base + `/openapi.json"}`
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
			"application/json;q=0, */*":                     true, // the page is what is left
			"text/html;q=x, nonsense, ;, application/json":  false,
			"text/plain, application/problem+json, */*;q=0": false,
		} {
			got := api.do("GET", "/", "", "Accept: "+accept)
			head := api.do("HEAD", "/", "", "Accept: "+accept)
			for _, name := range []string{"Location", "Content-Type", "Vary"} {
				if got.header.Get(name) != head.header.Get(name) {
					t.Errorf("Accept %q: %s is %q with GET, %q with HEAD", accept, name, got.header.Get(name), head.header.Get(name))
				}
			}
			status, body, location := 200, index, ""
			if redirected {
				status, body, location = 302, "", base+"/docs"
			}
			if got.status != status || head.status != status || got.body != body || head.body != "" || got.header.Get("Location") != location || got.header.Get("Vary") != "Accept" {
				t.Errorf("Accept %q: %d %v %s", accept, got.status, got.header, got.body)
			}
		}
	}
}
