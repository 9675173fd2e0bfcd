package httpapi_test

import (
	"flag"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/database"
	"slipway/internal/migrate/rowtypes/testdata/keys"
	"slipway/internal/resource"
	"slipway/internal/test/dbtest/blog"
)

// pair is the same API on SQLite and on MySQL. It sends every request to both, with the same
// time and the same request id. The responses must have the same status, headers and bytes.
type pair struct {
	t             *testing.T
	sqlite, mysql *testAPI
	n             int
	differences   int
	statuses      map[int]int
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{t: t, statuses: map[int]int{}}
	p.sqlite = newAPI(t, blog.New(t, "sqlite"), nil)
	// One connection, as in a Lambda sandbox: a request that needs two would wait forever.
	p.mysql = newAPI(t, blog.New(t, "mysql"), nil, database.Config{Connections: 1})
	for _, api := range []*testAPI{p.sqlite, p.mysql} {
		api.DB.Write.NowFunc = p.now
	}
	return p
}

// now returns the time of the current request.
func (p *pair) now() time.Time {
	start := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	return start.Add(time.Duration(p.n) * 1_234_567 * time.Microsecond)
}

// do sends a request to both and returns the response of SQLite.
func (p *pair) do(method, path, body string, headers ...string) response {
	p.t.Helper()
	p.n++
	headers = append(headers, fmt.Sprintf("X-Request-Id: request-%d", p.n))
	a, b := p.sqlite.Do(method, path, body, headers...), p.mysql.Do(method, path, body, headers...)
	p.statuses[a.Status]++
	same := a.Status == b.Status && a.Body == b.Body && maps.EqualFunc(a.Header, b.Header, slices.Equal)
	if !same {
		if p.differences++; p.differences <= 10 {
			p.t.Errorf("request %d: %s %s %s %q\nSQLite: %d %v %s\nMySQL:  %d %v %s", p.n, method, path, truncate(body), headers,
				a.Status, a.Header, around(a.Body, b.Body), b.Status, b.Header, around(b.Body, a.Body))
		}
	}
	if a.Status >= 500 {
		p.t.Errorf("request %d: %s %s %s: %d %s", p.n, method, path, truncate(body), a.Status, a.Body)
	}
	return a
}

func truncate(s string) string {
	if len(s) > 600 {
		return s[:600] + "…"
	}
	return s
}

// around returns a text from a little before its first difference to other.
func around(s, other string) string {
	at := 0
	for at < min(len(s), len(other)) && s[at] == other[at] {
		at++
	}
	return truncate(s[max(0, at-200):])
}

