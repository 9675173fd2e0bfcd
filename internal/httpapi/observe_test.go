package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"slipway/internal/httpapi"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/mysqlproxy"
)

// lines returns the lines of the log and clears it.
func (a *testAPI) lines() []map[string]any {
	a.T.Helper()
	var lines []map[string]any
	for line := range bytes.Lines(bytes.Clone(a.Log.Bytes())) {
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			a.T.Fatalf("%s: %v", line, err)
		}
		lines = append(lines, m)
	}
	a.Log.Reset()
	return lines
}

// TestRequestID checks that a valid id is kept and an invalid one is replaced.
func TestRequestID(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), nil)
	for sent, kept := range map[string]bool{
		"abc-123_X.y:z=":         true,
		strings.Repeat("a", 128): true,
		strings.Repeat("a", 129): false,
		"two words":              false,
		"quote\"":                false,
		"ünï":                    false,
		"":                       false,
	} {
		got := api.Do("GET", "/healthz", "", "X-Request-Id: "+sent)
		id := got.Header.Get("X-Request-Id")
		if (id == sent) != kept || id == "" {
			t.Errorf("%q became %q", sent, id)
		}
		if line := api.lines()[0]; line["request_id"] != id {
			t.Errorf("the log has %v for %q", line["request_id"], id)
		}
	}
	if a, b := api.Do("GET", "/healthz", "").Header.Get("X-Request-Id"), api.Do("GET", "/healthz",
		"").Header.Get("X-Request-Id"); a == b {
		t.Errorf("two requests have the id %q", a)
	}
}

// TestPanic checks that the response to a panic has no details, and that the log has them
// under the same request id.
func TestPanic(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), func(o *httpapi.Options) {
		o.BasePath = func(context.Context) string { panic("s3cr3t cause") }
	})
	got := api.Must(http.StatusInternalServerError, "POST", "/notes", `{"title":"x"}`)
	if strings.Contains(got.Body, "s3cr3t") {
		t.Errorf("the response contains the cause: %s", got.Body)
	}
	line := api.lines()[0]
	if line["level"] != "ERROR" || !strings.Contains(line["error"].(string), "s3cr3t cause") ||
		!strings.Contains(line["stack"].(string), "httpapi") {
		t.Errorf("the log lacks the cause: %v", line)
	}
	if p := got.Object(t); p["request_id"] != line["request_id"] || p["status"] != 500.0 {
		t.Errorf("%s lacks the id %v", got.Body, line["request_id"])
	}
	api.Must(http.StatusOK, "GET", "/healthz", "")
}

// TestDeadline checks that a request that takes too long returns 504 in time, and that the
// next request works.
func TestDeadline(t *testing.T) {
	t.Parallel()
	blog.Each(t, func(t *testing.T, url string) {
		api := newAPI(t, url, func(o *httpapi.Options) { o.Timeout = 300 * time.Millisecond })
		api.Must(http.StatusCreated, "POST", "/notes", `{"title":"x"}`)
		// Another transaction locks the row (MySQL) or the database (SQLite).
		tx := api.DB.Write.Begin()
		if err := tx.Exec("UPDATE notes SET title = 'held' WHERE id = 1").Error; err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		api.Must(http.StatusGatewayTimeout, "PATCH", "/notes/1", `{"title":"late"}`)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("the response took %s", took)
		}
		if err := tx.Commit().Error; err != nil {
			t.Fatal(err)
		}
		// The update that waited for the lock must not run now.
		time.Sleep(100 * time.Millisecond)
		if got := api.Must(http.StatusOK, "GET", "/notes/1", "").Object(t); got["title"] != "held" {
			t.Errorf("the update ran after the 504: %v", got)
		}
		api.Must(http.StatusOK, "PATCH", "/notes/1", `{"title":"in time"}`)
	})
}

