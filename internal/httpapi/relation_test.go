package httpapi_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestRelation checks that /users/1/posts is like /posts with a fixed user_id.
func TestRelation(t *testing.T) {
	t.Parallel()
	run(t, []scenario{
		{name: "the posts of a user", method: "GET", path: "/users/1/posts", status: 200,
			want: []string{`[{"id":1,"title":"on engines"`}},
		{name: "of one who has none", method: "GET", path: "/users/2/posts", status: 200, want: []string{`[]`}},
		{name: "of nobody", method: "GET", path: "/users/99/posts", status: 404},
		{name: "of no number", method: "GET", path: "/users/abc/posts", status: 404},
		{name: "of nobody, counted", method: "GET", path: "/users/99/posts?page=1", status: 404},
		{name: "a head of nobody", method: "HEAD", path: "/users/99/posts", status: 404},
		{name: "a post", method: "POST", path: "/users/2/posts", body: `{"title":"mine"}`, status: 201,
			want:   []string{`{"id":2,"title":"mine","body":null,"user_id":2,`},
			header: map[string]string{"Location": "/posts/2"}},
		{name: "the id of the path wins", method: "POST", path: "/users/2/posts", body: `{"title":"mine too","user_id":1}`,
			status: 201, want: []string{`"user_id":2`}},
		{name: "whatever the other one is", method: "POST", path: "/users/2/posts",
			body: `{"title":"and this","user_id":"nobody"}`, status: 201, want: []string{`"user_id":2`}},
		{name: "several", method: "POST", path: "/users/1/posts", body: `[{"title":"x"},{"title":"y"}]`, status: 201,
			want: []string{`[{"id":5,"title":"x","body":null,"user_id":1,`, `{"id":6,"title":"y"`}},
		{name: "a post of nobody", method: "POST", path: "/users/99/posts", body: `{"title":"x"}`, status: 404},
		{name: "several of nobody", method: "POST", path: "/users/99/posts", body: `[{"title":"x"},{"title":"y"}]`,
			status: 404},
		{name: "a post of no number", method: "POST", path: "/users/x/posts", body: `{"title":"x"}`, status: 404},
		{name: "a post without a title", method: "POST", path: "/users/1/posts", body: `{}`, status: 422,
			errors: []string{"title required"}},
		{name: "parameters hold as they do elsewhere", method: "GET",
			path: "/users/2/posts?sort=id&title[starts]=mine&page=1&per_page=1&fields=title", status: 200,
			want: []string{`[{"title":"mine"}]`}, header: map[string]string{"X-Total-Count": "2"}},
		{name: "the id of the path wins over a filter", method: "GET", path: "/users/2/posts?user_id=1&sort=id&fields=id",
			status: 200, want: []string{`[{"id":2},{"id":3},{"id":4}]`}},
		{name: "and over one of another operator", method: "GET", path: "/users/2/posts?user_id[ne]=2&sort=id&fields=id",
			status: 200, want: []string{`[{"id":2},{"id":3},{"id":4}]`}},
		{name: "which has to be well typed all the same", method: "GET", path: "/users/2/posts?user_id=x", status: 400,
			errors: []string{"user_id type"}},
		{name: "an unknown parameter", method: "GET", path: "/users/1/posts?colour=red", status: 400,
			errors: []string{"colour unknown"}},
		{name: "counted by a head", method: "HEAD", path: "/users/2/posts", status: 200,
			header: map[string]string{"X-Total-Count": "3"}},
		{name: "it cannot be deleted as a whole", method: "DELETE", path: "/users/1/posts", status: 405,
			header: map[string]string{"Allow": "GET, HEAD, POST, OPTIONS"}},
		{name: "there is no other way round", method: "GET", path: "/posts/1/author", status: 404},
		{name: "what it can do", method: "OPTIONS", path: "/users/1/posts", status: 204,
			header: map[string]string{"Allow": "GET, HEAD, POST, OPTIONS"}},
	})
}

// TestRelationPages checks that links keep the path of the relation.
func TestRelationPages(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.seed()
		for i := range 7 {
			api.Must(201, "POST", fmt.Sprintf("/users/%d/posts", i%2+1), `{"title":"x"}`)
		}
		if got := strings.Join(api.walk("/users/1/posts?per_page=2"), " "); got != "8 6 4 2 1" {
			t.Errorf("%s", got)
		}
		if next := api.Must(200, "GET", "/users/1/posts?per_page=2", "").
			Next(); !strings.HasPrefix(next, "/users/1/posts?cursor=") {
			t.Errorf("%s", next)
		}
	})
}

func TestInclude(t *testing.T) {
	t.Parallel()
	run(t, []scenario{
		{name: "the author of a post", method: "GET", path: "/posts/1?include=author", status: 200,
			want:   []string{`{"id":1,"title":"on engines",`, `"author":{"id":1,"username":"ada","email":"ada@example.com",`},
			header: map[string]string{"ETag": ""}},
		{name: "the authors of posts", method: "GET", path: "/posts?include=author&sort=id", status: 200,
			want: []string{`[{"id":1,`, `"author":{"id":1,`}},
		{name: "the posts of a user", method: "GET", path: "/users/1?include=posts", status: 200,
			want: []string{`"posts":[{"id":1,"title":"on engines",`}},
		{name: "the posts of users", method: "GET", path: "/users?include=posts&sort=id", status: 200,
			want: []string{`[{"id":1,`, `"posts":[{"id":1,`, `{"id":2,`, `"posts":[]}]`}},
		{name: "with few members", method: "GET", path: "/posts?include=author&fields=title", status: 200,
			want: []string{`[{"title":"on engines","author":{"id":1,`}},
		{name: "with few members of a parent", method: "GET", path: "/users?include=posts&fields=username&sort=-score",
			status: 200, want: []string{`[{"username":"ada","posts":[{"id":1,`, `{"username":"bob","posts":[]}]`}},
		{name: "below a row", method: "GET", path: "/users/1/posts?include=author", status: 200,
			want: []string{`"author":{"id":1,`}},
		{name: "of no rows", method: "GET", path: "/posts?include=author&title=none", status: 200, want: []string{`[]`}},
		{name: "of rows in order", method: "GET", path: "/posts?include=author,author", status: 400,
			errors: []string{"include repeated"}},
		{name: "few members of a row", method: "GET", path: "/posts/1?fields=title,id", status: 200,
			want: []string{`{"id":1,"title":"on engines"}`}},
		{name: "a member that is not there", method: "GET", path: "/posts/1?fields=author", status: 400,
			errors: []string{"fields unknown"}},
	})
}

// TestIncludeBounded checks that include returns at most the newest 100 related rows.
func TestIncludeBounded(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.seed()
		for user, n := range map[int]int{1: 250, 2: 3} {
			posts := "[" + strings.Repeat(`{"title":"x"},`, n-1) + `{"title":"last"}]`
			api.Must(201, "POST", fmt.Sprintf("/users/%d/posts", user), posts)
		}
		rows := api.Must(200, "GET", "/users?include=posts&sort=id", "").Array(t)
		for i, want := range []int{100, 3} {
			posts := rows[i]["posts"].([]any)
			if len(posts) != want {
				t.Fatalf("%d posts, want %d", len(posts), want)
			}
			if first := posts[0].(map[string]any); first["title"] != "last" || first["user_id"] != rows[i]["id"] {
				t.Errorf("the first is not the newest of its user: %v", first)
			}
		}
	})
}
