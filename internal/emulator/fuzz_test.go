package emulator_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"slipway/internal/emulator"
	"slipway/internal/gateway"
)

// FuzzRoundTrip sends a request through the front and package gateway to a handler. The request and the response arrive
// unchanged.
func FuzzRoundTrip(f *testing.F) {
	f.Add("/notes/7", "a=1", "a,b", "application/json", `{"title":"x"}`)
	f.Add("/100% ?a=b#c é %2F", "%zz=&&=;", `"a, b"`, "", "\x00\xff")
	f.Add("//example.org/../", "", " a ", "image/png", "é")
	f.Add("/", "|{};", "", "text/plain", "")
	f.Add("/notes//", "a[like]=%25", "x", "application/x-www-form-urlencoded", "a=b")
	f.Fuzz(func(t *testing.T, path, query, value, contentType, body string) {
		// JSON must be UTF-8, and a path must begin with a slash.
		path, query = "/"+strings.ToValidUTF8(path, "�"), strings.ToValidUTF8(query, "�")
		value, contentType = strings.ToValidUTF8(value, "�"), strings.ToValidUTF8(contentType, "�")
		sent := url.Values{"q": {query, "2"}, query: {"3"}}
		for payload, body := range map[string]string{"2.0": body, "1.0": strings.ToValidUTF8(body, "�")} {
			for _, stage := range []string{"", "dev"} {
				target := &url.URL{Path: path, RawQuery: sent.Encode()}
				if stage != "" {
					target.Path = "/" + stage + path
				}
				r := &http.Request{Method: "PUT", URL: target, RequestURI: target.RequestURI(), Proto: "HTTP/1.1",
					Host:       "example.com",
					RemoteAddr: "203.0.113.7:1", Body: io.NopCloser(strings.NewReader(body)),
					Header: http.Header{"X-Value": {value}, "Content-Type": {contentType}, "Cookie": {"a=1; b=2"}}}
				asked := false
				g := gateway.New(http.HandlerFunc(func(w http.ResponseWriter, got *http.Request) {
					asked = true
					arrived, err := io.ReadAll(got.Body)
					if err != nil || string(arrived) != body || got.ContentLength != int64(len(body)) {
						t.Errorf("%s: body %q of %d bytes, want %q", payload, arrived, got.ContentLength, body)
					}
					base := ""
					if stage != "" {
						base = "/" + stage
					}
					if got.URL.Path != path || gateway.BasePath(got.Context()) != base || got.Method != "PUT" ||
						got.Host != "example.com" {
						t.Errorf("%s: %s %q behind %q, want %q behind %q", payload, got.Method, got.URL.Path,
							gateway.BasePath(got.Context()), path, base)
					}
					if !reflect.DeepEqual(got.URL.Query(), sent) {
						t.Errorf("%s: query %q, want %q", payload, got.URL.Query(), sent)
					}
					if !reflect.DeepEqual(got.Header["X-Value"], []string{value}) || got.Header.Get("Cookie") != "a=1; b=2" ||
						got.RemoteAddr != "203.0.113.7:0" {
						t.Errorf("%s: %q from %s", payload, got.Header, got.RemoteAddr)
					}
					w.Header().Set("Content-Type", "application/x")
					w.Header().Set("X-Value", value)
					w.Header()["Set-Cookie"] = []string{"a=1", "b=2"}
					w.WriteHeader(http.StatusAccepted)
					_, _ = io.WriteString(w, body)
				}))
				front, err := emulator.NewFront(payload, g.Invoke)
				if err != nil {
					t.Fatal(err)
				}
				front.Stage = stage
				w := httptest.NewRecorder()
				front.ServeHTTP(w, r)
				if !asked {
					if w.Code == http.StatusRequestHeaderFieldsTooLarge || w.Code == http.StatusRequestEntityTooLarge {
						return
					}
					t.Fatalf("%s: the handler was not called: %d %s", payload, w.Code, w.Body)
				}
				res := w.Result()
				oneLine := strings.NewReplacer("\n", " ", "\r", " ").Replace(value)
				if res.StatusCode != http.StatusAccepted || w.Body.String() != body || res.Header.Get("X-Value") != oneLine ||
					!reflect.DeepEqual(res.Header["Set-Cookie"], []string{"a=1", "b=2"}) ||
					res.Header.Get("Content-Type") != "application/x" {
					t.Errorf("%s: the response %d %q %q", payload, res.StatusCode, w.Body, res.Header)
				}
			}
		}
	})
}

// FuzzResult: for any result of a function, the front returns a valid HTTP response.
func FuzzResult(f *testing.F) {
	f.Add(`{"statusCode":200,"headers":{"a":"b"},"multiValueHeaders":{"a":["b"]},"cookies":["c"],"body":"AA==",` +
		`"isBase64Encoded":true}`)
	f.Add(`{"statusCode":1e3}`)
	f.Add(`{"STATUSCODE":200,"headers":{"":"\n"}}`)
	f.Add(`[`)
	f.Fuzz(func(t *testing.T, out string) {
		for _, payload := range []string{"2.0", "1.0"} {
			front, err := emulator.NewFront(payload, func(context.Context, []byte) ([]byte, error) {
				if out == "" {
					return nil, errors.New("nothing")
				}
				return []byte(out), nil
			})
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			front.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			if w.Code < 200 || w.Code > 599 {
				t.Errorf("%s: %s returns %d", payload, out, w.Code)
			}
		}
	})
}
