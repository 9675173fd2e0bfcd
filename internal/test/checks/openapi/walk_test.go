package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"slipway/internal/resource"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest/blog"
)

// walk is a client that creates its requests from the document alone, and checks every
// response against it.
type walk struct {
	*specification
	api *apitest.API
	n   int // makes values unique
	// tables say which members reference rows of other tables: the document does not.
	tables []*resource.Table
	// rows has the last row of each table. parents has rows that no request changes or deletes.
	rows, parents map[string]map[string]any
	// seen has the responses and their headers: "GET /notes 200", "GET /notes 200 Link".
	seen map[string]bool
}

const (
	walkBodyLimit   = 8000
	walkHeaderLimit = 10240
)

// newWalk creates a row in every table of package blog.
func newWalk(api *apitest.API) *walk { return newWalkOver(api, blog.Tables) }

// newWalkOver creates a row in every table.
func newWalkOver(api *apitest.API, tables []*resource.Table) *walk {
	w := &walk{specification: newSpecification(api), api: api, tables: tables, rows: map[string]map[string]any{},
		parents: map[string]map[string]any{}, seen: map[string]bool{}}
	for _, tag := range w.list(w.root, "tags") {
		if name := w.text(tag, "name"); w.at(w.root, "paths", "/"+name) != nil {
			w.newRow(name)
		}
	}
	return w
}

// request is a request for an operation.
type request struct {
	operation
	id, other, query, body string
	headers                []string
}

func (r request) target() string {
	path := strings.ReplaceAll(r.path, "{id}", r.id)
	path = strings.ReplaceAll(path, "{file}", r.id)
	path = strings.ReplaceAll(path, "{other}", r.other)
	if r.query != "" {
		path += "?" + r.query
	}
	return path
}

// validRequest returns a valid request for an operation. If it needs a row, it creates one.
func (w *walk) validRequest(o operation) request {
	w.n++
	r := request{operation: o}
	switch {
	case strings.Contains(o.path, "{file}"):
		r.id = w.list(o.parameter("file"), "schema", "enum")[0].(string)
	case strings.Contains(o.path, "{id}"):
		r.id = w.newRow(strings.Split(o.path, "/")[1])
	case o.parameter("dry_run") != nil:
		t := w.tableOf(o)
		w.newRow(t.Name)
		key := t.Key[0].Name
		r.query = key + "=" + url.QueryEscape(plain(w.rows[t.Name][key]))
	}
	if strings.Contains(o.path, "{other}") {
		r.other = w.newRow(w.tableOf(o).Name)
	}
	if o.parameter("page") != nil {
		r.query = "page=1&per_page=1"
	}
	if content := w.members(o.described, "requestBody", "content"); content != nil {
		mediaType := slices.Sorted(maps.Keys(content))[len(content)-1]
		r.body = encode(w.t, w.newBody(w.tableOf(o), w.at(content[mediaType], "schema")))
		r.headers = []string{"Content-Type: " + mediaType}
	}
	return r
}

// invalidate returns a valid request with a change, so that the response has a status.
func (w *walk) invalidate(r request, status int) request {
	r.headers = slices.Clone(r.headers)
	switch status {
	case http.StatusFound:
		r.headers = append(r.headers, "Accept: text/html")
	case http.StatusNotModified:
		r.headers = append(r.headers, "If-None-Match: *")
	case http.StatusBadRequest:
		r.query = strings.TrimPrefix(r.query+"&nosuch=1", "&")
	case http.StatusNotFound:
		r.id = "9223372036854775807"
		if t := w.firstTable(r.operation); t != nil && t.Auto == nil {
			r.id = "~" // not a valid key: a PUT creates the row of a valid one
		}
	case http.StatusConflict:
		if r.parameter("max_affected") != nil {
			r.query += "&max_affected=0"
			break
		}
		// Use the values of another row.
		w.send(r)
		if strings.HasSuffix(r.path, "{id}") {
			r.id = w.newRow(strings.Split(r.path, "/")[1])
		}
	case http.StatusPreconditionFailed:
		r.headers = append(r.headers, `If-Match: "stale"`)
	case http.StatusRequestEntityTooLarge:
		r.body = `{"nosuch":"` + strings.Repeat("x", walkBodyLimit) + `"}`
	case http.StatusUnsupportedMediaType:
		r.headers = []string{"Content-Type: text/plain"}
	case http.StatusUnprocessableEntity:
		r.body = `{"nosuch":1}`
	}
	return r
}

func (w *walk) send(r request) apitest.Response {
	w.t.Helper()
	return w.check(r, w.api.Do(r.method, r.target(), r.body, r.headers...))
}

// describedHeaders are the headers that the document must describe.
var describedHeaders = []string{"ETag", "Location", "Link", "X-Total-Count", "X-Request-Id", "Idempotency-Replayed",
	"Retry-After", "WWW-Authenticate"}

// check checks a response against the document.
func (w *walk) check(r request, got apitest.Response) apitest.Response {
	w.t.Helper()
	status := strconv.Itoa(got.Status)
	name := r.String() + " " + status
	w.seen[name] = true
	fail := func(format string, args ...any) {
		w.t.Helper()
		w.t.Errorf("%s (%s): %s\n%.300s", name, r.target(), fmt.Sprintf(format, args...), got.Body)
	}
	response := w.members(r.described, "responses", status)
	if response == nil {
		fail("the status is not described")
		return got
	}
	for _, h := range describedHeaders {
		value := got.Header.Get(h)
		if value == "" {
			continue
		}
		w.seen[name+" "+h] = true
		if w.at(response, "headers", h) == nil {
			fail("the header %s is not described", h)
			continue
		}
		var typed any = value
		if w.text(response, "headers", h, "schema", "type") == "integer" {
			typed = json.Number(value)
		}
		if err := w.compile(w.schemas, "components", "headers", h, "schema").Validate(typed); err != nil {
			fail("%s: %s: %v", h, value, err)
		}
	}
	if got.Header.Get("X-Request-Id") == "" {
		fail("no X-Request-Id")
	}
	content := w.members(response, "content")
	mediaType, _, _ := strings.Cut(got.Header.Get("Content-Type"), ";")
	switch {
	case content == nil:
		if got.Body != "" {
			fail("the body is not described")
		}
	case content["text/*"] != nil && strings.HasPrefix(mediaType, "text/"):
	case content[mediaType] == nil:
		fail("%s is not described", mediaType)
	case w.at(content[mediaType], "schema") != nil:
		at := []string{"paths", r.path, strings.ToLower(r.method), "responses", status}
		if ref, ok := w.members(r.described, "responses")[status].(map[string]any)["$ref"].(string); ok {
			at = strings.Split(strings.TrimPrefix(ref, "#/"), "/")
		}
		body, err := jsonschema.UnmarshalJSON(strings.NewReader(got.Body))
		if err == nil {
			err = w.compile(w.strict, append(at, "content", mediaType, "schema")...).Validate(body)
		}
		if err != nil {
			fail("%v", err)
		}
	}
	return got
}
