package main

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/dbtest/blog/project"
	"slipway/internal/test/lambdatest"
)

// TestMain builds the function with the tables of package blog.
func TestMain(m *testing.M) { os.Exit(project.Run(m)) }

// sandbox is the real binary in a sandbox behind a gateway.
type sandbox struct {
	*lambdatest.Function
	t     *testing.T
	front front
}

// start starts the function with the database url behind an HTTP API. AUTH is off unless env sets it.
func start(t *testing.T, url string, env ...string) *sandbox {
	t.Helper()
	fn := lambdatest.Start(t, "slipway/functions/api", append([]string{"DATABASE_URL=" + url, "AUTH=off"}, env...)...)
	return &sandbox{fn, t, fronts[0]}
}

// behind returns the same sandbox behind another front, for a subtest. Requests of parallel subtests wait for each
// other.
func (s *sandbox) behind(t *testing.T, g front) *sandbox { return &sandbox{s.Function, t, g} }

// do sends one request and returns the response.
func (s *sandbox) do(r request) response {
	s.t.Helper()
	got, err := s.try(s.t.Context(), r)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", r.method, r.path, err, s.Logs())
	}
	return got
}

// try is [sandbox.do] with a deadline, for an invocation that may fail.
func (s *sandbox) try(ctx context.Context, r request) (response, error) {
	s.t.Helper()
	event, err := json.Marshal(s.front.make(r, s.front.base))
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := s.Invoke(ctx, event)
	if err != nil {
		return response{}, err
	}
	return readResponse(s.t, out), nil
}

// must sends a request that must return that status.
func (s *sandbox) must(status int, method, path, body string) response {
	s.t.Helper()
	got := s.do(request{method: method, path: path, body: body})
	if got.status != status {
		s.t.Fatalf("%s %s: %d %s, want %d\n%s", method, path, got.status, got.body, status, s.Logs())
	}
	return got
}

// lines waits until the log has n lines and returns them.
func (s *sandbox) lines(n int) string {
	s.t.Helper()
	for begun := time.Now(); time.Since(begun) < 10*time.Second; time.Sleep(5 * time.Millisecond) {
		if strings.Count(s.Logs(), "\n") >= n {
			return s.Logs()
		}
	}
	s.t.Fatalf("the log has less than %d lines:\n%s", n, s.Logs())
	return ""
}

// step is one request of the story and its expected response. In body and header, BASE is the base path of the gateway,
// TIME any time, and VERSION the latest migration; "" is a missing header.
type step struct {
	request
	status int
	body   string
	header map[string]string
}

// problem returns the body of an error, up to the member errors.
func problem(status, title, detail, errors string) string {
	return `{"type":"about:blank","title":"` + title + `","status":` + status + `,"detail":"` + detail +
		`","request_id":"story","error":"` + detail + `"` + errors + `}`
}

// Words that occur only in a body and in a query value.
const bodySecret, querySecret = "s3cret-body", "s3cret-query"

