package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/dbtest"
	"slipway/internal/dbtest/migrated"
	"slipway/internal/httpapi"
	"slipway/internal/wire"
)

// lines reads the log so far and forgets it.
func (a *testAPI) lines() []map[string]any {
	a.t.Helper()
	var lines []map[string]any
	for line := range bytes.Lines(bytes.Clone(a.log.Bytes())) {
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			a.t.Fatalf("%s: %v", line, err)
		}
		lines = append(lines, m)
	}
	a.log.Reset()
	return lines
}

// TestLogLine: one line a request, with these members and nothing a client wrote
// into its body, query or headers.
func TestLogLine(t *testing.T) {
	t.Parallel()
	api := newAPI(t, migrated.SQLite(t), func(o *httpapi.Options) {
		o.GatewayRequestID = func(context.Context) string { return "gateway-7" }
	})
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	api.do("GET", "/notes?title=s3cr3t", "", "Traceparent: 00-"+trace+"-00f067aa0ba902b7-01", "Authorization: Bearer s3cr3t", "X-Forwarded-For: 6.6.6.6", "X-Real-Ip: 6.6.6.6")
	if strings.Contains(api.log.String(), "s3cr3t") {
		t.Errorf("the log shows what it must not: %s", api.log)
	}
	var members []string
	for _, m := range regexp.MustCompile(`[{,]"(\w+)":`).FindAllStringSubmatch(api.log.String(), -1) {
		members = append(members, m[1])
	}
	if want := []string{"time", "level", "msg", "request_id", "gateway_request_id", "method", "path", "route", "status", "duration_ms",
		"client_ip", "trace_id"}; !slices.Equal(members, want) {
		t.Errorf("members %q, want %q", members, want)
	}
	lines := api.lines()
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	for name, want := range map[string]any{"level": "INFO", "msg": "request", "method": "GET", "path": "/notes", "route": "/notes", "trace_id": trace, "status": 200.0, "client_ip": "192.0.2.1", "gateway_request_id": "gateway-7"} {
		if lines[0][name] != want {
			t.Errorf("%s is %v, want %v", name, lines[0][name], want)
		}
	}
	for _, path := range []string{"/nothing", "/notes/abc", "/notes?page=0"} {
		api.do("GET", path, "")
	}
	if lines := api.lines(); len(lines) != 3 || lines[0]["level"] != "INFO" || lines[0]["error"] != nil {
		t.Errorf("what a client did wrong: %v", lines)
	}
}

// TestRoute: the log has the route that a request took.
func TestRoute(t *testing.T) {
	t.Parallel()
	api := newAPI(t, migrated.SQLite(t), nil)
	for request, want := range map[string]string{
		"GET /": "/", "GET /notes": "/notes", "GET /notes/7": "/notes/:id", "GET /users/7/posts": "/users/:id/posts", "OPTIONS /notes/7": "/notes/:id",
		"GET /docs/page.js": "/docs/:file", "GET /nothing": "", "PUT /notes": "",
	} {
		method, path, _ := strings.Cut(request, " ")
		api.do(method, path, "")
		if line := api.lines()[0]; line["route"] != want || line["trace_id"] != nil {
			t.Errorf("%s: route %v, want %q", request, line["route"], want)
		}
	}
}

// TestTraceparent: a valid header of W3C Trace Context gives its trace-id to the log,
// and any other none.
func TestTraceparent(t *testing.T) {
	t.Parallel()
	api := newAPI(t, migrated.SQLite(t), nil)
	const trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	for sent, valid := range map[string]bool{
		"00-" + trace + "-" + parent + "-01":                        true,
		"00-" + trace + "-" + parent + "-00":                        true,
		"00-" + trace + "-" + parent + "-01-more":                   false,
		"cc-" + trace + "-" + parent + "-01-of a later version":     true,
		"cc-" + trace + "-" + parent + "-01.of a later version":     false,
		"ff-" + trace + "-" + parent + "-01":                        false,
		"00-" + strings.ToUpper(trace) + "-" + parent + "-01":       false,
		"00-" + strings.Repeat("0", 32) + "-" + parent + "-01":      false,
		"00-" + trace + "-" + strings.Repeat("0", 16) + "-01":       false,
		"00-" + trace + "-" + parent:                                false,
		"00-" + trace[1:] + "-" + parent + "-01":                    false,
		"":                                                          false,
		"00-" + trace + "-" + parent + "-01\n":                      false,
		"Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1":        false,
		"00-4bf92f3577b34da6a3ce929d0e0e473g-" + parent + "-01":     false,
		"00-" + trace + "-" + parent + "-01, 00-" + trace + "-x-01": false,
	} {
		api.do("GET", "/healthz", "", "Traceparent: "+sent)
		if got := api.lines()[0]["trace_id"]; (got == trace) != valid || !valid && got != nil {
			t.Errorf("%q: trace_id %v", sent, got)
		}
	}
}

