package httpapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"slipway/internal/httpapi"
	"slipway/internal/test/dbtest/blog"
)

// TestFirstRequestsAtOnce sends concurrent first requests to every route of new handlers, to
// test lazy initialization with the race detector. No response may be a 5xx.
func TestFirstRequestsAtOnce(t *testing.T) {
	t.Parallel()
	const handlers, each = 4, 3
	blog.Each(t, func(t *testing.T, url string) {
		before := newAPI(t, url, nil)
		for id := range handlers { // a row of each table for each handler
			before.Must(201, "POST", "/users", fmt.Sprintf(`{"username":"user %d","email":"user%[1]d@example.com"}`, id))
			before.Must(201, "POST", "/posts", fmt.Sprintf(`{"title":"post","user_id":%d}`, id+1))
			before.Must(201, "POST", "/notes", `{"title":"note"}`)
		}
		statuses := map[int]int{}
		var mu sync.Mutex
		for n := range handlers {
			api := newAPI(t, url, nil)
			id := fmt.Sprint(n + 1)
			release := make(chan struct{})
			var all sync.WaitGroup
			for _, r := range httpapi.Routes(api.Handler) {
				for i := range each {
					all.Go(func() {
						request := stormRequest(r.Method, r.Path, id, fmt.Sprint(i))
						w := httptest.NewRecorder()
						<-release
						api.Handler.ServeHTTP(w, request)
						mu.Lock()
						defer mu.Unlock()
						statuses[w.Code]++
						// 503 is the status of a MySQL deadlock after several tries.
						if w.Code >= http.StatusInternalServerError && w.Code != http.StatusServiceUnavailable {
							t.Errorf("%s %s: %d %s", r.Method, r.Path, w.Code, w.Body)
						}
					})
				}
			}
			close(release)
			all.Wait()
			for line := range strings.Lines(api.Log.String()) {
				if strings.Contains(line, `"level":"ERROR"`) {
					t.Log(line) // only the log has the cause
				}
			}
		}
		for _, status := range []int{200, 201, 204} {
			if statuses[status] == 0 {
				t.Errorf("too few requests succeed: %v", statuses)
			}
		}
		t.Log(statuses)
	})
}

// stormRequest returns a valid request for a route and the row with that id. An earlier
// request may have deleted the row. Requests with different n have different values.
func stormRequest(method, route, id, n string) *http.Request {
	path := strings.NewReplacer(":id", id, ":file", "page.js").Replace(route)
	one := strings.HasSuffix(route, "/:id")
	table := strings.TrimSuffix(path, "/"+id)
	table = table[strings.LastIndexByte(table, '/')+1:]
	body := map[string]string{
		"users": `{"username":"storm ` + id + n + method + `","email":"storm` + id + n + method + `@example.com"}`,
		"posts": `{"title":"storm","user_id":` + id + `}`,
		"notes": `{"title":"storm"}`,
	}[table]
	switch {
	case method == http.MethodPost && n == "1":
		body = "[" + body + "]"
	case (method == http.MethodPatch || method == http.MethodDelete) && !one:
		path += "?id[gt]=3&dry_run=" + fmt.Sprint(n == "1")
	case method == http.MethodGet && table == "posts" && !one:
		path += "?include=author&sort=title&page=1&title[in]=post,storm"
	case method == http.MethodGet && table == "users" && !one:
		path += "?include=posts&fields=id&count=exact"
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if n == "2" {
		r.Header.Set("Idempotency-Key", id+path)
		if one {
			r.Header.Set("If-Match", "*")
		}
	}
	return r
}