var story = []step{
	{request{"GET", "/", "", ""}, 200, `{"tables":[{"name":"users","path":"BASE/users"},` +
		`{"name":"posts","path":"BASE/posts"},{"name":"notes","path":"BASE/notes"}],` +
		`"docs":"BASE/docs","openapi":"BASE/openapi.json"}`, map[string]string{"Vary": "Accept"}},
	{request{"GET", "/healthz", "", ""}, 200, `{"status":"ok"}`, map[string]string{"Content-Type": "application/json"}},
	{request{"GET", "/readyz", "", ""}, 200, `{"schema":"VERSION","status":"ok"}`, nil},
	{request{"POST", "/users", "", `{"username":"ada","email":"ada@example.com","bio":"s3cret-body","score":9.5}`}, 201,
		`{"id":1,"username":"ada","email":"ada@example.com","bio":"s3cret-body","is_active":true,"score":9.5,` +
			`"created_at":"TIME","updated_at":"TIME"}`,
		map[string]string{"Location": "BASE/users/1", "Content-Type": "application/json"}},
	{request{"POST", "/users", "", `{"username":"ada","email":"other@example.com"}`}, 409,
		problem("409", "Conflict", "Username is already taken", `,"errors":[{"field":"username","code":"duplicate",`+
			`"detail":"Username is already taken"}]`),
		map[string]string{"Content-Type": "application/problem+json", "Location": ""}},
	{request{"POST", "/posts", "", `{"title":"on <engines> & Grüße 😀","user_id":1}`}, 201,
		`{"id":1,"title":"on <engines> & Grüße 😀","body":null,"user_id":1,"created_at":"TIME","updated_at":"TIME"}`,
		map[string]string{"Location": "BASE/posts/1"}},
	{request{"POST", "/posts", "", `{"title":"second","body":"two","user_id":1}`}, 201,
		`{"id":2,"title":"second","body":"two","user_id":1,"created_at":"TIME","updated_at":"TIME"}`, nil},
	{request{"POST", "/posts", "", `{"title":"no author","user_id":99}`}, 422,
		problem("422", "Unprocessable Entity", "User id references a row that does not exist",
			`,"errors":[{"field":"user_id","code":"missing_parent",`+
				`"detail":"User id references a row that does not exist"}]`), nil},
	{request{"GET", "/posts", "sort=-id&page=1&per_page=1", ""}, 200,
		`[{"id":2,"title":"second","body":"two","user_id":1,"created_at":"TIME","updated_at":"TIME"}]`,
		map[string]string{"X-Total-Count": "2", "Link": `<BASE/posts?page=2&per_page=1&sort=-id>; rel="next", ` +
			`<BASE/posts?page=1&per_page=1&sort=-id>; rel="first", <BASE/posts?page=2&per_page=1&sort=-id>; rel="last"`}},
	{request{"GET", "/posts", "title=on+%3Cengines%3E+%26+Gr%C3%BC%C3%9Fe+%F0%9F%98%80", ""}, 200,
		`[{"id":1,"title":"on <engines> & Grüße 😀","body":null,"user_id":1,"created_at":"TIME","updated_at":"TIME"}]`,
		map[string]string{"X-Total-Count": "", "Link": ""}},
	{request{"GET", "/posts", "body=s3cret-query", ""}, 200, `[]`, nil},
	{request{"PATCH", "/users/1", "", `{"bio":null,"is_active":false}`}, 200,
		`{"id":1,"username":"ada","email":"ada@example.com","bio":null,"is_active":false,"score":9.5,"created_at":"TIME",` +
			`"updated_at":"TIME"}`, nil},
	{request{"DELETE", "/posts/1", "", ""}, 204, "", map[string]string{"Content-Type": ""}},
	{request{"GET", "/posts/1", "", ""}, 404, problem("404", "Not Found", "Row not found", ""), nil},
	{request{"GET", "/nothing", "", ""}, 404, problem("404", "Not Found", "Path not found", ""), nil},
	{request{"PUT", "/posts", "", `{}`}, 405,
		problem("405", "Method Not Allowed", "Method PUT is not supported at this path", ""),
		map[string]string{"Allow": "GET, HEAD, POST, PATCH, DELETE, OPTIONS"}},
	{request{"GET", "/posts", "colour=red", ""}, 400,
		problem("400", "Bad Request", "Unknown parameter colour",
			`,"errors":[{"param":"colour","code":"unknown","detail":"Unknown parameter colour"}]`), nil},
	{request{"GET", "/users/1/posts", "title%5Bstarts%5D=sec&fields=id", ""}, 200, `[{"id":2}]`, nil},
	{request{"POST", "/users/1/posts", "", `[{"title":"a"},{"title":"b"}]`}, 201,
		`[{"id":3,"title":"a","body":null,"user_id":1,"created_at":"TIME","updated_at":"TIME"},{"id":4,"title":"b",` +
			`"body":null,"user_id":1,"created_at":"TIME","updated_at":"TIME"}]`, nil},
	{request{"HEAD", "/posts", "page=2&per_page=2", ""}, 200, "", map[string]string{"X-Total-Count": "3",
		"Link": `<BASE/posts?page=1&per_page=2>; rel="prev", <BASE/posts?page=1&per_page=2>; rel="first", ` +
			`<BASE/posts?page=2&per_page=2>; rel="last"`}},
	{request{"DELETE", "/posts", "id%5Bin%5D=3%2C4&dry_run=true", ""}, 200, `{"affected":2}`, nil},
	{request{"OPTIONS", "/posts/2", "", ""}, 204, "",
		map[string]string{"Allow": "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"}},
}

