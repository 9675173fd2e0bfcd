package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"slipway/internal/gateway"
	"slipway/internal/httpapi"
	"slipway/internal/migrate/rowtypes/testdata/keys"
	"slipway/internal/resource"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest"
)

// awkward are keys with characters that separate the parts of a path or a query, or that gateways decode.
var awkward = []string{"", "a/b", "a,b", "50%", "%2F", "~", "~1", "a?b#c", "a b", " ", "a+b", "a+b;c", "a&b=c", "😀",
	"é",
	"\"\\'", "A", ".", "..", "...", "~6", ";", "a//b", "\t"}

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
			if got := do("POST", "/devices", `{"id":"d/1,~","name":"d"}`); got.status != http.StatusCreated {
				t.Fatal(got)
			}
			for _, key := range awkward {
				walkKey(t, g.base, key, do)
				walkLink(t, g, api.Handler, key)
				walkLine(t, g, api.Handler, key)
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

// walkLink links the row of tags that has the key with another row, lists both sides page by page, and unlinks them.
func walkLink(t *testing.T, g front, h http.Handler, key string) {
	t.Helper()
	tag, device := keyPath("tags", key), keyPath("devices", "d/1,~")
	last := tag[strings.LastIndexByte(tag, '/'):]
	for _, r := range []struct {
		method, path, query string
		status              int
		want                string
	}{
		{"PUT", device + "/tags" + last, "", 204, ""},
		{"GET", tag + "/devices", "", 200, `"name":"d"`},
		{"GET", device + "/tags", "fields=slug&sort=slug&per_page=1", 200, `"slug":` + quotedJSON(key)},
		{"GET", device, "include=tags", 200, `"slug":` + quotedJSON(key)},
		{"GET", tag, "include=devices", 200, `"name":"d"`},
		{"GET", "/device_tag/" + device[len("/devices/"):] + "," + keyPart(key), "", 200, `"tag":` + quotedJSON(key)},
		{"DELETE", device + "/tags" + last, "", 204, ""},
		{"GET", device + "/tags", "", 200, "[]"},
	} {
		got := through(t, g, h, request{r.method, r.path, r.query, ""})
		if got.status != r.status || !strings.Contains(got.body, r.want) {
			t.Errorf("%q: %s %s?%s: %d %s, want %d %s", key, r.method, r.path, r.query, got.status, got.body, r.status, r.want)
		}
	}
}

// walkLine creates a row with the key in a key of two columns, and lists its related rows page by page.
func walkLine(t *testing.T, g front, h http.Handler, key string) {
	t.Helper()
	line := "/lines/" + keyPart(key) + ",7"
	if got := through(t, g, h, request{"PUT", line, "", `{"item":"i"}`}); got.status != http.StatusCreated ||
		got.header.Get("Location") != g.base+line {
		t.Errorf("%q: PUT %s: %d %s %v", key, line, got.status, got.body, got.header)
	}
	for range 3 {
		if got := through(t, g, h, request{"POST", line + "/parcels", "", "{}"}); got.status != http.StatusCreated {
			t.Errorf("%q: POST %s/parcels: %d %s", key, line, got.status, got.body)
		}
	}
	pages := 0
	for path, query := line+"/parcels", "per_page=1&sort=order_no,line_no"; path != "" && pages < 9; pages++ {
		page := through(t, g, h, request{"GET", path, query, ""})
		if !strings.Contains(page.body, `"order_no":`+quotedJSON(key)+`,"line_no":7`) {
			t.Errorf("%q: GET %s?%s: %d %s", key, path, query, page.status, page.body)
		}
		path = ""
		if m := nextLink.FindStringSubmatch(page.header.Get("Link")); m != nil {
			path, query, _ = strings.Cut(strings.TrimPrefix(m[1], g.base), "?")
		}
	}
	if pages != 3 {
		t.Errorf("%q: %s/parcels has %d pages, want 3", key, line, pages)
	}
}

// keyPath returns the path of a row with a key of one text.
func keyPath(table, key string) string {
	i := slices.IndexFunc(keys.Tables, func(t *resource.Table) bool { return t.Name == table })
	return keys.Tables[i].Path(resource.Key{key})
}

// keyPart returns a text as a part of a key of several columns.
func keyPart(key string) string {
	path, _ := strings.CutPrefix(keyPath("tags", "x"+key), "/tags/x") // of a key that is neither empty nor a point
	if key == "" {
		return "~5"
	}
	return path
}

// quotedJSON returns a text as the API writes it in JSON.
func quotedJSON(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a text
	return strings.TrimSpace(b.String())
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