// TestContextDeadline checks that the response comes before the deadline of the request's
// context.
func TestContextDeadline(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), nil)
	tx := api.DB.Write.Begin()
	defer tx.Rollback()
	deadline := time.Now().Add(900 * time.Millisecond)
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, "DELETE", "/notes/1", nil)
	w := httptest.NewRecorder()
	api.Handler.ServeHTTP(w, r)
	if w.Code != http.StatusGatewayTimeout || time.Now().After(deadline) {
		t.Errorf("%d %s, %s before the deadline", w.Code, w.Body, time.Until(deadline))
	}
}

// TestClientGone checks that a closed connection is not an error in the log.
func TestClientGone(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), nil)
	tx := api.DB.Write.Begin()
	defer tx.Rollback()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	api.Handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "DELETE", "/notes/1", nil))
	if line := api.lines()[0]; line["status"] != 499.0 || line["level"] != "INFO" {
		t.Errorf("%v", line)
	}
}

// TestOutage checks that requests return 503 with Retry-After while the database is
// unavailable, and work again afterwards.
func TestOutage(t *testing.T) {
	t.Parallel()
	proxy, url := mysqlproxy.Through(t, blog.MySQL(t))
	api := newAPI(t, url, nil)
	api.Must(http.StatusCreated, "POST", "/notes", `{"title":"x"}`)
	api.Must(http.StatusOK, "GET", "/readyz", "")
	proxy.Cut()
	for _, r := range [][2]string{{"GET", "/notes"}, {"GET", "/notes/1"}, {"POST", "/notes"}, {"PATCH", "/notes/1"},
		{"DELETE", "/notes/1"}, {"GET", "/readyz"}} {
		got := api.Must(http.StatusServiceUnavailable, r[0], r[1], `{"title":"y"}`)
		if got.Header.Get("Retry-After") == "" || strings.Contains(got.Body, "127.0.0.1") {
			t.Errorf("%v: %v %s", r, got.Header, got.Body)
		}
	}
	api.Must(http.StatusOK, "GET", "/healthz", "")
	proxy.Heal()
	api.Must(http.StatusOK, "GET", "/notes/1", "")
	api.Must(http.StatusOK, "GET", "/readyz", "")
}

// TestNotMigrated checks the errors while the tables are missing, and that the API is ready
// once they exist.
func TestNotMigrated(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		api := newAPI(t, url, nil)
		api.Must(http.StatusServiceUnavailable, "GET", "/notes", "")
		got := api.Must(http.StatusServiceUnavailable, "GET", "/readyz", "")
		if !strings.Contains(got.Body, "migrations") {
			t.Errorf("/readyz lacks the cause: %s", got.Body)
		}
		if line := api.lines(); line[1]["error"] == nil {
			t.Errorf("the log lacks the cause: %v", line)
		}
		blog.Create(t, url)
		api.Must(http.StatusOK, "GET", "/notes", "")
		got = api.Must(http.StatusOK, "GET", "/readyz", "")
		if got.Object(t)["status"] != "ok" {
			t.Errorf("/readyz: %s", got.Body)
		}
	})
}

// TestBasePath checks that links and locations include the base path.
func TestBasePath(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), func(o *httpapi.Options) {
		o.BasePath = func(context.Context) string { return "/dev" }
	})
	if got := api.Must(http.StatusCreated, "POST", "/notes",
		`{"title":"x"}`).Header.Get("Location"); got != "/dev/notes/1" {
		t.Errorf("Location: %s", got)
	}
	if got := api.Must(http.StatusOK, "GET", "/notes?page=1&title=a%26b", "").Header.Get("Link"); !strings.HasPrefix(got,
		`</dev/notes?page=1&title=a%26b>; rel="first"`) {
		t.Errorf("Link: %s", got)
	}
}

// TestQuietLog checks that the log level suppresses lines.
func TestQuietLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	api := newAPI(t, blog.SQLite(t), func(o *httpapi.Options) {
		o.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))
	})
	api.Must(http.StatusOK, "GET", "/healthz", "")
	if log.Len() > 0 {
		t.Errorf("%s", &log)
	}
}