// TestPage: the OpenAPI document contains the URL of the gateway, and the page at /docs and its files arrive unchanged
// through every gateway.
func TestPage(t *testing.T) {
	t.Parallel()
	function := start(t, "mysql://root@127.0.0.1:1/app")
	for _, g := range fronts {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			s := function.behind(t, g)
			base := g.base
			if base == "" {
				base = "/"
			}
			for path, want := range map[string]string{
				"/openapi.json": `"servers":[{"url":"` + base + `"}]`, "/docs": `src="docs/page.js"`,
				"/docs/page.js": `url: "openapi.json"`,
			} {
				if got := s.do(request{"GET", path, "", ""}); got.status != 200 || !strings.Contains(got.body, want) {
					t.Errorf("%s: %d, lacks %s", path, got.status, want)
				}
			}
			for path, least := range map[string]int{"/docs/swagger-ui-bundle.js": 1 << 20, "/docs/swagger-ui.css": 1 << 17} {
				got := s.do(request{"GET", path, "", ""})
				if tooBig := strings.HasPrefix(g.name, "load balancer") && least > 1<<19; tooBig {
					if got.status != 400 { // the client does not accept gzip, and the limit of a load balancer is 1 MB
						t.Errorf("%s: %d", path, got.status)
					}
					continue
				}
				if got.status != 200 || len(got.body) < least {
					t.Errorf("%s: %d with %d bytes", path, got.status, len(got.body))
				}
			}
		})
	}
}

var times = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"`)

// TestStory sends the same requests through every gateway. The responses must be equal, except for the base path.
func TestStory(t *testing.T) {
	t.Parallel()
	for _, g := range fronts {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, blog.MySQL(t))
			s.front = g
			fill := strings.NewReplacer("BASE", g.base, "VERSION", blog.Version)
			for _, step := range story {
				got := s.do(step.request)
				body := times.ReplaceAllString(got.body, `"TIME"`)
				if want := fill.Replace(step.body); got.status != step.status || body != want {
					t.Fatalf("%s %s: %d %s\nwant %d %s", step.method, step.path, got.status, body, step.status, want)
				}
				if id := got.header.Get("X-Request-Id"); id != "story" {
					t.Errorf("%s %s: X-Request-Id %q", step.method, step.path, id)
				}
				for name, want := range step.header {
					if have := got.header.Get(name); have != fill.Replace(want) {
						t.Errorf("%s %s: %s %q, want %q", step.method, step.path, name, have, fill.Replace(want))
					}
				}
			}
			checkLog(t, s.lines(len(story)), story)
		})
	}
}

// checkLog checks that the log has one JSON line per request, in order, with exactly the documented members, and no
// other lines.
func checkLog(t *testing.T, logs string, steps []step) {
	t.Helper()
	for _, secret := range []string{bodySecret, querySecret, "engines", "example.com", lie, "page=", "colour"} {
		if strings.Contains(logs, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	lines := strings.Split(strings.TrimSuffix(logs, "\n"), "\n")
	if len(lines) != len(steps) {
		t.Fatalf("%d lines for %d requests:\n%s", len(lines), len(steps), logs)
	}
	members := []string{"time", "level", "msg", "request_id", "gateway_request_id", "method", "path", "route", "status",
		"duration_ms", "client_ip", "trace_id"}
	member := regexp.MustCompile(`[{,]"(\w+)":`)
	trace := regexp.MustCompile(`^1-[0-9a-f]{8}-[0-9a-f]{24}$`)
	routes := map[string]string{
		"/nothing": "", "/posts/1": "/posts/:id", "/users/1/posts": "/users/:id/posts", "/posts": "/posts",
	}
	for i, text := range lines {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var got []string
		for _, m := range member.FindAllStringSubmatch(text, -1) {
			got = append(got, m[1])
		}
		if !slices.Equal(got, members) {
			t.Errorf("members %q, want %q", got, members)
		}
		if id, _ := line["trace_id"].(string); !trace.MatchString(id) {
			t.Errorf("trace_id %v", line["trace_id"])
		}
		if route, known := routes[steps[i].path]; known && steps[i].status != 405 && line["route"] != route {
			t.Errorf("%s has the route %v, want %q", steps[i].path, line["route"], route)
		}
		if _, err := time.Parse(time.RFC3339, line["time"].(string)); err != nil {
			t.Error(err)
		}
		took, _ := line["duration_ms"].(float64)
		if line["level"] != "INFO" || line["msg"] != "request" || took <= 0 ||
			line["request_id"] != "story" || line["gateway_request_id"] != gatewayID || line["client_ip"] != clientIP ||
			line["method"] != steps[i].method || line["path"] != steps[i].path || line["status"] != float64(steps[i].status) {
			t.Errorf("line of %s %s: %s", steps[i].method, steps[i].path, text)
		}
	}
}
