package gateway_test

import (
	"net/http"
	"testing"

	"slipway/internal/gateway"
)

// TestPaths: the path of an event is split into BasePath and the handler's path.
func TestPaths(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		event      string // without the common members of the kind
		kind       string
		base, path string
	}{
		"http: no stage": {
			`"rawPath":"/notes/7"`, "http", "", "/notes/7"},
		"http: a greedy parameter, nothing in front": {
			`"rawPath":"/notes/7","pathParameters":{"proxy":"notes/7"}`, "http", "", "/notes/7"},
		"http: a greedy parameter behind a base path": {
			`"rawPath":"/v1/notes/7","pathParameters":{"proxy":"notes/7"}`, "http", "/v1", "/notes/7"},
		"http: a greedy parameter behind a route's prefix": {
			`"rawPath":"/api/notes/7","routeKey":"ANY /api/{proxy+}","pathParameters":{"proxy":"notes/7"}`,
			"http", "/api", "/notes/7"},
		"http: a greedy parameter of another name": {
			`"rawPath":"/v1/notes/7","routeKey":"ANY /{rest+}","pathParameters":{"rest":"notes/7"}`,
			"http", "/v1", "/notes/7"},
		"http: a greedy parameter without the closing slash": {
			`"rawPath":"/v1/notes/","pathParameters":{"proxy":"notes"}`, "http", "/v1", "/notes/"},
		"http: a greedy parameter that came encoded": {
			`"rawPath":"/v1/notes/a b","pathParameters":{"proxy":"notes/a%20b"}`, "http", "/v1", "/notes/a b"},
		"http: a greedy parameter is no suffix inside a segment": {
			`"rawPath":"/my-notes","pathParameters":{"proxy":"notes"}`, "http", "", "/my-notes"},
		"http: a greedy parameter of another path": {
			`"rawPath":"/notes/7","pathParameters":{"proxy":"posts/7"}`, "http", "", "/notes/7"},
		"http: the route of the root behind a base path": {
			`"rawPath":"/v1","routeKey":"ANY /"`, "http", "/v1", "/"},
		"http: a route with a parameter behind a base path": {
			`"rawPath":"/v1/notes/7","routeKey":"GET /notes/{id}","pathParameters":{"id":"7"}`,
			"http", "/v1", "/notes/7"},
		"http: a route that does not fit the path": {
			`"rawPath":"/v1/notes/a/b","routeKey":"GET /notes/{id}"`, "http", "", "/v1/notes/a/b"},
		"http: a named stage": {
			`"rawPath":"/dev/notes/7","requestContext":{"stage":"dev",`, "http", "/dev", "/notes/7"},
		"http: a named stage and nothing else": {
			`"rawPath":"/dev","requestContext":{"stage":"dev",`, "http", "/dev", "/"},
		"http: a named stage and a slash": {
			`"rawPath":"/dev/","requestContext":{"stage":"dev",`, "http", "/dev", "/"},
		"http: a stage is a whole segment": {
			`"rawPath":"/development/notes","requestContext":{"stage":"dev",`, "http", "", "/development/notes"},
		"http: a stage named as a table": {
			`"rawPath":"/notes/7","requestContext":{"stage":"notes",`, "http", "/notes", "/7"},
		"http: a stage named as a table, told by the parameter": {
			`"rawPath":"/notes/7","pathParameters":{"proxy":"notes/7"},"requestContext":{"stage":"notes",`,
			"http", "", "/notes/7"},
		"http: the default stage": {
			`"rawPath":"/$default/notes","requestContext":{"stage":"$default",`, "http", "", "/$default/notes"},
		"http: no rawPath": {
			`"requestContext":{"http":{"method":"GET","path":"/notes/7"}}`, "raw", "", "/notes/7"},
		"http: a base path that is not ASCII": {
			`"rawPath":"/läden/notes/7","pathParameters":{"proxy":"notes/7"}`, "http", "/l%C3%A4den", "/notes/7"},
		"http: a base path is never another host": {
			`"rawPath":"//example.org/notes/7","pathParameters":{"proxy":"notes/7"}`,
			"http", "/example.org", "/notes/7"},
		"http: an escape is data": {
			`"rawPath":"/notes/%41?b"`, "http", "", "/notes/%41?b"},
		"http, payload 1.0: an escape is data": {
			`"version":"1.0","path":"/dev/notes/%41","requestContext":{"stage":"dev"}`, "v1", "/dev", "/notes/%41"},

		"rest: the stage by the two paths": {
			`"path":"/notes/7","requestContext":{"stage":"dev","path":"/dev/notes/7"}`, "v1", "/dev", "/notes/7"},
		"rest: the stage by the greedy parameter": {
			`"path":"/notes/7","pathParameters":{"proxy":"notes/7"},
			 "requestContext":{"stage":"dev","path":"/dev/notes/7"}`, "v1", "/dev", "/notes/7"},
		"rest: the root of a stage": {
			`"path":"/","resource":"/","requestContext":{"stage":"dev","path":"/dev"}`, "v1", "/dev", "/"},
		"rest: the root of a stage, with a slash": {
			`"path":"/","resource":"/","requestContext":{"stage":"dev","path":"/dev/"}`, "v1", "/dev", "/"},
		"rest: the root of a stage, without a resource": {
			`"path":"/","requestContext":{"stage":"dev","path":"/dev"}`, "v1", "/dev", "/"},
		"rest: a base path": {
			`"path":"/v1/notes/7","resource":"/{proxy+}","pathParameters":{"proxy":"notes/7"},
			 "requestContext":{"stage":"dev","path":"/v1/notes/7"}`, "v1", "/v1", "/notes/7"},
		"rest: a base path and its root": {
			`"path":"/v1","resource":"/","requestContext":{"stage":"dev","path":"/v1"}`, "v1", "/v1", "/"},
		"rest: a base path of two segments, and a resource": {
			`"path":"/a/b/notes/7/","resource":"/notes/{id}","requestContext":{"stage":"dev","path":"/a/b/notes/7/"}`,
			"v1", "/a/b", "/notes/7/"},
		"rest: a base path of two segments, and a resource whose letters came encoded": {
			`"path":"/a/b/n%6Ftes/7","resource":"/notes/{id}","requestContext":{"stage":"dev","path":"/a/b/n%6Ftes/7"}`,
			"v1", "/a/b", "/notes/7"},
		"rest: a base path and the stage": {
			`"path":"/v1/dev/notes","resource":"/{proxy+}","pathParameters":{"proxy":"notes"},
			 "requestContext":{"stage":"dev","path":"/v1/dev/notes"}`, "v1", "/v1/dev", "/notes"},
		"rest: a stage named as a table": {
			`"path":"/notes/7","requestContext":{"stage":"notes","path":"/notes/notes/7"}`, "v1", "/notes", "/notes/7"},
		"rest: a stage named as a table, on a domain of its own": {
			`"path":"/notes/7","requestContext":{"stage":"notes","path":"/notes/7"}`, "v1", "", "/notes/7"},
		"rest: escapes are escapes": {
			`"path":"/notes/%41%25%2F","requestContext":{"stage":"dev","path":"/dev/notes/%41%25%2F"}`,
			"v1", "/dev", "/notes/A%/"},
		"rest: a greedy parameter that came decoded": {
			`"path":"/v1/notes/a%20b%2Fc","pathParameters":{"proxy":"notes/a b/c"},
			 "requestContext":{"stage":"dev","path":"/v1/notes/a%20b%2Fc"}`, "v1", "/v1", "/notes/a b/c"},
		"rest: a stray percent sign": {
			`"path":"/notes/100%","requestContext":{"stage":"dev","path":"/dev/notes/100%"}`,
			"v1", "/dev", "/notes/100%"},
		"rest: no request context": {
			`"path":"/notes/7"`, "v1", "", "/notes/7"},
		"rest: no slash in front": {
			`"path":"notes/7"`, "v1", "", "/notes/7"},

		"function URL: escapes are escapes": {
			`"rawPath":"/notes/%41?","requestContext":{"domainName":"a.lambda-url.eu-west-1.on.aws",`,
			"http", "", "/notes/A?"},
		"load balancer: escapes are escapes": {
			`"path":"/notes/%41%3F","requestContext":{"elb":{}}`, "v1", "", "/notes/A?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			payload := "{" + c.event + "}"
			switch {
			case c.kind == "http" && c.event[len(c.event)-1] == ',':
				payload = "{" + c.event + `"http":{"method":"GET"}}}`
			case c.kind == "http":
				payload = "{" + c.event + `,"requestContext":{"http":{"method":"GET"}}}`
			case c.kind == "v1":
				payload = `{"httpMethod":"GET",` + c.event + "}"
			}
			invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				if base := gateway.BasePath(r.Context()); base != c.base || r.URL.Path != c.path {
					t.Errorf("BasePath %q, path %q, want %q, %q", base, r.URL.Path, c.base, c.path)
				}
			}, payload)
		})
	}
}

// TestEncodedSlash: if the gateway does not decode the path, URL.RawPath distinguishes "%2F" from a separator, as with
// net/http.
func TestEncodedSlash(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/notes/a%2Fb": "/notes/a%2Fb", // another path than "/notes/a/b"
		"/notes/a%20b": "",             // the default encoding
		"/notes/a b":   "",
		"/notes/100%":  "",
	} {
		payload := `{"httpMethod":"GET","path":"` + path + `","requestContext":{"elb":{}}}`
		invoke(t, func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.RawPath != want {
				t.Errorf("%s: RawPath %q, want %q", path, r.URL.RawPath, want)
			}
		}, payload)
	}
}
