package gateway_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

const (
	getHTTP  = `{"version":"2.0","rawPath":"/","requestContext":{"requestId":"r-1","http":{"method":"GET"}}}`
	headHTTP = `{"version":"2.0","rawPath":"/","requestContext":{"requestId":"r-1","http":{"method":"HEAD"}}}`
	postHTTP = `{"version":"2.0","rawPath":"/","requestContext":{"requestId":"r-1","http":{"method":"POST"}}}`
	getALB   = `{"httpMethod":"GET","path":"/","headers":{"x-amzn-trace-id":"r-1"},"requestContext":{"elb":{}}}`
)

// TestResponses: the ResponseWriter behaves as that of net/http.
func TestResponses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		event   string
		handler http.HandlerFunc
		want    response
	}{
		"nothing": {getHTTP, func(http.ResponseWriter, *http.Request) {}, response{StatusCode: 200}},
		"a status alone": {getHTTP, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(202)
		}, response{StatusCode: 202}},
		"an empty write": {getHTTP, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(nil)
		}, response{StatusCode: 200}},
		"a guessed type": {getHTTP, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html>"))
		}, response{StatusCode: 200, Body: "<html>", Headers: map[string]string{"Content-Type": "text/html; charset=utf-8"}}},
		"a type taken out": {getHTTP, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			_, _ = w.Write([]byte("<html>"))
		}, response{StatusCode: 200, Body: "<html>"}},
		"an encoded body has no guessed type": {getHTTP, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte("\x1f\x8b\xff"))
		}, response{StatusCode: 200, Body: "H4v/", IsBase64Encoded: true,
			Headers: map[string]string{"Content-Encoding": "gzip"}}},
		"the first status is used": {getHTTP, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(404)
			w.WriteHeader(200)
		}, response{StatusCode: 404}},
		"early hints are ignored": {getHTTP, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(201)
		}, response{StatusCode: 201}},
		"headers after the status are ignored": {getHTTP, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("A", "1")
			w.WriteHeader(200)
			w.Header().Set("A", "2")
			w.Header().Set("B", "2")
		}, response{StatusCode: 200, Headers: map[string]string{"A": "1"}}},
		"a header in two lines": {getHTTP, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("A", "1\r\nB: 2")
		}, response{StatusCode: 200, Headers: map[string]string{"A": "1  B: 2"}}},
		"204 has no body": {getHTTP, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(204)
			if _, err := w.Write([]byte("body")); err != http.ErrBodyNotAllowed {
				t.Errorf("Write = %v, want ErrBodyNotAllowed", err)
			}
		}, response{StatusCode: 204}},
		"304 has no body": {getHTTP, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Etag", `"a"`)
			w.WriteHeader(304)
			_, _ = w.Write([]byte("body"))
		}, response{StatusCode: 304, Headers: map[string]string{"Etag": `"a"`}}},
		"HEAD has no body": {headHTTP, func(w http.ResponseWriter, _ *http.Request) {
			if n, err := io.WriteString(w, "body"); n != 4 || err != nil {
				t.Errorf("WriteString = %d, %v, want 4 and no error", n, err)
			}
		}, response{StatusCode: 200, Headers: map[string]string{"Content-Type": "text/plain; charset=utf-8"}}},
		"a flush": {getHTTP, func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Errorf("Flush = %v", err)
			}
			w.WriteHeader(500)
		}, response{StatusCode: 200}},
		"an unknown status": {getALB, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(499)
		}, response{StatusCode: 499, StatusDescription: "499"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := invoke(t, c.handler, c.event)
			if a, b := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", c.want); a != b {
				t.Errorf("got\n%s\nwant\n%s", a, b)
			}
		})
	}
}

