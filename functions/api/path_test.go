package main

import (
	"net/http"
	"strings"
	"testing"

	"slipway/internal/dbtest/migrated"
)

// TestEncodedPath: a client that encodes letters of a path reaches the same row
// through every gateway, and one that encodes the % does not.
func TestEncodedPath(t *testing.T) {
	t.Parallel()
	s := start(t, migrated.MySQL(t))
	s.must(http.StatusCreated, "POST", "/notes", `[{"title":"one"},{"title":"two"}]`)
	for _, g := range fronts {
		s.front = g
		for path, want := range map[string]int{
			"/n%6Ftes/1": http.StatusOK, "/%6eotes/%31": http.StatusOK, "/n%256Ftes/1": http.StatusNotFound, "/NOTES/1": http.StatusNotFound,
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