// TestRequestID: a fit id is taken over, anything else is replaced.
func TestRequestID(t *testing.T) {
	t.Parallel()
	api := newAPI(t, migrated.SQLite(t), nil)
	for sent, kept := range map[string]bool{
		"abc-123_X.y:z=":         true,
		strings.Repeat("a", 128): true,
		strings.Repeat("a", 129): false,
		"two words":              false,
		"quote\"":                false,
		"ünï":                    false,
		"":                       false,
	} {
		got := api.do("GET", "/healthz", "", "X-Request-Id: "+sent)
		id := got.header.Get("X-Request-Id")
		if (id == sent) != kept || id == "" {
			t.Errorf("%q became %q", sent, id)
		}
		if line := api.lines()[0]; line["request_id"] != id {
			t.Errorf("the log has %v for %q", line["request_id"], id)
		}
	}
	if a, b := api.do("GET", "/healthz", "").header.Get("X-Request-Id"), api.do("GET", "/healthz", "").header.Get("X-Request-Id"); a == b {
		t.Errorf("two requests have the id %q", a)
	}
}

// TestPanic: a bug is a 500 that tells nothing, and the log has it whole, under
// the id that the answer names.
func TestPanic(t *testing.T) {
	t.Parallel()
	api := newAPI(t, migrated.SQLite(t), func(o *httpapi.Options) {
		o.BasePath = func(context.Context) string { panic("s3cr3t cause") }
	})
	got := api.must(http.StatusInternalServerError, "POST", "/notes", `{"title":"x"}`)
	if strings.Contains(got.body, "s3cr3t") {
		t.Errorf("the answer shows the cause: %s", got.body)
	}
	line := api.lines()[0]
	if line["level"] != "ERROR" || !strings.Contains(line["error"].(string), "s3cr3t cause") || !strings.Contains(line["stack"].(string), "httpapi") {
		t.Errorf("the log has not the cause: %v", line)
	}
	if p := got.object(t); p["request_id"] != line["request_id"] || p["status"] != 500.0 {
		t.Errorf("%s is not under %v", got.body, line["request_id"])
	}
	api.must(http.StatusOK, "GET", "/healthz", "")
}

// TestDeadline: a request that takes too long is a 504, in time, and the next one
// works.
func TestDeadline(t *testing.T) {
	t.Parallel()
	migrated.Each(t, func(t *testing.T, url string) {
		api := newAPI(t, url, func(o *httpapi.Options) { o.Timeout = 300 * time.Millisecond })
		api.must(http.StatusCreated, "POST", "/notes", `{"title":"x"}`)
		// Another transaction holds the row (MySQL), or the one writer (SQLite).
		tx := api.db.Write.Begin()
		if err := tx.Exec("UPDATE notes SET title = 'held' WHERE id = 1").Error; err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		api.must(http.StatusGatewayTimeout, "PATCH", "/notes/1", `{"title":"late"}`)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("the answer took %s", took)
		}
		if err := tx.Commit().Error; err != nil {
			t.Fatal(err)
		}
		// What waited for the lock must not get it now that nobody waits.
		time.Sleep(100 * time.Millisecond)
		if got := api.must(http.StatusOK, "GET", "/notes/1", "").object(t); got["title"] != "held" {
			t.Errorf("a change that was answered 504 was made: %v", got)
		}
		api.must(http.StatusOK, "PATCH", "/notes/1", `{"title":"in time"}`)
	})
}

