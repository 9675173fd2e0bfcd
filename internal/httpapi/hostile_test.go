package httpapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// hostile are texts that can exploit bugs: SQL, paths, formats, encodings, sizes.
var hostile = []string{
	"' OR '1'='1", "'; DROP TABLE notes; --", "\" OR 1=1 --", "1); DELETE FROM users; --", "` OR 1=1", "\\'; SELECT 1; --",
	"/*!50000 OR 1=1 */",
	"0x27", "1 UNION SELECT sql FROM sqlite_master", "SLEEP(5)", "%", "%%%", "_", "\\", "!", "!%", "{{7*7}}",
	"${jndi:ldap://x}", "<script>alert(1)</script>",
	"../../etc/passwd", "..%2f..%2fetc", "/", "//", "?", "#", ";", "&", "=", "[", "]", "[]", "[like]", ",", ",,,", "-",
	"--", "-id", "+", " ", "\t", "\r\nX-Injected: 1",
	"null", "true", "NaN", "Infinity", "-0", "1e999", "9223372036854775808", "-9223372036854775809", "0x10", "1_000", "٣",
	"１",
	"\x00", "a\x00b", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\ufeff", "\u202e", "\u2028", "😀",
	"\U0010FFFF", strings.Repeat("a", 5000), strings.Repeat("%25", 1000),
	`{"$gt":""}`, `{"a":`, "[[[[[[[[", strings.Repeat("[", 20000), strings.Repeat(`{"a":`, 20000), `"`, "0000-00-00",
	"2026-02-30T00:00:00Z", "9999-12-31T23:59:60Z",
}

// TestHostileInput puts each hostile text in each part of a request. No response is a 5xx
// or reveals internals, and an error changes no data.
func TestHostileInput(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.seed()
		state := func(table string) string {
			return api.Must(200, "GET", "/"+table+"?sort=id&per_page=1000", "", "Cache-Control: no-cache").Body
		}
		before := map[string]string{}
		for _, table := range []string{"users", "posts", "notes"} {
			before[table] = state(table)
		}
		requests := 0
		send := func(method, path, body string, headers ...string) {
			requests++
			got := api.raw(method, path, body, headers...)
			place := fmt.Sprintf("%s %s %s %q", method, truncate(path), truncate(body), headers)
			if got.Status >= 500 {
				t.Errorf("%s: %d %s", place, got.Status, got.Body)
			}
			for _, leak := range []string{"SELECT `", "INSERT INTO", "syntax error", "sqlite", "SQL logic", "Error 1",
				"goroutine", ".go:", "/work", "/tmp", "panic", "gorm", "strconv", "runtime error"} {
				if got.Status >= 400 && strings.Contains(got.Body, leak) &&
					!strings.Contains(path+body+strings.Join(headers, ""), leak) {
					t.Errorf("%s: the response contains %q: %s", place, leak, truncate(got.Body))
				}
			}
			if got.Header.Get("X-Injected") != "" {
				t.Errorf("%s: a header was injected", place)
			}
			if got.Status < 400 && method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions {
				table := "notes"
				for _, other := range []string{"users", "posts"} {
					if strings.HasPrefix(path, "/"+other) || strings.HasSuffix(path, "/"+other) {
						table = other
					}
				}
				before[table] = state(table) // the request was valid
			}
		}
		for _, text := range hostile {
			q := url.QueryEscape(text)
			for _, param := range []string{"title=", "title[like]=", "title[in]=", "title[contains]=", "title[starts]=",
				"title[null]=", "id=", "id[in]=", "id[gt]=", "created_at=", "created_at[lt]=",
				"sort=", "page=", "per_page=", "cursor=", "count=", "fields=", "include="} {
				send("GET", "/notes?"+param+q, "")
				send("HEAD", "/notes?"+param+q, "")
			}
			send("GET", "/notes?"+q+"=1", "")
			send("GET", "/notes?title["+q+"]=1", "")
			send("GET", "/notes?"+q, "")
			send("GET", "/users?score="+q+"&is_active="+q, "")
			send("GET", "/notes/"+url.PathEscape(text), "")
			send("GET", "/users/"+url.PathEscape(text)+"/posts", "")
			send("GET", "/users/1/posts?sort="+q, "")
			send("GET", "/docs/"+url.PathEscape(text), "")
			send("GET", "/"+url.PathEscape(text), "")
			send("DELETE", "/notes/"+url.PathEscape(text), "")
			send("DELETE", "/notes?max_affected=0&title="+q, "")
			send("DELETE", "/notes?max_affected=0&all="+q, "")
			send("DELETE", "/notes?all=true&dry_run="+q, "")
			send("DELETE", "/notes?all=true&max_affected="+q, "")
			send("PATCH", "/notes?max_affected=0&title[like]="+q, `{"content":"x"}`)
			for _, method := range []string{"POST", "PUT", "PATCH"} {
				path := map[string]string{"POST": "/notes", "PUT": "/notes/1", "PATCH": "/notes/1"}[method]
				send(method, path, text)
				send(method, path, `{"title":"`+text+`"}`)
				send(method, path, `{"`+text+`":"x"}`)
				send(method, path, `{"title":`+text+`}`)
			}
			send("POST", "/posts", `{"title":"x","user_id":`+text+`}`)
			send("POST", "/users", `{"username":`+quote(text)+`,"email":`+quote(text)+`}`)
			send("POST", "/users/1/posts", `{"title":`+quote(text)+`}`)
			for _, name := range []string{"If-Match", "If-None-Match", "Idempotency-Key", "X-Request-Id", "Origin",
				"Cache-Control", "Accept", "Content-Encoding"} {
				send("PATCH", "/notes/2", `{"content":"y"}`, name+": "+text)
				send("POST", "/notes", `{}`, name+": "+text)
				send("GET", "/notes/2", "", name+": "+text)
			}
			send("POST", "/notes", `{"title":"x"}`, "Content-Type: "+text)
			for table, rows := range before {
				if after := state(table); after != rows {
					t.Fatalf("a refused request with %q changed %s:\n%s\nbefore:\n%s", truncate(text), table, truncate(after),
						truncate(rows))
				}
			}
		}
		t.Logf("%d requests", requests)
	})
}

// raw sends a request with any target, even one that is not a valid URL.
func (a *testAPI) raw(method, target, body string, headers ...string) response {
	a.T.Helper()
	path, query, _ := strings.Cut(target, "?")
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	r.URL.RawPath = path
	var err error
	if r.URL.Path, err = url.PathUnescape(path); err != nil {
		r.URL.Path = path
	}
	r.URL.RawQuery = query
	r.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header[http.CanonicalHeaderKey(name)] = []string{value}
	}
	w := httptest.NewRecorder()
	a.Handler.ServeHTTP(w, r)
	return response{Status: w.Code, Header: w.Result().Header, Body: w.Body.String()}
}
