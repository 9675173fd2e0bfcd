package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slipway/internal/emulator"
)

// function is the function of a front in these tests.
type function func(ctx context.Context, event []byte) ([]byte, error)

// returning returns a function with a constant result.
func returning(out string) function {
	return func(context.Context, []byte) ([]byte, error) { return []byte(out), nil }
}

// fails returns a function that always returns err.
func fails(err error) function {
	return func(context.Context, []byte) ([]byte, error) { return nil, err }
}

func newFront(t testing.TB, payload string, fn function) *emulator.Front {
	t.Helper()
	front, err := emulator.NewFront(payload, fn)
	if err != nil {
		t.Fatal(err)
	}
	return front
}

// send sends a request to the front and returns its response.
func send(front http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	front.ServeHTTP(w, r)
	return w.Result()
}

func text(t testing.TB, res *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// want is an expected response.
type want struct {
	status int
	body   string
}

// The responses of both kinds of API to an error of the function.
var (
	failed2 = want{500, `{"message":"Internal Server Error"}`}
	failed1 = want{502, `{"message": "Internal server error"}`}
	fine    = want{200, "ok"}
)

// TestRefusals: each limit and each fault has the error response of its API.
func TestRefusals(t *testing.T) {
	t.Parallel()
	const ok = `{"statusCode":200,"headers":{"Content-Type":"text/plain"},"body":"ok"}`
	get := func(target string) *http.Request { return httptest.NewRequest("GET", target, nil) }
	sized := func(size int) *http.Request { // a request whose line and headers have that size
		r := httptest.NewRequest("GET", "/notes", nil) // and Host: example.com
		r.Header.Set("X-Long-Name", strings.Repeat("x", size-len("GET /notes HTTP/1.1")-len("example.com")))
		return r
	}
	post := func(size int) *http.Request {
		// without Content-Length
		r := httptest.NewRequest("POST", "/notes", io.MultiReader(strings.NewReader(strings.Repeat("y", size))))
		r.Header.Set("Content-Type", "text/plain")
		return r
	}
	// The pool checks the size of the event. It never starts its program.
	pool := emulator.NewPool(emulator.Program{}, 1, time.Minute)
	for _, c := range []struct {
		name       string
		r          *http.Request
		fn         function
		http, rest want
	}{
		{"all is well", get("/notes"), returning(ok), fine, fine},
		{"headers at the limit", sized(10240), returning(ok), fine, fine},
		{"a byte more", sized(10241), returning(ok), want{431, `{"message":"Request Header Fields Too Large"}`},
			want{431, `{"message": "Request Header Fields Too Large"}`}},
		{"a path over the limit", get("/" + strings.Repeat("x", 10240)), returning(ok),
			want{431, `{"message":"Request Header Fields Too Large"}`},
			want{431, `{"message": "Request Header Fields Too Large"}`}},
		{"a body at the limit", post(10 << 20), returning(ok), fine, fine},
		{"a byte more", post(10<<20 + 1), returning(ok), want{413, `{"message":"Request Entity Too Large"}`},
			want{413, "HTTP content length exceeded 10485760 bytes."}},
		{"an event over Lambda's limit", post(6 << 20), pool.Invoke, want{413, `{"message":"Request Entity Too Large"}`},
			want{413, `{"message": "Request Too Long"}`}},
		{"no path", httptest.NewRequest("OPTIONS", "*", nil), returning(ok), want{404, `{"message":"Not Found"}`},
			want{403, `{"message":"Missing Authentication Token"}`}},
		{"a pipe in the query", get("/notes?a=b|c"), returning(ok), fine, want{400, `{"message": "Bad Request"}`}},
		{"a brace in the query", get("/notes?a={b"), returning(ok), fine, want{400, `{"message": "Bad Request"}`}},
		{"an escaped pipe", get("/notes?a=b%7Cc"), returning(ok), fine, fine},
		{"all sandboxes busy", get("/notes"), fails(emulator.ErrThrottled), want{503, `{"message":"Service Unavailable"}`},
			want{500, `{"message": "Internal server error"}`}},
		{"an error of the function", get("/notes"), fails(&emulator.FunctionError{Type: "errorString", Message: "x"}),
			failed2, failed1},
		{"the function's own timeout", get("/notes"), fails(&emulator.FunctionError{Type: "Sandbox.Timedout"}), failed2,
			failed1},
		{"a process that ended", get("/notes"), fails(&emulator.ExitError{Code: 1}), failed2, failed1},
		{"no JSON", get("/notes"), returning(`ok`), fine, failed1},
		{"no status", get("/notes"), returning(`{"body":"ok"}`), want{200, `{"body":"ok"}`}, failed1},
		{"null", get("/notes"), returning(`null`), want{200, `null`}, failed1},
		{"a status in words", get("/notes"), returning(`{"statusCode":"fine"}`), failed2, failed1},
		{"a status that is none", get("/notes"), returning(`{"statusCode":99}`), failed2, failed1},
		{"a status of 101", get("/notes"), returning(`{"statusCode":101}`), failed2, failed1},
		{"a header that is a list", get("/notes"), returning(`{"statusCode":200,"headers":{"a":["b"]}}`), failed2, failed1},
		{"a body that is an object", get("/notes"), returning(`{"statusCode":200,"body":{}}`), failed2, failed1},
		{"no base64", get("/notes"), returning(`{"statusCode":200,"body":"%","isBase64Encoded":true}`), failed2,
			want{200, "%"}},
	} {
		for payload, want := range map[string]want{"2.0": c.http, "1.0": c.rest} {
			t.Run(c.name+" "+payload, func(t *testing.T) {
				var log bytes.Buffer
				front := newFront(t, payload, c.fn)
				front.Logger = slog.New(slog.NewTextHandler(&log, nil))
				r := c.r.Clone(t.Context())
				if c.r.Body != nil { // both read it
					body, err := io.ReadAll(c.r.Body)
					if err != nil {
						t.Fatal(err)
					}
					c.r.Body, r.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
				}
				res := send(front, r)
				if body := text(t, res); res.StatusCode != want.status || body != want.body {
					t.Errorf("%d %s, want %d %s", res.StatusCode, body, want.status, want.body)
				}
				if logged := log.Len() > 0; logged != (want.status >= 400) {
					t.Errorf("the log is %q", &log)
				}
				id := res.Header.Get("Apigw-Requestid") + res.Header.Get("X-Amzn-Requestid")
				if id == "" || log.Len() > 0 && !strings.Contains(log.String(), id) {
					t.Errorf("the request's name is %q, the log %q", id, &log)
				}
			})
		}
	}
}

// TestGatewayTimeout: the gateway has the timeout of AWS. The function continues after it, and after the client has
// disconnected.
func TestGatewayTimeout(t *testing.T) {
	t.Parallel()
	for payload, c := range map[string]struct {
		wait time.Duration
		want want
	}{
		"2.0": {30 * time.Second, want{503, `{"message":"Service Unavailable"}`}},
		"1.0": {29 * time.Second, want{504, `{"message": "Endpoint request timed out"}`}},
	} {
		synctest.Test(t, func(t *testing.T) {
			ended := make(chan error, 3) // what the context of each invocation says at its end
			takes := c.wait - time.Nanosecond
			front := newFront(t, payload, func(ctx context.Context, _ []byte) ([]byte, error) {
				time.Sleep(takes)
				ended <- ctx.Err()
				return []byte(`{"statusCode":200,"headers":{"Content-Type":"text/plain"},"body":"ok"}`), nil
			})
			if res := send(front, httptest.NewRequest("GET", "/", nil)); res.StatusCode != 200 {
				t.Errorf("%s: %d at the last moment", payload, res.StatusCode)
			}
			takes += 2 * time.Nanosecond
			begun := time.Now()
			res := send(front, httptest.NewRequest("GET", "/", nil))
			if body := text(t, res); res.StatusCode != c.want.status || body != c.want.body || time.Since(begun) != c.wait {
				t.Errorf("%s: %d %s after %v", payload, res.StatusCode, body, time.Since(begun))
			}
			ctx, leave := context.WithTimeout(t.Context(), time.Second)
			defer leave()
			send(front, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
			for range 3 {
				if err := <-ended; err != nil {
					t.Errorf("%s: the function was told %v", payload, err)
				}
			}
		})
	}
}

// TestResponses: the result of a function is converted to a response.
func TestResponses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, payload, method, response string
		status                          int
		body                            string
		header                          map[string]string // several values joined with "|"; "" is absent
	}{
		{"cookies", "2.0", "GET", `{"statusCode":201,"headers":{"Content-Type":"text/css","x-a":"1, 2"},"cookies":["a=1; ` +
			`Path=/","b=2"],"body":"ok"}`, 201, "ok",
			map[string]string{"Set-Cookie": "a=1; Path=/|b=2", "X-A": "1, 2", "Content-Type": "text/css",
				"Content-Length": "2"}},
		{"base64", "2.0", "GET", `{"statusCode":200,"isBase64Encoded":true,"body":"AP8="}`, 200, "\x00\xff",
			map[string]string{"Content-Length": "2"}},
		{"base64, which a REST API leaves", "1.0", "GET", `{"statusCode":200,"isBase64Encoded":true,"body":"AP8="}`, 200,
			"AP8=", nil},
		{"no type", "2.0", "GET", `{"statusCode":200,"body":"<b>"}`, 200, "<b>",
			map[string]string{"Content-Type": "text/plain; charset=utf-8"}},
		{"no type", "1.0", "GET", `{"statusCode":200,"body":"<b>"}`, 200, "<b>",
			map[string]string{"Content-Type": "application/json"}},
		{"inferred", "2.0", "GET", `{"a":"<b>"}`, 200, `{"a":"<b>"}`, map[string]string{"Content-Type": "application/json"}},
		{"no list of values in payload 2.0", "2.0", "GET", `{"statusCode":200,"multiValueHeaders":{"x-a":["1"]}}`, 200, "",
			map[string]string{"X-A": ""}},
		{"lists of values", "1.0", "GET", `{"statusCode":200,"headers":{"x-a":"2","X-B":"4"},` +
			`"multiValueHeaders":{"X-A":["1","2"],"Set-Cookie":["a","b"]}}`, 200, "",
			map[string]string{"X-A": "1|2", "X-B": "4", "Set-Cookie": "a|b"}},
		{"hop by hop", "2.0", "GET", `{"statusCode":200,"headers":{"Connection":"x-gone","X-Gone":"1",` +
			`"Transfer-Encoding":"chunked","Keep-Alive":"1","Content-Length":"99","Www-Authenticate":"Bearer"},"body":"ok"}`,
			200, "ok",
			map[string]string{"Connection": "", "X-Gone": "", "Transfer-Encoding": "", "Keep-Alive": "", "Content-Length": "2",
				"Www-Authenticate": "Bearer"}},
		{"remapped", "1.0", "GET", `{"statusCode":200,"headers":{"Content-Length":"99","WWW-Authenticate":"Bearer",` +
			`"Date":"d","Server":"s","Transfer-Encoding":"chunked"},"body":"ok"}`, 200, "ok",
			map[string]string{"Content-Length": "2", "Www-Authenticate": "", "X-Amzn-Remapped-Www-Authenticate": "Bearer",
				"X-Amzn-Remapped-Date": "d",
				"Server":               "", "X-Amzn-Remapped-Server": "s", "Transfer-Encoding": "",
				"X-Amzn-Remapped-Content-Length": "99"}},
		{"HEAD", "2.0", "HEAD", `{"statusCode":200,"headers":{"x-total-count":"3"},"body":"more than there should be"}`, 200,
			"", map[string]string{"X-Total-Count": "3", "Content-Length": ""}},
		{"HEAD with a length", "2.0", "HEAD", `{"statusCode":200,"headers":{"content-length":"99","date":"d"}}`, 200, "",
			map[string]string{"Content-Length": ""}},
		{"204", "2.0", "DELETE", `{"statusCode":204,"body":"x"}`, 204, "", map[string]string{"Content-Length": ""}},
		{"204 without a type", "1.0", "DELETE", `{"statusCode":204,"body":""}`, 204, "",
			map[string]string{"Content-Length": "", "Content-Type": ""}},
		{"304", "1.0", "GET", `{"statusCode":304,"headers":{"ETag":"\"a\""},"body":"x"}`, 304, "",
			map[string]string{"Etag": `"a"`, "Content-Length": ""}},
		{"nothing", "2.0", "GET", `{"statusCode":404}`, 404, "",
			map[string]string{"Content-Length": "0", "Content-Type": ""}},
	} {
		t.Run(c.name+" "+c.payload, func(t *testing.T) {
			t.Parallel()
			// A real server, to check the headers that it adds.
			server := httptest.NewServer(newFront(t, c.payload, returning(c.response)))
			defer server.Close()
			r, err := http.NewRequestWithContext(t.Context(), c.method, server.URL+"/notes", nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if body := text(t, res); res.StatusCode != c.status || body != c.body {
				t.Errorf("%d %q, want %d %q", res.StatusCode, body, c.status, c.body)
			}
			if _, err := http.ParseTime(res.Header.Get("Date")); err != nil {
				t.Error("the date is the function's")
			}
			for name, want := range c.header {
				if got := strings.Join(res.Header[name], "|"); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

// TestAuthorize: the event contains the claims in the format of the API's authorizer. Without a token the gateway
// returns 401, except for a preflight request.
func TestAuthorize(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]string{
		"2.0": `{"jwt":{"claims":{"aud":"[a b]","email_verified":"true","exp":"1772352000","groups":"[]","n":"1.5",` +
			`"scope":"read write","sub":"ada"},"scopes":null}}`,
		"1.0": `{"claims":{"aud":"a,b","email_verified":"true","exp":"Sun Mar 01 08:00:00 UTC 2026","groups":"","n":"1.5",` +
			`"scope":"read write","sub":"ada"}}`,
	} {
		var event struct {
			RequestContext struct{ Authorizer json.RawMessage }
		}
		asked := 0
		front := newFront(t, payload, func(_ context.Context, e []byte) ([]byte, error) {
			asked++
			event.RequestContext.Authorizer = nil
			return []byte(`{"statusCode":204}`), json.Unmarshal(e, &event)
		})
		front.Authorize = func(r *http.Request) (map[string]any, error) {
			if r.Header.Get("Authorization") != "Bearer good" {
				return nil, errors.New("no token")
			}
			return map[string]any{"sub": "ada", "scope": "read write", "aud": []any{"a", "b"}, "groups": []string{},
				"exp": float64(1772352000), "email_verified": true, "n": json.Number("1.5")}, nil
		}
		r := httptest.NewRequest("GET", "/notes", nil)
		res := send(front, r)
		if body := text(t, res); res.StatusCode != 401 || body != `{"message":"Unauthorized"}` ||
			res.Header.Get("Www-Authenticate") != "Bearer" || asked > 0 {
			t.Errorf("%s: without a token: %d %s %v", payload, res.StatusCode, body, res.Header)
		}
		r.Header.Set("Authorization", "Bearer good")
		if res := send(front, r); res.StatusCode != 204 || string(event.RequestContext.Authorizer) != want {
			t.Errorf("%s: %d, the event says %s\nwant %s", payload, res.StatusCode, event.RequestContext.Authorizer, want)
		}
		if res := send(front, httptest.NewRequest("OPTIONS", "/notes", nil)); res.StatusCode != 204 ||
			len(event.RequestContext.Authorizer) > 0 && string(event.RequestContext.Authorizer) != "null" {
			t.Errorf("%s: a preflight gets %d, the event says %s", payload, res.StatusCode, event.RequestContext.Authorizer)
		}
	}
}

func TestPayloads(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{"", "2", "3.0", "v2"} {
		if _, err := emulator.NewFront(payload, nil); err == nil ||
			!strings.Contains(err.Error(), fmt.Sprintf("%q", payload)) {
			t.Errorf("payload %q: %v", payload, err)
		}
	}
}
