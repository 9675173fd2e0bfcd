package httpapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"slipway/internal/dbtest"
	"slipway/internal/dbtest/blog"
	"slipway/internal/httpapi"
)

// walk is a client that knows nothing but the document: it makes its requests
// from there, good ones and bad ones, and holds every answer against it.
type walk struct {
	*specification
	api *testAPI
	n   int // makes rows that differ
	// seen has what came: "GET /notes 200", and "GET /notes 200 Link".
	seen map[string]bool
}

const walkBodyLimit = 2000

// newWalk begins with a row in every table.
func newWalk(api *testAPI) *walk {
	w := &walk{api.specification(), api, 0, map[string]bool{}}
	for _, tag := range w.list(w.root, "tags") {
		if name := w.text(tag, "name"); w.at(w.root, "paths", "/"+name) != nil {
			w.newRow(name)
		}
	}
	return w
}

// request is what the client sends.
type request struct {
	operation
	id, query, body string
	headers         []string
}

func (r request) target() string {
	path := strings.ReplaceAll(r.path, "{id}", r.id)
	path = strings.ReplaceAll(path, "{file}", r.id)
	if r.query != "" {
		path += "?" + r.query
	}
	return path
}

// good is a request that should do what it is for. A row of its own is there for
// it to be done to.
func (w *walk) good(o operation) request {
	w.n++
	r := request{operation: o}
	switch {
	case strings.Contains(o.path, "{file}"):
		r.id = w.list(o.parameter("file"), "schema", "enum")[0].(string)
	case strings.Contains(o.path, "{id}"):
		r.id = w.newRow(strings.Split(o.path, "/")[1])
	case o.parameter("dry_run") != nil:
		r.query = "id=" + w.newRow(strings.TrimPrefix(o.path, "/"))
	}
	if o.parameter("page") != nil {
		r.query = "page=1&per_page=1"
	}
	if content := w.members(o.described, "requestBody", "content"); content != nil {
		mediaType := slices.Sorted(maps.Keys(content))[len(content)-1]
		r.body = encode(w.t, w.sample(w.at(content[mediaType], "schema"), w.n))
		r.headers = []string{"Content-Type: " + mediaType}
	}
	return r
}

// newRow creates a row and gives its id.
func (w *walk) newRow(table string) string {
	w.n++
	schema := w.at(w.root, "paths", "/"+table, "post", "requestBody", "content", "application/json", "schema")
	body := encode(w.t, w.sample(schema, w.n))
	location := w.api.must(http.StatusCreated, "POST", "/"+table, body).header.Get("Location")
	return location[strings.LastIndexByte(location, '/')+1:]
}

