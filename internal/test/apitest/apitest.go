// Package apitest serves the tables of package blog, or others, in a test: the API of httpapi on a database of its own,
// and a client that calls it without a network.
//
// It is for tests only. It may import httpapi and what a program with httpapi needs, and schema and Atlas to create
// tables.
package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/database"
	"slipway/internal/database/mysql"
	"slipway/internal/database/sqlite"
	"slipway/internal/httpapi"
	"slipway/internal/store"
	"slipway/internal/test/dbtest/blog"
)

// Dialects are all dialects.
var Dialects = []database.Dialect{mysql.Dialect{}, sqlite.Dialect{}}

// API is the API with its own database.
type API struct {
	T       *testing.T
	Handler http.Handler
	DB      *database.DB
	Log     *bytes.Buffer
}

// New returns an API on the database of a URL. change may change its options, and open those of the database.
func New(t *testing.T, url string, change func(*httpapi.Options), open ...database.Config) *API {
	t.Helper()
	to := database.Config{}
	for _, c := range open {
		to = c
	}
	to.URL = url
	db, err := database.Open(to, Dialects...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	log := &bytes.Buffer{}
	options := httpapi.Options{
		Store:         store.New(db),
		Tables:        blog.Tables,
		SchemaVersion: blog.Version,
		Logger:        slog.New(slog.NewJSONHandler(log, nil)),
		MaxBodyBytes:  1 << 20,
	}
	if change != nil {
		change(&options)
	}
	return &API{t, httpapi.New(options), db, log}
}

// Response is the response to a request.
type Response struct {
	Status int
	Header http.Header
	Body   string
}

// Do sends one request. A body has the type application/json by default. Headers have the
// form "Name: value"; "Name: " removes one.
func (a *API) Do(method, path, body string, headers ...string) Response {
	a.T.Helper()
	return a.DoContext(a.T.Context(), method, path, body, headers...)
}

// DoContext is Do with a context.
func (a *API) DoContext(ctx context.Context, method, path, body string, headers ...string) Response {
	a.T.Helper()
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if value == "" {
			r.Header.Del(name)
			continue
		}
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	a.Handler.ServeHTTP(w, r)
	res := w.Result()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		a.T.Fatal(err)
	}
	return Response{res.StatusCode, res.Header, string(text)}
}

// Must sends a request, and fails the test if the response has another status.
func (a *API) Must(status int, method, path, body string, headers ...string) Response {
	a.T.Helper()
	got := a.Do(method, path, body, headers...)
	if got.Status != status {
		a.T.Fatalf("%s %s %s: %d %s, want %d", method, path, body, got.Status, got.Body, status)
	}
	return got
}

// Object decodes a response with a JSON object.
func (r Response) Object(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(r.Body), &m); err != nil {
		t.Fatalf("%s: %v", r.Body, err)
	}
	return m
}

// Array decodes a response with a JSON array of objects.
func (r Response) Array(t *testing.T) []map[string]any {
	t.Helper()
	var m []map[string]any
	if err := json.Unmarshal([]byte(r.Body), &m); err != nil {
		t.Fatalf("%s: %v", r.Body, err)
	}
	return m
}

var nextLink = regexp.MustCompile(`<([^>]*)>; rel="next"`)

// Next returns the URL of the next page, or "".
func (r Response) Next() string {
	if m := nextLink.FindStringSubmatch(r.Header.Get("Link")); m != nil {
		return m[1]
	}
	return ""
}
