package httpapi_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestETag checks that a row has the same ETag in every response, and another one after
// every change.
func TestETag(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		made := api.Must(201, "POST", "/users", `{"username":"ada","email":"ada@example.com","score":0.1}`)
		tag := made.Header.Get("ETag")
		if len(tag) != 18 || tag[0] != '"' || tag[17] != '"' {
			t.Fatalf("ETag %s", tag)
		}
		same := func(got response, want string) {
			t.Helper()
			if h := got.Header.Get("ETag"); h != want {
				t.Errorf("ETag %s, want %s", h, want)
			}
		}
		same(api.Must(200, "GET", "/users/1", ""), tag)
		same(api.Must(200, "HEAD", "/users/1", ""), tag)
		same(api.Must(200, "GET", "/users/1?fields=id", ""), tag)
		same(api.Must(200, "PATCH", "/users/1", `{}`), tag)
		for _, header := range []string{tag, "W/" + tag, `"x", ` + tag, "*", `W/"y",W/` + tag} {
			got := api.Must(304, "GET", "/users/1", "", "If-None-Match: "+header)
			same(got, tag)
			if got.Body != "" {
				t.Errorf("304 with a body: %s", got.Body)
			}
		}
		api.Must(304, "HEAD", "/users/1", "", "If-None-Match: "+tag)
		api.Must(304, "GET", "/users/1?fields=id", "", "If-None-Match: "+tag)
		api.Must(200, "GET", "/users/1?include=posts", "", "If-None-Match: "+tag)
		for _, header := range []string{`"x"`, strings.Trim(tag, `"`), "", tag[:10]} {
			api.Must(200, "GET", "/users/1", "", "If-None-Match: "+header)
		}
		changed := api.Must(200, "PATCH", "/users/1", `{"score":0.2}`)
		if changed.Header.Get("ETag") == tag {
			t.Error("the ETag is the same after a change")
		}
		same(api.Must(200, "GET", "/users/1", "", "If-None-Match: "+tag), changed.Header.Get("ETag"))
		same(api.Must(200, "PUT", "/users/1", changed.Body), api.Must(200, "GET", "/users/1", "").Header.Get("ETag"))
	})
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.seed()
		tag := func(path string) string { return api.Must(200, "GET", path, "").Header.Get("ETag") }
		old := tag("/users/1")
		api.Must(200, "PATCH", "/users/1", `{"bio":"new"}`, "If-Match: "+old)
		for _, method := range []string{"PATCH", "PUT", "DELETE"} {
			body := `{"username":"x","email":"x@example.com"}`
			for _, header := range []string{old, "W/" + tag("/users/1"), `"nonsense"`, "nonsense",
				strings.Trim(tag("/users/1"), `"`)} {
				got := api.Must(412, method, "/users/1", body, "If-Match: "+header)
				if !strings.Contains(got.Body, "If-Match") {
					t.Errorf("%s", got.Body)
				}
			}
			api.Must(412, method, "/users/1", body, "If-None-Match: *")
			api.Must(412, method, "/users/1", body, "If-None-Match: "+tag("/users/1"))
			api.Must(404, method, "/users/99", body, "If-Match: "+old)
			api.Must(404, method, "/users/99", body, "If-Match: *")
		}
		if got := api.Must(200, "GET", "/users/1", "").Object(t); got["bio"] != "new" || got["username"] != "ada" {
			t.Errorf("a refused request changed the row: %v", got)
		}
		api.Must(412, "PATCH", "/users/1", `{}`, "If-Match: "+old)
		api.Must(200, "PATCH", "/users/1", `{}`, "If-Match: "+tag("/users/1"))
		api.Must(200, "PATCH", "/users/1", `{"score":1}`, `If-Match: "other", `+tag("/users/1"))
		api.Must(200, "PATCH", "/users/1", `{"score":2}`, "If-Match: *")
		api.Must(200, "PATCH", "/users/1", `{"score":3}`, `If-None-Match: "other"`)
		api.Must(200, "PUT", "/users/1", `{"username":"ada","email":"ada@example.com"}`, "If-Match: "+tag("/users/1"))
		api.Must(422, "PATCH", "/users/1", `{"score":"x"}`, "If-Match: "+old)
		api.Must(409, "PATCH", "/users/1", `{"username":"bob"}`, "If-Match: "+tag("/users/1"))
		api.Must(204, "DELETE", "/users/1", "", "If-Match: "+tag("/users/1"))
		api.Must(404, "DELETE", "/users/1", "", "If-Match: "+old)
	})
}

// TestIfMatchRace checks that one of fifty writers with the same ETag succeeds, with any
// clock, and even if all write the same values.
func TestIfMatchRace(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"different": `{"content":"by %d"}`, "alike": `{"content":"by all"}`, "nothing new": `{"content":"first"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, api *testAPI) {
				stopped := api.DB.Write.NowFunc()
				api.DB.Write.NowFunc = func() time.Time { return stopped }
				api.seed() // at the same time as all following requests
				tag := api.Must(200, "GET", "/notes/1", "").Header.Get("ETag")
				counts := api.race(50, func(i int) response {
					b := body
					if strings.Contains(b, "%d") {
						b = fmt.Sprintf(b, i)
					}
					return api.Do("PATCH", "/notes/1", b, "If-Match: "+tag)
				})
				if counts[200] != 1 || counts[412] != 49 {
					t.Errorf("statuses %v: want one 200, all others 412", counts)
				}
			})
		})
	}
}

// TestNoUpdateIsLost checks that a counter that many clients increment with If-Match has
// the number of successful increments.
func TestNoUpdateIsLost(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.Must(201, "POST", "/users", `{"username":"counter","email":"c@example.com"}`)
		const each = 10
		api.race(8, func(int) response {
			done := 0
			for done < each {
				seen := api.Do("GET", "/users/1", "", "Cache-Control: no-cache")
				if seen.Status != 200 {
					return seen
				}
				score := seen.Object(t)["score"].(float64)
				got := api.Do("PATCH", "/users/1", fmt.Sprintf(`{"score":%g}`, score+1), "If-Match: "+seen.Header.Get("ETag"))
				switch got.Status {
				case 200:
					done++
				case 412:
				default:
					return got
				}
			}
			return response{Status: 200}
		})
		if got := api.Must(200, "GET", "/users/1", "").Object(t); got["score"] != float64(8*each) {
			t.Errorf("the counter is %v after %d increments", got["score"], 8*each)
		}
	})
}

// race calls run n times concurrently and counts the statuses.
func (a *testAPI) race(n int, run func(i int) response) map[int]int {
	a.T.Helper()
	answers := make([]response, n)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			answers[i] = run(i)
		})
	}
	close(start)
	wg.Wait()
	counts := map[int]int{}
	for _, got := range answers {
		counts[got.Status]++
		if got.Status >= 500 {
			a.T.Errorf("%d %s", got.Status, got.Body)
		}
	}
	return counts
}
