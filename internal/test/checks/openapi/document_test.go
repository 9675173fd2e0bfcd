package openapi

import (
	"slices"
	"strings"
	"testing"

	"slipway/internal/httpapi"
	"slipway/internal/resource"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest/blog"
)

// TestOpenAPIDocument checks that the document is valid and that operations and schemas keep
// their names, which are the names of functions and types in generated clients.
func TestOpenAPIDocument(t *testing.T) {
	t.Parallel()
	s := newSpecification(apitest.New(t, blog.SQLite(t), nil))
	ids := s.valid()
	for _, id := range strings.Fields(
		`listNotes countNotes createNotes updateNotes deleteNotes getNote updateNote replaceNote
		deleteNote listUserPosts countUserPosts createUserPosts getIndex getHealth getReadiness getOpenAPI getDocs
		getDocsFile`) {
		if !slices.Contains(ids, id) {
			t.Errorf("no operation %s", id)
		}
	}
	for _, name := range strings.Fields(
		`Note NoteList NoteOneOrMany NoteCreate NoteCreateList NoteCreateOneOrMany NotePatch
		UserPostsCreateOneOrMany TextFilter Problem Fault`) {
		if s.at(s.root, "components", "schemas", name) == nil {
			t.Errorf("no schema %s", name)
		}
	}
}

// Rows of tables with names that clash.
type (
	News struct { // the plural is the same
		ID     int64  `json:"id" rule:"readonly"`
		Count  int64  `json:"count"`
		Sort   string `json:"sort"`
		PageID *int64 `json:"page_id"`
		Page   *Page  `json:"page" gorm:"foreignKey:PageID" inverse:"news"`
	}
	Page struct { // the name of a parameter
		ID   int64 `json:"id" rule:"readonly"`
		Size int64 `json:"größe"`
	}
	PageNews struct { // the name of a relation
		ID int64 `json:"id" rule:"readonly"`
	}
	Problem struct { // the name of a schema in every document
		ID int64 `json:"id" rule:"readonly"`
	}
	NewsCreate struct { // the name of a schema of another table
		ID int64 `json:"id" rule:"readonly"`
	}
)

// clashing sets the tables of these rows.
func clashing(o *httpapi.Options) {
	o.Tables = resource.Link(resource.Of[News]("news"), resource.Of[Page]("pages"), resource.Of[PageNews]("page_news"),
		resource.Of[Problem]("problems"), resource.Of[NewsCreate]("news-creates"))
}

// TestOpenAPINames checks that the names of operations and components are unique, and that
// the schemas of rows keep their names.
func TestOpenAPINames(t *testing.T) {
	t.Parallel()
	s := newSpecification(apitest.New(t, blog.SQLite(t), clashing))
	ids := s.valid()
	for _, id := range strings.Fields("updateNews updateNews2 listPageNews listPageNews2 getProblem listNewsCreates") {
		if !slices.Contains(ids, id) {
			t.Errorf("no operation %s: %q", id, ids)
		}
	}
	for _, name := range []string{"News", "Page", "PageNews", "Problem", "NewsCreate"} {
		if s.at(s.root, "components", "schemas", name, "properties", "id") == nil {
			t.Errorf("no schema %s of a row", name)
		}
	}
	if s.at(s.root, "components", "schemas", "Problem2", "properties", "status") == nil {
		t.Error("no schema Problem2 for errors")
	}
	for _, o := range s.operations() {
		if o.String() == "GET /news" && (o.parameter("count[gte]") == nil || o.parameter("sort[starts]") == nil) {
			t.Errorf("%s has no filters by count and sort", o)
		}
	}
}
