package main

import (
	"net/http"
	"strings"
	"testing"

	"slipway/internal/test/dbtest/blog"
)

// TestEncodedPath: a path with percent-encoded letters leads to the same row through every gateway; a path with an
// encoded % does not.
func TestEncodedPath(t *testing.T) {
	t.Parallel()
	s := start(t, blog.MySQL(t))
	s.must(http.StatusCreated, "POST", "/notes", `[{"title":"one"},{"title":"two"}]`)
	for _, g := range fronts {
		s.front = g
		for path, want := range map[string]int{
			"/n%6Ftes/1": http.StatusOK, "/%6eotes/%31": http.StatusOK,
			"/n%256Ftes/1": http.StatusNotFound, "/NOTES/1": http.StatusNotFound,
		} {
			if got := s.do(request{"GET", path, "", ""}); got.status != want {
				t.Errorf("%s: GET %s: %d %s, want %d", g.name, path, got.status, got.body, want)
			}
		}
		got := s.do(request{"GET", "/n%6ftes", "per_page=1", ""})
		if link := got.header.Get("Link"); !strings.HasPrefix(link, "<"+g.base+"/notes?cursor=") {
			t.Errorf("%s: Link %s", g.name, link)
		}
	}
}

// TestRepeatedParameter: repeated list parameters and quoted values arrive through every gateway, except a load
// balancer without multi-value headers, which passes on only the last value.
func TestRepeatedParameter(t *testing.T) {
	t.Parallel()
	s := start(t, blog.MySQL(t))
	s.must(http.StatusCreated, "POST", "/notes", `[{"title":"a,b"},{"title":"c"},{"title":"c"}]`)
	for _, g := range fronts {
		s.front = g
		want := `[{"id":1,"title":"a,b"},{"id":3,"title":"c"},{"id":2,"title":"c"}]`
		if g.name == "load balancer" {
			want = `[{"title":"c"},{"title":"c"}]`
		}
		got := s.do(request{"GET", "/notes",
			"sort=title&title%5Bin%5D=%22a%2Cb%22&sort=-id&fields=id&title%5Bin%5D=c&fields=title", ""})
		if got.status != http.StatusOK || got.body != want {
			t.Errorf("%s: %d %s, want %s", g.name, got.status, got.body, want)
		}
		twice := s.do(request{"GET", "/notes", "page=1&page=2", ""})
		if refused := twice.status == http.StatusBadRequest; refused == (g.name == "load balancer") {
			t.Errorf("%s: page twice is %d", g.name, twice.status)
		}
	}
}
