package gateway_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/internal/gateway"
)

// FuzzInvoke: no payload causes a panic. Invoke returns a JSON response or ErrUnsupportedEvent.
func FuzzInvoke(f *testing.F) {
	events, err := filepath.Glob("testdata/*.event.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range events {
		payload, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(payload)
	}
	g := gateway.New(http.HandlerFunc(echo))
	f.Fuzz(func(t *testing.T, payload []byte) {
		out, err := g.Invoke(t.Context(), payload)
		if err != nil && !errors.Is(err, gateway.ErrUnsupportedEvent) {
			t.Fatalf("Invoke = %v", err)
		}
		var a response
		if err == nil && (json.Unmarshal(out, &a) != nil || a.StatusCode < 200) {
			t.Fatalf("Invoke = %s", out)
		}
	})
}

// FuzzRequest puts a path, a query, a header, and a body into an event of each source. The handler gets the same
// values.
func FuzzRequest(f *testing.F) {
	f.Add("/notes/7", "a=1&b=2", "a,b", "{}")
	f.Add("/100% ?a=b#c é %2F", "%zz=&&=;", "\"a, b\"\r\n", "\x00\xff")
	f.Add("//example.org/..", "", "", "")
	f.Add("/dev/notes", "a[like]=%25", " a ", "é")
	f.Fuzz(func(t *testing.T, path, query, value, body string) {
		// JSON must be UTF-8, and a path must begin with a slash.
		path, query = "/"+strings.ToValidUTF8(path, "�"), strings.ToValidUTF8(query, "�")
		value, body = strings.ToValidUTF8(value, "�"), strings.ToValidUTF8(body, "�")
		escaped := (&url.URL{Path: path}).EscapedPath()
		context2 := func(domain, stage string) map[string]any {
			return map[string]any{"domainName": domain, "stage": stage, "requestId": "r-1",
				"http": map[string]any{"method": "PUT", "path": path, "sourceIp": "203.0.113.7"}}
		}
		single, multi := map[string]string{"x-value": value}, map[string][]string{"X-Value": {value, "2"}}

		for name, c := range map[string]struct {
			event  map[string]any
			base   string
			query  string
			values []string
		}{
			"HTTP API": {map[string]any{"version": "2.0", "rawPath": path, "rawQueryString": query,
				"headers": single, "requestContext": context2("a.example", "$default")}, "", query, []string{value}},
			"HTTP API with a stage": {map[string]any{"version": "2.0", "rawPath": "/dev" + path, "rawQueryString": query,
				"headers": single, "requestContext": context2("a.example", "dev")}, "/dev", query, []string{value}},
			"HTTP API with a base path": {map[string]any{"version": "2.0", "rawPath": "/v1" + path,
				"rawQueryString": query, "headers": single, "pathParameters": map[string]string{"proxy": path[1:]},
				"requestContext": context2("a.example", "dev")}, "/v1", query, []string{value}},
			"HTTP API, payload 1.0": {map[string]any{"version": "1.0", "httpMethod": "PUT", "path": path,
				"queryStringParameters": map[string]string{"q": query}, "multiValueHeaders": multi},
				"", url.Values{"q": {query}}.Encode(), multi["X-Value"]},
			"REST API": {map[string]any{"httpMethod": "PUT", "path": escaped,
				"multiValueQueryStringParameters": map[string][]string{"q": {query, "2"}}, "multiValueHeaders": multi,
				"requestContext": map[string]any{"stage": "dev", "path": "/dev" + escaped}},
				"/dev", url.Values{"q": {query, "2"}}.Encode(), multi["X-Value"]},
			"function URL": {map[string]any{"version": "2.0", "rawPath": escaped, "rawQueryString": query,
				"headers": single, "requestContext": context2("a.lambda-url.eu-west-1.on.aws", "$default")},
				"", query, []string{value}},
			"load balancer": {map[string]any{"httpMethod": "PUT", "path": escaped,
				"queryStringParameters": map[string]string{"q": query}, "headers": single,
				"requestContext": map[string]any{"elb": map[string]any{}}}, "", "q=" + query, []string{value}},
			"load balancer, several values": {map[string]any{"httpMethod": "PUT", "path": escaped,
				"multiValueQueryStringParameters": map[string][]string{"q": {query, "2"}}, "multiValueHeaders": multi,
				"requestContext": map[string]any{"elb": map[string]any{}}}, "", "q=" + query + "&q=2", multi["X-Value"]},
		} {
			if name == "HTTP API with a base path" && path == "/" {
				continue // a greedy parameter is never empty
			}
			c.event["body"] = body
			payload, err := json.Marshal(c.event)
			if err != nil {
				t.Fatal(err)
			}
			var got *http.Request
			var gotBody []byte
			a := invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				got = r
				gotBody, _ = io.ReadAll(r.Body)
			}, string(payload))
			if got == nil || a.StatusCode != http.StatusOK {
				t.Fatalf("%s: the handler was not called: %+v", name, a)
			}
			if got.URL.Path != path || gateway.BasePath(got.Context()) != c.base {
				t.Errorf("%s: path %q behind %q, want %q behind %q",
					name, got.URL.Path, gateway.BasePath(got.Context()), path, c.base)
			}
			if got.URL.RawQuery != c.query {
				t.Errorf("%s: query %q, want %q", name, got.URL.RawQuery, c.query)
			}
			if !slices.Equal(got.Header["X-Value"], c.values) {
				t.Errorf("%s: header %q, want %q", name, got.Header["X-Value"], c.values)
			}
			if string(gotBody) != body || got.ContentLength != int64(len(body)) {
				t.Errorf("%s: body %q of %d bytes, want %q", name, gotBody, got.ContentLength, body)
			}
		}
	})
}

// BenchmarkInvoke measures one event of each source, with a handler that returns a constant.
func BenchmarkInvoke(b *testing.B) {
	g := gateway.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":7,"title":"a note"}`)
	}))
	for _, name := range []string{
		"http-api.get", "http-api.post", "rest-api.get", "function-url.get", "load-balancer.get",
	} {
		payload, err := os.ReadFile("testdata/" + name + ".event.json")
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(payload)))
			for b.Loop() {
				if _, err := g.Invoke(b.Context(), payload); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