// TestParity checks that the responses are the same where the databases behave differently.
func TestParity(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("😀", 80)
	for name, requests := range map[string][][3]string{
		"text: case, accents, spaces": {
			{"POST", "/users", `[{"username":"ada","email":"a@x.org"},{"username":"Ada","email":"A@x.org"},{"username":"ada ",` +
				`"email":"a@X.org"},{"username":" ada","email":"b@x.org"}]`},
			{"POST", "/users", `[{"username":"ädä","email":"c@x.org"},{"username":"a\u0308da\u0308",` +
				`"email":"d@x.org"},{"username":"ß","email":"e@x.org"},{"username":"ss","email":"f@x.org"},{"username":"SS",` +
				`"email":"g@x.org"}]`},
			{"POST", "/users", `{"username":"Ada","email":"new@x.org"}`},
			{"GET", "/users?username=ada", ""}, {"GET", "/users?username=ADA", ""}, {"GET", "/users?username=ada%20", ""},
			{"GET", "/users?username=%C3%A4d%C3%A4", ""},
			{"GET", "/users?sort=username", ""}, {"GET", "/users?sort=-username", ""}, {"GET", "/users?username[gt]=Z", ""},
			{"GET", "/users?username[in]=ss,SS", ""},
		},
		"the order of characters": {
			{"POST", "/notes",
				`[{"title":"\ue000"},{"title":"😀"},{"title":"\uffff"},{"title":"z"},{"title":"é"},{"title":"~"},` +
					`{"title":"\u0001"},{"title":"\u007f"},{"title":"\t"},{"title":"中"},{"title":"Z"}]`},
			{"GET", "/notes?sort=title", ""}, {"GET", "/notes?sort=-title&per_page=4", ""},
			{"GET", "/notes?title[gte]=%EE%80%80", ""}, {"GET", "/notes?title[starts]=%F0%9F", ""},
			{"GET", "/notes?title[starts]=%EF%BF%BF", ""},
		},
		"patterns: case, and no escape character": {
			{"POST", "/notes",
				`[{"title":"50%"},{"title":"50x"},{"title":"a_b"},{"title":"aXb"},{"title":"A_B"},{"title":"a\\b"},` +
					`{"title":"a!b"},{"title":"a!%b"},{"title":"[a]*?"},{"title":"'quoted'"}]`},
			{"GET", "/notes?sort=id&title[like]=50%25", ""}, {"GET", "/notes?sort=id&title[like]=a_b", ""},
			{"GET", `/notes?sort=id&title[like]=a%5Cb`, ""}, {"GET", `/notes?sort=id&title[like]=a%5C_`, ""},
			{"GET", "/notes?sort=id&title[like]=a!b", ""}, {"GET", "/notes?sort=id&title[like]=a!%25", ""},
			{"GET", "/notes?sort=id&title[like]=%25!", ""}, {"GET", "/notes?sort=id&title[contains]=%25", ""},
			{"GET", "/notes?sort=id&title[contains]=_", ""},
			{"GET", "/notes?sort=id&title[starts]=50%25", ""}, {"GET", "/notes?sort=id&title[like]=[a]*?", ""},
			{"GET", "/notes?sort=id&title[contains]=%5C", ""}, {"GET", "/notes?sort=id&title[contains]='", ""},
			{"GET", "/notes?sort=id&title[like]=", ""},
		},
		"lengths, ranges and types": {
			{"POST", "/users", `{"username":"` + long + `","email":"a@x.org"}`},
			{"POST", "/users", `{"username":"` + long + `x","email":"a@x.org"}`},
			{"POST", "/users", `{"username":"x","email":"` + strings.Repeat("é", 114) + `@x.org"}`},
			{"POST", "/users", `{"username":"n","email":"n@x.org","score":"1"}`},
			{"POST", "/users", `{"username":"n","email":"n@x.org","score":1e400}`},
			{"POST", "/users", `{"username":"n","email":"n@x.org","is_active":1}`},
			{"POST", "/posts", `{"title":"x","user_id":9223372036854775807}`},
			{"POST", "/posts", `{"title":"x","user_id":-9223372036854775808}`},
			{"POST", "/posts", `{"title":"x","user_id":9223372036854775808}`},
			{"POST", "/posts", `{"title":"x","user_id":1.0}`}, {"POST", "/posts", `{"title":"x","user_id":"1"}`},
			{"POST", "/notes", `{"title":0}`}, {"POST", "/notes", `{"title":"x","content":0}`},
			{"PATCH", "/users/1", `{"username":0}`}, {"GET", "/users?username=0", ""}, {"GET", "/users?is_active=0", ""},
			{"GET", "/users?id=0", ""},
		},
		"numbers are exact": {
			{"POST", "/users", `[{"username":"1","email":"1@x.org","score":0.1},{"username":"2","email":"2@x.org",` +
				`"score":0.30000000000000004},{"username":"3","email":"3@x.org","score":1e21},{"username":"4","email":"4@x.org",` +
				`"score":1.7976931348623157e308},{"username":"5","email":"5@x.org","score":5e-324},{"username":"6",` +
				`"email":"6@x.org","score":-0.0},{"username":"7","email":"7@x.org","score":123456789012345678},{"username":"8",` +
				`"email":"8@x.org","score":1e-7},{"username":"9","email":"9@x.org","score":2.2250738585072011e-308}]`},
			{"GET", "/users?sort=score", ""}, {"GET", "/users?sort=-score&per_page=2", ""}, {"GET", "/users?score=0.1", ""},
			{"GET", "/users?score=0.30000000000000004", ""}, {"GET", "/users?score=1e21", ""},
			{"GET", "/users?score=5e-324", ""}, {"GET", "/users?score[in]=1e-7,123456789012345678", ""},
			{"GET", "/users?score[gt]=1e308", ""}, {"GET", "/users?score=0", ""}, {"GET", "/users?score=-0", ""},
		},
		"times keep microseconds and compare as instants": {
			{"POST", "/notes", `[{"title":"a"},{"title":"b"}]`}, {"POST", "/notes", `{"title":"c"}`},
			{"PATCH", "/notes/1", `{"title":"d"}`},
			{"GET", "/notes?created_at=2026-01-31T12:00:01.234567Z", ""},
			{"GET", "/notes?created_at=2026-01-31T13:00:01.234567%2B01:00", ""},
			{"GET", "/notes?created_at=2026-01-31T12:00:01.2345679Z", ""},
			{"GET", "/notes?created_at[gt]=2026-01-31T12:00:01.234567Z", ""},
			{"GET", "/notes?created_at[lte]=2026-01-31T12:00:01.5Z", ""},
			{"GET", "/notes?sort=-updated_at", ""}, {"GET", "/notes?sort=created_at&per_page=1", ""},
			{"GET", "/notes?created_at[gte]=1000-01-01T00:00:00Z&created_at[lt]=9999-12-31T23:59:59Z", ""},
			{"GET", "/notes?created_at=0999-01-01T00:00:00Z", ""},
			{"GET", "/notes?created_at[in]=2026-01-31T12:00:01.234567Z,2026-01-31T12:00:02.469134Z", ""},
		},
		"NULL equals nothing and sorts first": {
			{"POST", "/users", `[{"username":"1","email":"1@x.org","bio":null},{"username":"2","email":"2@x.org",` +
				`"bio":""},{"username":"3","email":"3@x.org","bio":"x"},{"username":"4","email":"4@x.org"}]`},
			{"GET", "/users?sort=bio", ""}, {"GET", "/users?sort=-bio", ""}, {"GET", "/users?bio=", ""},
			{"GET", "/users?bio[ne]=x", ""}, {"GET", "/users?bio[nin]=x,y", ""}, {"GET", "/users?bio[lte]=x", ""},
			{"GET", "/users?bio[null]=true", ""}, {"GET", "/users?bio[like]=%25", ""}, {"GET", "/users?bio[contains]=", ""},
			{"GET", "/users?bio[starts]=", ""},
		},
		"foreign keys": {
			{"POST", "/users", `{"username":"a","email":"a@x.org"}`}, {"POST", "/posts", `{"title":"x","user_id":2}`},
			{"POST", "/posts", `{"title":"x","user_id":1}`}, {"PATCH", "/posts/1", `{"user_id":2}`},
			{"PUT", "/posts/1", `{"title":"x","user_id":0}`}, {"PATCH", "/posts?all=true", `{"user_id":3}`},
			{"GET", "/users/1/posts", ""}, {"DELETE", "/users/1", ""}, {"GET", "/posts", ""}, {"GET", "/posts/1", ""},
			{"GET", "/users/1/posts", ""},
		},
		"ids are not used again": {
			{"POST", "/notes", `[{"title":"a"},{"title":"b"}]`}, {"DELETE", "/notes/2", ""}, {"POST", "/notes", `{"title":"c"}`},
			{"DELETE", "/notes?all=true", ""}, {"POST", "/notes", `[{"title":"d"},{"title":"e"}]`},
		},
		"invalid text": {
			{"POST", "/notes", `{"title":"a\u0000b"}`}, {"POST", "/notes", "{\"title\":\"a\xffb\"}"},
			{"POST", "/notes", `{"title":"\ud83d"}`}, {"GET", "/notes?title=%00", ""}, {"GET", "/notes?title=%ff", ""},
			{"POST", "/notes", "{\"title\":\"a\x00b\"}"}, {"GET", "/notes?title=%ed%a0%80", ""},
		},
		"unique values": {
			{"POST", "/users", `[{"username":"a","email":"a@x.org"},{"username":"b","email":"b@x.org"}]`},
			{"POST", "/users", `{"username":"a","email":"b@x.org"}`}, {"POST", "/users", `{"username":"c","email":"b@x.org"}`},
			{"PATCH", "/users/2", `{"username":"a","email":"a@x.org"}`}, {"PATCH", "/users?all=true", `{"email":"z@x.org"}`},
			{"PATCH", "/users?all=true", `{"username":"z","email":"z@x.org"}`},
			{"PATCH", "/users?all=true", `{"username":"z","email":"a@x.org"}`},
			{"POST", "/users", `[{"username":"x","email":"x@x.org"},{"username":"x","email":"x@x.org"}]`},
			{"PUT", "/users/1", `{"username":"b","email":"a@x.org"}`}, {"GET", "/users?sort=id", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t)
			for _, r := range requests {
				got := p.do(r[0], r[1], r[2])
				if r[0] == http.MethodGet {
					for next := got.Next(); next != ""; {
						next = p.do("GET", next, "").Next()
					}
					p.do("HEAD", r[1], "")
				}
			}
		})
	}
}

