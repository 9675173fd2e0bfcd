package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/httpapi"
	"slipway/internal/test/dbtest/blog"
)

// TestOpenAPIIsTheSame checks that the document has the same bytes in every response, except
// for servers, which depends on the base path.
func TestOpenAPIIsTheSame(t *testing.T) {
	t.Parallel()
	api, other := newAPI(t, blog.SQLite(t), nil), newAPI(t, blog.SQLite(t), nil)
	first := api.Must(http.StatusOK, "GET", "/openapi.json", "")
	if ct := first.Header.Get("Content-Type"); ct != "application/json" {
		t.Errorf("Content-Type %q", ct)
	}
	for range 3 {
		if api.Do("GET", "/openapi.json", "").Body != first.Body || other.Do("GET", "/openapi.json", "").Body != first.Body {
			t.Error("the document differs between requests")
		}
	}
	if servers := fmt.Sprint(first.Object(t)["servers"]); servers != "[map[url:/]]" {
		t.Errorf("servers %s", servers)
	}
	staged := newAPI(t, blog.SQLite(t), func(o *httpapi.Options) {
		o.BasePath = func(context.Context) string { return "/prod" }
	})
	got := staged.Must(http.StatusOK, "GET", "/openapi.json", "")
	servers := fmt.Sprint(got.Object(t)["servers"])
	if servers != "[map[url:/prod]]" || strings.Replace(got.Body, `"/prod"`, `"/"`, 1) != first.Body {
		t.Errorf("behind a stage: servers %s", servers)
	}
}

// TestOpenAPIIsWhatIsServed checks that the document has every method of every route, and no
// others. Of HEAD and OPTIONS it has the HEAD of lists only.
func TestOpenAPIIsWhatIsServed(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), nil)
	described := map[string]bool{}
	paths := api.Must(http.StatusOK, "GET", "/openapi.json", "").Object(t)["paths"].(map[string]any)
	for path, item := range paths {
		for method := range item.(map[string]any) {
			if method != "parameters" {
				described[strings.ToUpper(method)+" "+path] = true
			}
		}
	}
	served := map[string]bool{}
	for _, r := range httpapi.Routes(api.Handler) {
		o := r.Method + " " + regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.Path, "{$1}")
		served[o] = true
		if r.Method != http.MethodHead && r.Method != http.MethodOptions && !described[o] {
			t.Errorf("%s has a route but no description", o)
		}
	}
	for o := range described {
		if !served[o] {
			t.Errorf("%s has a description but no route", o)
		}
	}
	for _, o := range []string{"HEAD /notes", "HEAD /users/{id}/posts", "GET /docs", "GET /docs/{file}", "GET /readyz",
		"DELETE /posts"} {
		if !described[o] {
			t.Errorf("%s is not described", o)
		}
	}
}
