package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/gateway"
	"slipway/internal/httpapi"
	"slipway/internal/migrate/rowtypes/testdata/keys"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest"
)

// awkward are keys with characters that separate the parts of a path or a query, or that gateways decode.
var awkward = []string{"", "a/b", "a,b", "50%", "%2F", "~", "~1", "a?b#c", "a b", " ", "a+b", "a+b;c", "a&b=c", "😀",
	"é",
	"\"\\'", "A"}

var nextLink = regexp.MustCompile(`<([^>]+)>; rel="next"`)

// TestKeys creates a row with each awkward key, and follows its Location with every method, through every gateway and
// without one. The tables are not those of the program, so the handler runs in this process.
func TestKeys(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../internal/migrate/rowtypes/testdata/keys/schema.hcl")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range append(fronts, front{name: "plain HTTP"}) {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			api := apitest.New(t, dbtest.New(t, "mysql"), func(o *httpapi.Options) {
				o.Tables, o.BasePath = keys.Tables, gateway.BasePath
			})
			for _, statement := range apitest.Statements(t, api.DB.Dialect, text) {
				if err := api.DB.Write.Exec(statement).Error; err != nil {
					t.Fatal(err)
				}
			}
			do := func(method, path, body string) response {
				return through(t, g, api.Handler, request{method, path, "", body})
			}
			for _, key := range awkward {
				walkKey(t, g.base, key, do)
			}
			rows := 0
			for next := "/tags?per_page=4&sort=slug"; next != ""; {
				path, query, _ := strings.Cut(next, "?")
				page := through(t, g, api.Handler, request{"GET", path, query, ""})
				rows += strings.Count(page.body, `"slug"`)
				next = ""
				if m := nextLink.FindStringSubmatch(page.header.Get("Link")); m != nil {
					next = strings.TrimPrefix(m[1], g.base)
				}
			}
			if rows != len(awkward) {
				t.Errorf("the pages have %d rows, want %d", rows, len(awkward))
			}
		})
	}
}

// walkKey creates a row of tags with that key, and requests its Location with every method.
func walkKey(t *testing.T, base, key string, do func(method, path, body string) response) {
	t.Helper()
	quoted, _ := json.Marshal(key)
	created := do("POST", "/tags", `{"slug":`+string(quoted)+`}`)
	location := strings.TrimPrefix(created.header.Get("Location"), base)
	if created.status != http.StatusCreated || !strings.HasPrefix(location, "/tags/") {
		t.Errorf("POST %q: %d %s %v", key, created.status, created.body, created.header)
		return
	}
	for _, r := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", location, "", 200}, {"HEAD", location, "", 200}, {"OPTIONS", location, "", 204},
		{"PATCH", location, `{"label":"x"}`, 200}, {"PUT", location, `{"label":"y"}`, 200},
		{"GET", location + "/actors", "", 200}, {"POST", location + "/actors", `{"name":"a"}`, 201},
		{"DELETE", location, "", 409}, {"DELETE", "/actors/1", "", 204},
		{"DELETE", location, "", 204}, {"GET", location, "", 404}, {"PUT", location, `{}`, 201},
	} {
		if r.path == "/actors/1" { // the row that the POST created
			var rows []struct{ ID json.Number }
			if err := json.Unmarshal([]byte(do("GET", location+"/actors", "").body), &rows); err != nil || len(rows) != 1 {
				t.Errorf("%q: %v %v", key, rows, err)
				return
			}
			r.path = "/actors/" + rows[0].ID.String()
		}
		got := do(r.method, r.path, r.body)
		if got.status != r.status {
			t.Errorf("%q: %s %s: %d %s, want %d", key, r.method, r.path, got.status, got.body, r.status)
		}
		if r.status == http.StatusOK && r.path == location && r.method == "GET" {
			var row struct{ Slug *string }
			if err := json.Unmarshal([]byte(got.body), &row); err != nil || row.Slug == nil || *row.Slug != key {
				t.Errorf("%q: GET %s: %s", key, r.path, got.body)
			}
		}
	}
}

// through sends a request through a gateway, or without one if it has no events.
func through(t *testing.T, g front, h http.Handler, r request) response {
	t.Helper()
	if g.make == nil {
		target := r.path
		if r.query != "" {
			target += "?" + r.query
		}
		sent, w := httptest.NewRequest(r.method, target, strings.NewReader(r.body)), httptest.NewRecorder()
		for _, name := range []string{"x-request-id", "content-type"} {
			if value := r.headers()[name]; value != "" {
				sent.Header.Set(name, value)
			}
		}
		h.ServeHTTP(w, sent)
		return response{w.Code, w.Header(), w.Body.String()}
	}
	event, err := json.Marshal(g.make(r, g.base))
	if err != nil {
		t.Fatal(err)
	}
	out, err := gateway.New(h).Invoke(context.Background(), event)
	if err != nil {
		t.Fatal(err)
	}
	return readResponse(t, out)
}
