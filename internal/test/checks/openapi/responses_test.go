package openapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"slipway/internal/httpapi"
	"slipway/internal/migrate/rowtypes/testdata/keys"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// untested reports whether the test has no request that returns a described status.
func (w *walk) untested(o operation, status string) bool {
	table := o.path[strings.LastIndexByte(o.path, '/')+1:]
	switch {
	case status == "500": // a bug
		return true
	case status == "409" && o.method == http.MethodPost:
		// Without unique values, only two concurrent requests with one key return it.
		return w.at(w.root, "paths", "/"+table+"/{id}", "patch", "responses", "409") == nil
	case status == "409" && o.method == http.MethodDelete:
		// Only rows that reference the deleted one without a cascade return it.
		return table == "{id}"
	}
	return false
}

// TestResponsesAreAsDescribed sends valid and invalid requests to every operation. Every
// response is described in the document, and every described response occurs.
func TestResponsesAreAsDescribed(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		small := func(o *httpapi.Options) { o.MaxBodyBytes = walkBodyLimit }
		newWalk(apitest.New(t, blog.New(t, dialect), small)).tryResponses(blog.New(t, dialect), dbtest.New(t, dialect),
			func(*httpapi.Options) {})
	})
}

// TestResponsesOfKeys is TestResponsesAreAsDescribed for tables with every shape of a key.
func TestResponsesOfKeys(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		small := func(o *httpapi.Options) { o.MaxBodyBytes = walkBodyLimit }
		w := newWalkOver(newKeys(t, dialect, small), keys.Tables)
		w.tryResponses(dbtest.New(t, dialect), dbtest.New(t, dialect), withTables(keys.Tables, nil))
	})
}

// TestResponsesOfTypes is TestResponsesAreAsDescribed for tables with columns and keys of every type.
func TestResponsesOfTypes(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		small := func(o *httpapi.Options) { o.MaxBodyBytes = walkBodyLimit }
		w := newWalkOver(newTypes(t, dialect, small), allTypes)
		w.tryResponses(dbtest.New(t, dialect), dbtest.New(t, dialect), withTables(allTypes, nil))
	})
}

// tryResponses sends valid and invalid requests to every operation. db and empty are the URLs of other databases, the
// second without tables.
func (w *walk) tryResponses(db, empty string, tables func(*httpapi.Options)) {
	t := w.api.T
	with := func(url string, change func(*httpapi.Options)) *apitest.API {
		return apitest.New(t, url, func(o *httpapi.Options) { tables(o); change(o) })
	}
	notReady := with(empty, func(o *httpapi.Options) { o.MaxBodyBytes = walkBodyLimit })
	noTime := with(db, func(o *httpapi.Options) { o.Timeout = time.Nanosecond })
	gateway := with(empty, func(o *httpapi.Options) { o.MaxHeaderBytes = walkHeaderLimit })
	for _, o := range w.walked() {
		if r := w.validRequest(o); w.send(r).Status != o.success() {
			t.Errorf("%s: a valid request failed", r.target())
		}
		valid, used := request{}, true
		for _, status := range []int{302, 304, 400, 404, 409, 412, 413, 414, 415, 422, 431, 503, 504} {
			if used {
				valid = w.validRequest(o)
			}
			r := w.invalidate(valid, status)
			var got apitest.Response
			switch status {
			case http.StatusServiceUnavailable:
				got = w.check(r, notReady.Do(r.method, r.target(), r.body, r.headers...))
			case http.StatusRequestURITooLong:
				r.query = strings.Repeat("x", walkHeaderLimit)
				got = w.check(r, gateway.Do(r.method, r.target(), r.body, r.headers...))
			case http.StatusRequestHeaderFieldsTooLarge:
				got = w.check(r, gateway.Do(r.method, r.target(), r.body, "X: "+strings.Repeat("x", walkHeaderLimit)))
			case http.StatusGatewayTimeout:
				got = w.check(r, noTime.Do(r.method, r.target(), r.body, r.headers...))
			default:
				got = w.send(r)
			}
			// A read, or a write that failed, changes nothing. To get 409, a request is sent twice.
			reads := o.method == http.MethodGet || o.method == http.MethodHead
			used = !reads && (got.Status < 400 || status == http.StatusConflict)
		}
		w.variants(o)
	}
	w.checkSeen()
}

// checkSeen checks that every described response has occurred.
func (w *walk) checkSeen() {
	for _, o := range w.walked() {
		for status, r := range w.members(o.described, "responses") {
			if w.untested(o, status) {
				continue
			}
			if !w.seen[o.String()+" "+status] {
				w.t.Errorf("%s: %s is described but did not occur", o, status)
			}
			for header := range w.members(r, "headers") {
				if !w.seen[o.String()+" "+status+" "+header] && status+header != "409Retry-After" {
					w.t.Errorf("%s: %s with %s is described but did not occur", o, status, header)
				}
			}
		}
	}
}

// variants sends further valid requests, with the parameters of an operation.
func (w *walk) variants(o operation) {
	// Select all fields: the schema of a row requires them.
	for _, name := range []string{"fields", "include"} {
		r := w.validRequest(o)
		r.query = ""
		for _, choice := range w.list(o.parameter(name), "schema", "items", "enum") {
			r.query += "&" + name + "=" + choice.(string)
			if name == "include" {
				w.send(r)
			}
		}
		if r.query != "" {
			w.send(r)
		}
	}
	if w.at(o.described, "responses", "201") != nil && o.method == http.MethodPut {
		r := w.validRequest(o)
		w.api.Must(http.StatusNoContent, "DELETE", r.target(), "")
		w.send(r) // creates the row
	}
	if o.parameter("cursor") != nil {
		r := w.validRequest(o)
		r.query = "per_page=1&count=exact"
		w.send(r)
	}
	if o.parameter("Idempotency-Key") != nil {
		r := w.validRequest(o)
		r.headers = append(r.headers, fmt.Sprintf("Idempotency-Key: key %d", w.n))
		w.send(r)
		w.send(r)
		r.body = "[" + r.body + "]"
		w.send(r) // another request with the same key
		r = w.validRequest(o)
		r.body = "[" + r.body + "," + w.validRequest(o).body + "]"
		w.send(r)
	}
}