// TestProblems: the gateway's own errors are problem responses (RFC 9457) with the member error.
func TestProblems(t *testing.T) {
	t.Parallel()
	write := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Request-Id", "r-2")
			w.Header().Set("Access-Control-Allow-Origin", "https://example.com")
			w.Header().Set("Etag", `"a"`)
			_, _ = io.WriteString(w, strings.Repeat("a", n))
		}
	}
	for name, c := range map[string]struct {
		event   string
		handler http.HandlerFunc
		status  int
		detail  string
		id      string // request_id and X-Request-Id
	}{
		"a panic": {getHTTP, func(http.ResponseWriter, *http.Request) {
			panic("secret")
		}, 500, "The server failed to handle this request.", "r-1"},
		"a panic in the middle": {getHTTP, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Request-Id", "r-2")
			_, _ = io.WriteString(w, "half")
			panic(http.ErrAbortHandler)
		}, 500, "The server failed to handle this request.", "r-2"},
		"an invalid status": {getHTTP, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(42)
		}, 500, "The server failed to handle this request.", "r-1"},
		"over Lambda's limit": {getHTTP, write(6_291_556), 400,
			"The response exceeds Lambda's limit of 6 MB: request fewer rows (per_page) or fewer members (fields).", "r-2"},
		"over Lambda's limit, after a write": {postHTTP, write(6_291_556), 400,
			"The response exceeds Lambda's limit of 6 MB: request fewer rows (per_page) or fewer members (fields)." +
				" The request was successful; only its response could not be sent.", "r-2"},
		"over the load balancer's limit": {getALB, write(1 << 20), 400,
			"The response exceeds the load balancer's limit of 1 MB: request fewer rows (per_page) or fewer members (fields).",
			"r-2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := invoke(t, c.handler, c.event)
			var p struct {
				Type, Title, Detail, Error string
				Status                     int
				RequestID                  string `json:"request_id"`
			}
			if err := json.Unmarshal([]byte(a.Body), &p); err != nil {
				t.Fatalf("%q: %v", a.Body, err)
			}
			if a.StatusCode != c.status || p.Status != c.status || p.Title != http.StatusText(c.status) {
				t.Errorf("status %d, in the body %d %q, want %d", a.StatusCode, p.Status, p.Title, c.status)
			}
			if p.Type != "about:blank" || p.Detail != c.detail || p.Error != c.detail {
				t.Errorf("type %q, detail %q, error %q, want %q", p.Type, p.Detail, p.Error, c.detail)
			}
			if p.RequestID != c.id || a.Headers["X-Request-Id"] != c.id {
				t.Errorf("request_id %q, X-Request-Id %q, want %q", p.RequestID, a.Headers["X-Request-Id"], c.id)
			}
			if a.Headers["Content-Type"] != "application/problem+json" || a.Headers["Etag"] != "" {
				t.Errorf("headers %v", a.Headers)
			}
			if c.status == 400 && a.Headers["Access-Control-Allow-Origin"] == "" {
				t.Errorf("a browser cannot read this response: %v", a.Headers)
			}
		})
	}
}

// TestLimit: the limit applies to the whole JSON, not only to the body.
func TestLimit(t *testing.T) {
	t.Parallel()
	var envelope int
	for _, n := range []int{1000, 0, 1} { // measured with 1000, then exactly at the limit, then one over
		size := 1000
		if n < 1000 {
			size = 6_291_556 - envelope + n
		}
		a := invoke(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, strings.Repeat("a", size))
		}, getHTTP)
		if n == 1000 {
			raw, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			envelope = len(raw) - size
		}
		if want := map[int]int{1000: 200, 0: 200, 1: 400}[n]; a.StatusCode != want {
			t.Errorf("a body of %d bytes: %d, want %d", size, a.StatusCode, want)
		}
	}
}

// TestManyCookies: a load balancer without multi-value headers gets every cookie, with names that differ in case.
func TestManyCookies(t *testing.T) {
	t.Parallel()
	a := invoke(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := range 20 {
			w.Header().Add("Set-Cookie", fmt.Sprintf("c%d=1", i))
		}
	}, getALB)
	seen := map[string]bool{}
	for name, value := range a.Headers {
		if !strings.EqualFold(name, "Set-Cookie") {
			t.Errorf("header %q", name)
		}
		seen[value] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d cookies of 20: %v", len(seen), a.Headers)
	}
}
