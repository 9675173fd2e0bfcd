package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// varying matches values that differ between events.
var varying = regexp.MustCompile(
	`(?i)("(?:requestId|extendedRequestId|time|timeEpoch|requestTime|requestTimeEpoch|x-amzn-trace-id)": ` +
		`(?:\[\s*)?)("[^"]*"|\d+)`)

var update = flag.Bool("update", false, "rewrite testdata/*.event.json with the events that are made now")

// TestEvents compares the complete event of one request for both kinds of API. The format is that of real events in
// internal/gateway/testdata.
func TestEvents(t *testing.T) {
	t.Parallel()
	newRequest := func(stage string) *http.Request {
		r := httptest.NewRequest("POST",
			stage+"/notes/100%25%20%3Fa=b%C3%A9%2F7/?title[like]=%25a%26b%25&id=1&id=2&q=a+b&flag",
			strings.NewReader(`{"title":"Grüße <b>"}`))
		r.RemoteAddr, r.Host = "203.0.113.7:54321", "127.0.0.1:3000"
		for name, values := range map[string][]string{
			"Content-Type": {"application/json"}, "Content-Length": {"25"}, "User-Agent": {"curl/8.7.1"},
			"Cookie": {"session=abc123; theme=dark", "c=3"}, "If-None-Match": {`"a,b"`, `"c"`},
			"X-Forwarded-For": {"198.51.100.99"}, "X-Forwarded-Proto": {"http"},
			"Connection": {"keep-alive, X-Hop"}, "X-Hop": {"1"}, "Te": {"trailers"}, "Expect": {"100-continue"},
		} {
			r.Header[name] = values
		}
		return r
	}
	for _, c := range []struct{ file, payload, stage string }{
		{"http-api", "2.0", ""}, {"http-api.stage", "2.0", "dev"}, {"rest-api", "1.0", ""}, {"rest-api.stage", "1.0", "dev"},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			var event bytes.Buffer
			front := newFront(t, c.payload, func(_ context.Context, e []byte) ([]byte, error) {
				return []byte(`{"statusCode":204}`), json.Indent(&event, e, "", "  ")
			})
			front.Stage = c.stage
			path := ""
			if c.stage != "" {
				path = "/" + c.stage
			}
			if res := send(front, newRequest(path)); res.StatusCode != 204 {
				t.Fatal(res.Status)
			}
			got := varying.ReplaceAll(append(event.Bytes(), '\n'), []byte(`$1"*"`))
			golden := "testdata/" + c.file + ".event.json"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant, by %s,\n%s", got, golden, want)
			}
		})
	}
	// A path without the stage has no route.
	front := newFront(t, "2.0", returning(`{"statusCode":204}`))
	front.Stage = "dev"
	for target, want := range map[string]int{"/dev": 204, "/dev/": 204, "/dev/notes": 204, "/notes": 404, "/devel": 404,
		"/": 404} {
		if res := send(front, httptest.NewRequest("GET", target, nil)); res.StatusCode != want {
			t.Errorf("%s: %d, want %d", target, res.StatusCode, want)
		}
	}
}

// TestBodies: an HTTP API sends some bodies as text and others in base64. A REST API sends all as text.
func TestBodies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		contentType, encoding, body string
		base64                      bool
	}{
		{"application/json", "", `{}`, false},
		{"application/json; charset=utf-8", "", `{}`, false},
		{"application/merge-patch+json", "", `{}`, false},
		{"text/csv", "", `a,b`, false},
		{"application/xml", "", `<a/>`, false},
		{"", "", `text`, false},
		{"application/octet-stream", "", ``, false},
		{"application/x-www-form-urlencoded", "", `a=b`, true},
		{"application/octet-stream", "", `text`, true},
		{"application/json", "x-plain", `{}`, true},
		{"application/json", "", "{\xff}", true},
		{"", "", "\xff", true},
	} {
		for payload, base64 := range map[string]bool{"2.0": c.base64, "1.0": false} {
			var got struct {
				Body            *string
				IsBase64Encoded bool
			}
			front := newFront(t, payload, func(_ context.Context, e []byte) ([]byte, error) {
				return []byte(`{"statusCode":204}`), json.Unmarshal(e, &got)
			})
			r := httptest.NewRequest("POST", "/notes", strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.contentType)
			r.Header.Set("Content-Encoding", c.encoding)
			if res := send(front, r); res.StatusCode != 204 || got.IsBase64Encoded != base64 {
				t.Errorf("%s: %q of type %q: %d, in base64: %v", payload, c.body, c.contentType, res.StatusCode,
					got.IsBase64Encoded)
			}
			if want := strings.ToValidUTF8(c.body, "�"); !base64 && want != "" && (got.Body == nil || *got.Body != want) {
				t.Errorf("%s: %q arrives as %v", payload, c.body, got.Body)
			}
		}
	}
}

// TestSemicolon: in a REST API, a semicolon separates parameters, too.
func TestSemicolon(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]map[string]string{"2.0": {"a": "1;b=2"}, "1.0": {"a": "1", "b": "2"}} {
		var got struct{ QueryStringParameters map[string]string }
		front := newFront(t, payload, func(_ context.Context, e []byte) ([]byte, error) {
			return []byte(`{"statusCode":204}`), json.Unmarshal(e, &got)
		})
		if send(front, httptest.NewRequest("GET", "/notes?a=1;b=2", nil)); !maps.Equal(got.QueryStringParameters, want) {
			t.Errorf("%s: %v, want %v", payload, got.QueryStringParameters, want)
		}
	}
}

// TestHeaders: an HTTP API adds headers.
func TestHeaders(t *testing.T) {
	t.Parallel()
	var got struct {
		Headers map[string]string
		Cookies []string
	}
	front := newFront(t, "2.0", func(_ context.Context, e []byte) ([]byte, error) {
		got.Headers, got.Cookies = nil, nil
		return []byte(`{"statusCode":204}`), json.Unmarshal(e, &got)
	})
	r := httptest.NewRequest("POST", "/notes", strings.NewReader("in chunks"))
	r.Header.Del("Content-Length")
	r.Header["Cookie"] = []string{"a=1;b=2;", "; c"}
	send(front, r)
	if got.Headers["content-length"] != "9" || got.Headers["content-type"] != "" || got.Headers["cookie"] != "" ||
		!slices.Equal(got.Cookies, []string{"a=1", "b=2", "c"}) {
		t.Errorf("%+v", got)
	}
	r = httptest.NewRequest("POST", "/notes", nil)
	r.Header.Set("Content-Length", "0")
	r.Header.Set("X-Amzn-Trace-Id", "Root=1-a-b")
	send(front, r)
	if got.Headers["content-length"] != "0" || got.Headers["content-type"] != "text/plain; charset=utf-8" ||
		got.Headers["x-amzn-trace-id"] != "Root=1-a-b" {
		t.Errorf("%+v", got)
	}
}
