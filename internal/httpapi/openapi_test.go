package httpapi_test

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"slipway/internal/httpapi"
	"slipway/internal/resource"
	"slipway/internal/test/dbtest/blog"
)

// TestOpenAPIDocument: the document is OpenAPI 3.1 in itself, and its operations keep
// their names: they are the functions of generated clients.
func TestOpenAPIDocument(t *testing.T) {
	t.Parallel()
	s := newAPI(t, blog.SQLite(t), nil).specification()
	ids := s.valid()
	for _, id := range strings.Fields(
		`listNotes countNotes createNotes updateNotes deleteNotes getNote updateNote replaceNote
		deleteNote listUserPosts countUserPosts createUserPosts getIndex getHealth getReadiness getOpenAPI getDocs
		getDocsFile`) {
		if !slices.Contains(ids, id) {
			t.Errorf("no operation is %s", id)
		}
	}
	for _, name := range strings.Fields(
		`Note NoteList NoteOneOrMany NoteCreate NoteCreateList NoteCreateOneOrMany NotePatch
		UserPostsCreateOneOrMany TextFilter Problem Fault`) {
		if s.at(s.root, "components", "schemas", name) == nil {
			t.Errorf("no schema is %s", name)
		}
	}
}

// The rows of tables whose names are taken in every way.
type (
	News struct { // one of them is called as many are
		ID     int64  `json:"id" rule:"readonly"`
		Count  int64  `json:"count"`
		Sort   string `json:"sort"`
		PageID *int64 `json:"page_id"`
		Page   *Page  `json:"page" gorm:"foreignKey:PageID" inverse:"news"`
	}
	Page struct { // a parameter
		ID   int64 `json:"id" rule:"readonly"`
		Size int64 `json:"größe"`
	}
	PageNews struct { // a relation
		ID int64 `json:"id" rule:"readonly"`
	}
	Problem struct { // a schema of every document
		ID int64 `json:"id" rule:"readonly"`
	}
	NewsCreate struct { // a schema of another table
		ID int64 `json:"id" rule:"readonly"`
	}
)

// awkward are tables of these rows.
func awkward(o *httpapi.Options) {
	o.Tables = resource.Link(resource.Of[News]("news"), resource.Of[Page]("pages"), resource.Of[PageNews]("page_news"),
		resource.Of[Problem]("problems"), resource.Of[NewsCreate]("news-creates"))
}

// TestOpenAPINames: whatever tables and columns are called, operations and components
// have names of their own, and rows keep theirs.
func TestOpenAPINames(t *testing.T) {
	t.Parallel()
	s := newAPI(t, blog.SQLite(t), awkward).specification()
	ids := s.valid()
	for _, id := range strings.Fields("updateNews updateNews2 listPageNews listPageNews2 getProblem listNewsCreates") {
		if !slices.Contains(ids, id) {
			t.Errorf("no operation is %s: %q", id, ids)
		}
	}
	for _, name := range []string{"News", "Page", "PageNews", "Problem", "NewsCreate"} {
		if s.at(s.root, "components", "schemas", name, "properties", "id") == nil {
			t.Errorf("the row %s has another name", name)
		}
	}
	if s.at(s.root, "components", "schemas", "Problem2", "properties", "status") == nil {
		t.Error("there is no schema of problems besides the table's")
	}
	for _, o := range s.operations() {
		if o.String() == "GET /news" && (o.parameter("count[gte]") == nil || o.parameter("sort[starts]") == nil) {
			t.Errorf("%s has no filters by count and sort", o)
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
	servers := encode(t, got.object(t)["servers"])
	if servers != `[{"url":"/prod"}]` || strings.Replace(got.body, `"/prod"`, `"/"`, 1) != first.body {
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
	for _, o := range []string{"HEAD /notes", "HEAD /users/{id}/posts", "GET /docs", "GET /docs/{file}", "GET /readyz",
		"DELETE /posts"} {
		if !described[o] {
			t.Errorf("%s is not described", o)
		}
	}
}
