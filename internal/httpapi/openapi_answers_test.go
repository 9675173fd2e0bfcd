package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"slipway/internal/httpapi"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

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
		gateway := newAPI(t, dbtest.New(t, dialect), func(o *httpapi.Options) { o.MaxHeaderBytes = walkHeaderLimit })
		for _, o := range w.operations() {
			if r := w.good(o); w.send(r).status != o.success() {
				t.Errorf("%s: a good request came to something else", r.target())
			}
			for _, status := range []int{302, 304, 400, 404, 409, 412, 413, 414, 415, 422, 431, 503, 504} {
				r := w.spoil(w.good(o), status)
				switch status {
				case http.StatusServiceUnavailable:
					w.check(r, notReady.do(r.method, r.target(), r.body, r.headers...))
				case http.StatusRequestURITooLong:
					r.query = strings.Repeat("x", walkHeaderLimit)
					w.check(r, gateway.do(r.method, r.target(), r.body, r.headers...))
				case http.StatusRequestHeaderFieldsTooLarge:
					w.check(r, gateway.do(r.method, r.target(), r.body, "X: "+strings.Repeat("x", walkHeaderLimit)))
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
	// All fields together: with fewer the response is part of a row. One after the other.
	for _, name := range []string{"fields", "include"} {
		r := w.good(o)
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