// seed and requests select the random requests of TestParityRandom.
var (
	seed     = flag.Uint64("seed", 1, "the seed of the random requests")
	requests = flag.Int("requests", 10_000, "the number of random requests")
)

// TestParityRandom sends 10,000 random requests, valid and invalid, to the tables of package blog, to those with every
// shape of a key, and to those with columns and keys of every type. It is sequential, so the race detector cannot find
// races; because it is ten times slower, it runs fewer requests.
func TestParityRandom(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		open   func(*testing.T) *pair
		tables []*resource.Table
	}{
		"blog":  {newPair, blog.Tables},
		"keys":  {newKeysPair, keys.Tables},
		"types": {newAllTypesPair, allTypes},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := c.open(t)
			d := newRandreq(*seed, c.tables)
			for range *requests {
				r := d.request()
				d.learn(r, p.do(r.method, r.path, r.body, r.headers...))
			}
			t.Logf("statuses: %v", p.statuses)
			for _, status := range []int{200, 201, 204, 304, 400, 404, 405, 409, 412, 415, 422} {
				if p.statuses[status] < 5 {
					t.Errorf("status %d occurred only %d times: the random requests do not cover it", status, p.statuses[status])
				}
			}
			if p.differences > 0 {
				t.Errorf("%d of %d requests differ", p.differences, p.n)
			}
		})
	}
}
