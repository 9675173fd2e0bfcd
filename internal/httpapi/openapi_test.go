package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"slipway/internal/dbtest/blog"
	"slipway/internal/httpapi"
)

// TestOpenAPIDocument: the document is OpenAPI 3.1 in itself. What it refers to is
// there and all that is there is referred to, names are unique, schemas are
// schemas.
func TestOpenAPIDocument(t *testing.T) {
	t.Parallel()
	s := newAPI(t, blog.SQLite(t), nil).specification()
	if s.root["openapi"] != "3.1.1" || s.text(s.root, "info", "version") == "" {
		t.Errorf("openapi %v, info %v", s.root["openapi"], s.root["info"])
	}
	referred := map[string]bool{}
	var walk func(any)
	walk = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			if target, ok := v["$ref"].(string); ok {
				s.at(v)
				referred[target] = true
			}
			for _, m := range v {
				walk(m)
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(s.root)
	name := regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
	for kind, all := range s.members(s.root, "components") {
		for key := range s.members(all) {
			if !name.MatchString(key) || !referred["#/components/"+kind+"/"+key] {
				t.Errorf("components/%s/%s is not referred to, or no name", kind, key)
			}
			switch kind {
			case "schemas":
				s.compile(s.schemas, "components", kind, key)
			case "parameters", "headers":
				s.compile(s.schemas, "components", kind, key, "schema")
			}
		}
	}
	var tags, ids []string
	for _, tag := range s.list(s.root, "tags") {
		tags = append(tags, s.text(tag, "name"))
	}
	for _, o := range s.operations() {
		id := s.text(o.described, "operationId")
		if !regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`).MatchString(id) || slices.Contains(ids, id) {
			t.Errorf("%s: the operationId %q is there twice, or no name", o, id)
		}
		ids = append(ids, id)
		if s.text(o.described, "summary") == "" || !slices.Contains(tags, fmt.Sprint(s.list(o.described, "tags")[0])) {
			t.Errorf("%s needs a summary, and a tag of the document", o)
		}
		var inPath []string
		seen := map[string]bool{}
		for _, p := range o.parameters {
			where, name := s.text(p, "in"), s.text(p, "name")
			if seen[where+name] || s.at(p, "schema") == nil || s.text(p, "description") == "" {
				t.Errorf("%s: the parameter %s is there twice, or not described", o, name)
			}
			seen[where+name] = true
			if where == "path" {
				inPath = append(inPath, "{"+name+"}")
			}
		}
		if want := regexp.MustCompile(`\{\w+\}`).FindAllString(o.path, -1); !slices.Equal(inPath, want) {
			t.Errorf("%s: the parameters of the path are %q, want %q", o, inPath, want)
		}
		for status, r := range s.members(o.described, "responses") {
			if s.text(r, "description") == "" {
				t.Errorf("%s %s has no description", o, status)
			}
		}
	}
	for _, id := range []string{"listNotes", "countNotes", "createNotes", "updateNotes", "deleteNotes", "getNote", "updateNote", "replaceNote", "deleteNote", "listUserPosts", "createUserPosts"} {
		if !slices.Contains(ids, id) {
			t.Errorf("no operation is %s", id)
		}
	}
}

// TestOpenAPIIsTheSame: the same bytes every time, but for the server, which is
// where the request found it.
func TestOpenAPIIsTheSame(t *testing.T) {
	t.Parallel()
	api, other := newAPI(t, blog.SQLite(t), nil), newAPI(t, blog.SQLite(t), nil)
	first := api.must(http.StatusOK, "GET", "/openapi.json", "")
	if ct := first.header.Get("Content-Type"); ct != "application/json" {
		t.Errorf("Content-Type %q", ct)
	}
	for range 3 {
		if api.do("GET", "/openapi.json", "").body != first.body || other.do("GET", "/openapi.json", "").body != first.body {
			t.Error("the document differs from one request to the next")
		}
	}
	if servers := encode(t, first.object(t)["servers"]); servers != `[{"url":"/"}]` {
		t.Errorf("servers %s", servers)
	}
	staged := newAPI(t, blog.SQLite(t), func(o *httpapi.Options) {
		o.BasePath = func(context.Context) string { return "/prod" }
	})
	got := staged.must(http.StatusOK, "GET", "/openapi.json", "")
	if servers := encode(t, got.object(t)["servers"]); servers != `[{"url":"/prod"}]` || strings.Replace(got.body, `"/prod"`, `"/"`, 1) != first.body {
		t.Errorf("behind a stage: servers %s", servers)
	}
}

// TestOpenAPIIsWhatIsServed: every route is in the document with every method,
// and nothing else is. HEAD stands beside every GET and OPTIONS on every path: the
// document has the HEAD of lists, which counts.
func TestOpenAPIIsWhatIsServed(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), nil)
	described := map[string]bool{}
	for _, o := range api.specification().operations() {
		described[o.String()] = true
	}
	served := map[string]bool{}
	for _, r := range httpapi.Routes(api.handler) {
		o := r.Method + " " + regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.Path, "{$1}")
		served[o] = true
		if r.Method != http.MethodHead && r.Method != http.MethodOptions && !described[o] {
			t.Errorf("%s is served, and not described", o)
		}
	}
	for o := range described {
		if !served[o] {
			t.Errorf("%s is described, and not served", o)
		}
	}
	for _, o := range []string{"HEAD /notes", "HEAD /users/{id}/posts", "GET /docs", "GET /docs/{file}", "GET /readyz", "DELETE /posts"} {
		if !described[o] {
			t.Errorf("%s is not described", o)
		}
	}
}

// TestOpenAPIParameters: a parameter of the document is served, in the range that
// the document gives, and in no other.
func TestOpenAPIParameters(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), nil)
	for _, o := range newWalk(api).operations() {
		if o.method == http.MethodHead { // reads them as GET does
			continue
		}
		for _, p := range o.parameters {
			name := o.text(p, "name")
			if o.text(p, "in") != "query" || name == "cursor" { // none can be made up
				continue
			}
			good, bad := o.values(o.at(p, "schema"))
			for status, values := range map[int][]string{http.StatusOK: good, http.StatusBadRequest: bad} {
				for _, value := range values {
					if got := api.try(o, name, value); got.status != status {
						t.Errorf("%s with %s=%.40s: %d %s, want %d", o, name, value, got.status, got.body, status)
					}
				}
			}
		}
	}
}

// try sends a request with one parameter. A write to many rows gets what it needs
// to be good, and concerns none.
func (a *testAPI) try(o operation, name, value string) answer {
	a.t.Helper()
	query, body := url.Values{}, ""
	if o.parameter("dry_run") != nil {
		query.Set("id[lt]", "0")
		query.Set("dry_run", "true")
	}
	if o.described["requestBody"] != nil {
		body = "{}"
	}
	query.Set(name, value)
	return a.do(o.method, strings.ReplaceAll(o.path, "{id}", "1")+"?"+query.Encode(), body)
}

// values makes up texts that a parameter may have by its schema, and texts that it
// may not.
func (s *specification) values(schema any) (good, bad []string) {
	item := s.at(schema, "items")
	if item == nil {
		item = schema
	}
	good = append(good, fmt.Sprint(s.sample(item, 1)))
	for _, choice := range s.list(item, "enum") {
		good = append(good, choice.(string))
	}
	if s.text(item, "type") != "string" || s.at(item, "format") != nil || s.at(item, "enum") != nil {
		bad = append(bad, "nothing", "")
	}
	if most, ok := s.at(schema, "maxItems").(float64); ok && s.at(schema, "uniqueItems") == nil {
		good = append(good, strings.Repeat(good[0]+",", int(most)-1)+good[0])
		bad = append(bad, strings.Repeat(good[0]+",", int(most))+good[0])
	}
	if n, ok := s.at(schema, "minimum").(float64); ok {
		good, bad = append(good, fmt.Sprintf("%.0f", n)), append(bad, fmt.Sprintf("%.0f", n-1))
	}
	if n, ok := s.at(schema, "maximum").(float64); ok {
		good, bad = append(good, fmt.Sprintf("%.0f", n)), append(bad, fmt.Sprintf("%.0f", n+1))
	}
	if n, ok := s.at(schema, "maxLength").(float64); ok {
		good, bad = append(good, strings.Repeat("ä", int(n))), append(bad, strings.Repeat("ä", int(n)+1))
	}
	return good, bad
}

// TestOpenAPIFilters: of the filters that there could be, the document has those
// that are served.
func TestOpenAPIFilters(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), nil)
	s := api.specification()
	for _, o := range s.operations() {
		if o.parameter("page") == nil || strings.Contains(o.path, "{id}") {
			continue
		}
		for _, field := range s.list(o.parameter("fields"), "schema", "items", "enum") {
			for _, form := range []string{"", "[eq]", "[ne]", "[gt]", "[gte]", "[lt]", "[lte]", "[like]", "[in]", "[nin]", "[null]", "[starts]", "[contains]"} {
				name := field.(string) + form
				good, _ := s.values(s.at(o.parameter(name), "schema"))
				if got := api.try(o, name, good[0]); (got.status == http.StatusOK) != (o.parameter(name) != nil) {
					t.Errorf("%s with %s: %d %s, described: %v", o, name, got.status, got.body, o.parameter(name) != nil)
				}
			}
		}
	}
	for _, o := range s.operations() {
		for _, name := range []string{"title", "title[starts]", "id[in]", "created_at[gte]", "content[null]"} {
			if o.path == "/notes" && o.method != http.MethodPost && o.parameter(name) == nil {
				t.Errorf("%s has no parameter %s", o, name)
			}
		}
	}
}
