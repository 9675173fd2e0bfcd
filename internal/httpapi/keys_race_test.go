package httpapi_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"slipway/internal/httpapi"
	"slipway/internal/migrate/rowtypes/testdata/keys"
	"slipway/internal/test/dbtest"
)

// TestPutRace sends concurrent requests that create one row. With PUT exactly one creates it and the others replace it.
// With If-None-Match exactly one succeeds. With a link all succeed.
func TestPutRace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		api := newAPI(t, url, func(o *httpapi.Options) { o.Tables = keys.Tables })
		createKeys(t, api)
		api.Must(http.StatusCreated, "POST", "/films", `{"title":"f"}`)
		api.Must(http.StatusCreated, "POST", "/actors", `{"name":"a"}`)
		const rounds, writers = 20, 8
		for round := range rounds {
			for _, c := range []struct {
				method, path, body, header string
				want                       map[int]int
			}{
				{"PUT", fmt.Sprintf("/tags/a%d", round), `{"label":"%d"}`, "", map[int]int{201: 1, 200: writers - 1}},
				{"PUT", fmt.Sprintf("/tags/b%d", round), `{"label":"%d"}`, "If-None-Match: *",
					map[int]int{201: 1, 412: writers - 1}},
				{"PUT", "/films/1/actors/1", "", "", map[int]int{204: writers}},
				{"DELETE", "/films/1/actors/1", "", "", map[int]int{204: writers}},
				{"PUT", fmt.Sprintf("/flags/true,%d,2026", round), `{"note":"%d"}`, "", map[int]int{201: 1, 200: writers - 1}},
			} {
				got := race(t, api, writers, c.method, c.path, c.body, c.header)
				for status, n := range c.want {
					if got[status] != n {
						t.Errorf("%s %s %s: %v, want %v", c.method, c.path, c.header, got, c.want)
					}
				}
			}
		}
	})
}

// race sends a request several times at once and counts the statuses. The body is a format with a number, or empty.
func race(t *testing.T, api *testAPI, writers int, method, path, body, header string) map[int]int {
	t.Helper()
	statuses := map[int]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	release := make(chan struct{})
	for i := range writers {
		all.Go(func() {
			var headers []string
			if header != "" {
				headers = append(headers, header)
			}
			text := body
			if body != "" {
				text = fmt.Sprintf(body, i)
			}
			<-release
			got := api.Do(method, path, text, headers...)
			mu.Lock()
			defer mu.Unlock()
			statuses[got.Status]++
			if got.Status >= http.StatusInternalServerError {
				t.Errorf("%s %s: %d %s", method, path, got.Status, got.Body)
			}
		})
	}
	close(release)
	all.Wait()
	return statuses
}
