package httpapi_test

import (
	"strings"
	"testing"
)

// TestLargeResponses checks that a response over Lambda's limit is an error with advice.
func TestLargeResponses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"by its texts": strings.Repeat("x", 900_000),
		// Twice as long in JSON, and four times as long in the event.
		"by its escapes": strings.Repeat(`\"`, 450_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, api *testAPI) {
				api.seed()
				for range 7 {
					api.Must(201, "POST", "/posts", `{"title":"x","user_id":1,"body":"`+text+`"}`)
				}
				for _, path := range []string{"/posts", "/posts?page=1", "/posts?fields=body", "/users/1/posts",
					"/users?include=posts", "/users/1?include=posts", "/posts?include=author"} {
					got := api.Must(400, "GET", path, "")
					if !strings.Contains(got.Body, `"param":"per_page","code":"too_large"`) {
						t.Errorf("%s: %s", path, got.Body)
					}
					if got.Header.Get("X-Total-Count")+got.Header.Get("Link")+got.Header.Get("ETag") != "" {
						t.Errorf("%s: an error with the headers of a success: %v", path, got.Header)
					}
				}
				for _, path := range []string{"/posts?per_page=1", "/posts?fields=id,title&include=author", "/users", "/posts/7"} {
					api.Must(200, "GET", path, "")
				}
				api.Must(200, "HEAD", "/posts", "")
			})
		})
	}
}