// spoil turns a good request into one that comes to a status.
func (w *walk) spoil(r request, status int) request {
	switch status {
	case http.StatusFound:
		r.headers = append(r.headers, "Accept: text/html")
	case http.StatusNotModified:
		r.headers = append(r.headers, "If-None-Match: *")
	case http.StatusBadRequest:
		r.query = strings.TrimPrefix(r.query+"&nosuch=1", "&")
	case http.StatusNotFound:
		r.id = "9223372036854775807"
	case http.StatusConflict:
		if r.parameter("max_affected") != nil {
			r.query += "&max_affected=0"
			break
		}
		// The values of another row.
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

func (w *walk) send(r request) answer {
	w.t.Helper()
	return w.check(r, w.api.do(r.method, r.target(), r.body, r.headers...))
}

// toldHeaders are those that say something of their own.
var toldHeaders = []string{"ETag", "Location", "Link", "X-Total-Count", "X-Request-Id", "Idempotency-Replayed", "Retry-After", "WWW-Authenticate"}

// check holds an answer against the document.
func (w *walk) check(r request, got answer) answer {
	w.t.Helper()
	status := strconv.Itoa(got.status)
	name := r.String() + " " + status
	w.seen[name] = true
	wrong := func(format string, args ...any) {
		w.t.Helper()
		w.t.Errorf("%s (%s): %s\n%.300s", name, r.target(), fmt.Sprintf(format, args...), got.body)
	}
	response := w.members(r.described, "responses", status)
	if response == nil {
		wrong("is not described")
		return got
	}
	for _, h := range toldHeaders {
		value := got.header.Get(h)
		if value == "" {
			continue
		}
		w.seen[name+" "+h] = true
		if w.at(response, "headers", h) == nil {
			wrong("the header %s is not described", h)
			continue
		}
		var typed any = value
		if w.text(response, "headers", h, "schema", "type") == "integer" {
			typed = json.Number(value)
		}
		if err := w.compile(w.schemas, "components", "headers", h, "schema").Validate(typed); err != nil {
			wrong("%s: %s: %v", h, value, err)
		}
	}
	if got.header.Get("X-Request-Id") == "" {
		wrong("has no X-Request-Id")
	}
	content := w.members(response, "content")
	mediaType, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
	switch {
	case content == nil:
		if got.body != "" {
			wrong("has a body that is not described")
		}
	case content["text/*"] != nil && strings.HasPrefix(mediaType, "text/"):
	case content[mediaType] == nil:
		wrong("%s is not described", mediaType)
	case w.at(content[mediaType], "schema") != nil:
		at := []string{"paths", r.path, strings.ToLower(r.method), "responses", status}
		if ref, ok := w.members(r.described, "responses")[status].(map[string]any)["$ref"].(string); ok {
			at = strings.Split(strings.TrimPrefix(ref, "#/"), "/")
		}
		body, err := jsonschema.UnmarshalJSON(strings.NewReader(got.body))
		if err == nil {
			err = w.compile(w.strict, append(at, "content", mediaType, "schema")...).Validate(body)
		}
		if err != nil {
			wrong("%v", err)
		}
	}
	return got
}

// cannotCome says that a status is described to which these requests do not come.
func (w *walk) cannotCome(o operation, status string) bool {
	table := o.path[strings.LastIndexByte(o.path, '/')+1:]
	switch {
	case status == "500": // a bug
		return true
	case status == "409" && o.method == http.MethodPost:
		// Without unique values it takes two requests under one key at one moment.
		return w.at(w.root, "paths", "/"+table+"/{id}", "patch", "responses", "409") == nil
	case status == "409" && o.method == http.MethodDelete:
		// It takes rows that refer to the one, and do not go with it.
		return table == "{id}"
	}
	return false
}

// TestAnswersAreAsDescribed: every operation is tried with a good request and with
// all that could be wrong with it. Every answer is one that the document has, and
// every one that it has comes.
func TestAnswersAreAsDescribed(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		small := func(o *httpapi.Options) { o.MaxBodyBytes = walkBodyLimit }
		w := newWalk(newAPI(t, blog.New(t, dialect), small))
		// Without its tables a database is not ready, and in no time nothing is done.
		notReady := newAPI(t, dbtest.New(t, dialect), small)
		noTime := newAPI(t, blog.New(t, dialect), func(o *httpapi.Options) { o.Timeout = time.Nanosecond })
		for _, o := range w.operations() {
			if r := w.good(o); w.send(r).status != o.success() {
				t.Errorf("%s: a good request came to something else", r.target())
			}
			for _, status := range []int{302, 304, 400, 404, 409, 412, 413, 415, 422, 503, 504} {
				r := w.spoil(w.good(o), status)
				switch status {
				case http.StatusServiceUnavailable:
					w.check(r, notReady.do(r.method, r.target(), r.body, r.headers...))
				case http.StatusGatewayTimeout:
					w.check(r, noTime.do(r.method, r.target(), r.body, r.headers...))
				default:
					w.send(r)
				}
			}
			w.variants(o)
		}
		for _, o := range w.operations() {
			for status, r := range w.members(o.described, "responses") {
				if w.cannotCome(o, status) {
					continue
				}
				if !w.seen[o.String()+" "+status] {
					t.Errorf("%s: %s is described, and never came", o, status)
				}
				for header := range w.members(r, "headers") {
					if !w.seen[o.String()+" "+status+" "+header] && status+header != "409Retry-After" {
						t.Errorf("%s: %s with %s is described, and never came", o, status, header)
					}
				}
			}
		}
	})
}

// variants are further good requests, by what an operation offers.
func (w *walk) variants(o operation) {
	for _, name := range []string{"fields", "include"} {
		if p := o.parameter(name); p != nil {
			for _, choice := range w.list(p, "schema", "items", "enum") {
				r := w.good(o)
				r.query = name + "=" + choice.(string)
				w.send(r)
			}
		}
	}
	if o.parameter("cursor") != nil {
		r := w.good(o)
		r.query = "per_page=1&count=exact"
		w.send(r)
	}
	if o.parameter("Idempotency-Key") != nil {
		r := w.good(o)
		r.headers = append(r.headers, fmt.Sprintf("Idempotency-Key: key %d", w.n))
		w.send(r)
		w.send(r)
		r.body = "[" + r.body + "]"
		w.send(r) // another request under the same key
		r = w.good(o)
		r.body = "[" + r.body + "," + w.good(o).body + "]"
		w.send(r)
	}
}