// TestBroughtDeadline: a deadline that comes with the request is kept, with time
// left to say so.
func TestBroughtDeadline(t *testing.T) {
	t.Parallel()
	api := newAPI(t, migrated.SQLite(t), nil)
	tx := api.db.Write.Begin()
	defer tx.Rollback()
	deadline := time.Now().Add(900 * time.Millisecond)
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, "DELETE", "/notes/1", nil)
	w := httptest.NewRecorder()
	api.handler.ServeHTTP(w, r)
	if w.Code != http.StatusGatewayTimeout || time.Now().After(deadline) {
		t.Errorf("%d %s, %s before the deadline", w.Code, w.Body, time.Until(deadline))
	}
}

// TestClientGone: nobody waits for the answer, and the log does not cry.
func TestClientGone(t *testing.T) {
	t.Parallel()
	api := newAPI(t, migrated.SQLite(t), nil)
	tx := api.db.Write.Begin()
	defer tx.Rollback()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	api.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "DELETE", "/notes/1", nil))
	if line := api.lines()[0]; line["status"] != 499.0 || line["level"] != "INFO" {
		t.Errorf("%v", line)
	}
}

// TestOutage: a database that went away is a 503 that says when to come back, and
// is gone with the outage.
func TestOutage(t *testing.T) {
	t.Parallel()
	proxy, url := wire.Through(t, migrated.MySQL(t))
	api := newAPI(t, url, nil)
	api.must(http.StatusCreated, "POST", "/notes", `{"title":"x"}`)
	api.must(http.StatusOK, "GET", "/readyz", "")
	proxy.Cut()
	for _, r := range [][2]string{{"GET", "/notes"}, {"GET", "/notes/1"}, {"POST", "/notes"}, {"PATCH", "/notes/1"}, {"DELETE", "/notes/1"}, {"GET", "/readyz"}} {
		got := api.must(http.StatusServiceUnavailable, r[0], r[1], `{"title":"y"}`)
		if got.header.Get("Retry-After") == "" || strings.Contains(got.body, "127.0.0.1") {
			t.Errorf("%v: %v %s", r, got.header, got.body)
		}
	}
	api.must(http.StatusOK, "GET", "/healthz", "")
	proxy.Heal()
	api.must(http.StatusOK, "GET", "/notes/1", "")
	api.must(http.StatusOK, "GET", "/readyz", "")
}

// TestNotMigrated: without its tables the API says so, and is ready as soon as
// they are there.
func TestNotMigrated(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		api := newAPI(t, url, nil)
		api.must(http.StatusServiceUnavailable, "GET", "/notes", "")
		got := api.must(http.StatusServiceUnavailable, "GET", "/readyz", "")
		if !strings.Contains(got.body, "migrations") {
			t.Errorf("/readyz does not say why: %s", got.body)
		}
		if line := api.lines(); line[1]["error"] == nil {
			t.Errorf("the log does not say why: %v", line)
		}
		if err := migrated.Upgrade(url); err != nil {
			t.Fatal(err)
		}
		api.must(http.StatusOK, "GET", "/notes", "")
		got = api.must(http.StatusOK, "GET", "/readyz", "")
		if got.object(t)["status"] != "ok" {
			t.Errorf("/readyz: %s", got.body)
		}
	})
}

// TestBasePath: links lead back through whatever stands in front.
func TestBasePath(t *testing.T) {
	t.Parallel()
	api := newAPI(t, migrated.SQLite(t), func(o *httpapi.Options) {
		o.BasePath = func(context.Context) string { return "/dev" }
	})
	if got := api.must(http.StatusCreated, "POST", "/notes", `{"title":"x"}`).header.Get("Location"); got != "/dev/notes/1" {
		t.Errorf("Location: %s", got)
	}
	if got := api.must(http.StatusOK, "GET", "/notes?page=1&title=a%26b", "").header.Get("Link"); !strings.HasPrefix(got, `</dev/notes?page=1&title=a%26b>; rel="first"`) {
		t.Errorf("Link: %s", got)
	}
}

// TestQuietLog: a level that is not asked for costs no line.
func TestQuietLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	api := newAPI(t, migrated.SQLite(t), func(o *httpapi.Options) {
		o.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))
	})
	api.must(http.StatusOK, "GET", "/healthz", "")
	if log.Len() > 0 {
		t.Errorf("%s", &log)
	}
}
