package httpapi_test

import (
	"strings"
	"testing"

	"slipway/internal/database"
	"slipway/internal/httpapi"
	"slipway/internal/store"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/mysqlproxy"
)

// TestReader checks that reads use the reader, which has other rows in this test, and that
// writes and their reads use the primary database.
func TestReader(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		writer, reader := blog.New(t, dialect), blog.New(t, dialect)
		stale := newAPI(t, reader, nil)
		stale.Must(201, "POST", "/users", `{"username":"stale","email":"stale@example.com"}`)
		stale.Must(201, "POST", "/users/1/posts", `{"title":"stale"}`)

		db, err := database.Open(database.Config{URL: writer, ReaderURL: reader}, apitest.Dialects...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		api := newAPI(t, writer, func(o *httpapi.Options) { o.Store = store.New(db) })

		shows := func(got response, text string) {
			t.Helper()
			if !strings.Contains(got.Body, text) {
				t.Errorf("%s lacks %s", got.Body, text)
			}
		}
		fresh := api.Must(201, "POST", "/users", `{"username":"fresh","email":"fresh@example.com"}`)
		shows(fresh, `"username":"fresh"`)
		tag := fresh.Header.Get("ETag")
		for _, path := range []string{"/users/1", "/users", "/users?page=1&include=posts", "/users?username=stale",
			"/posts?include=author", "/users/1/posts?include=author"} {
			shows(api.Must(200, "GET", path, ""), "stale")
			if got := api.Must(200, "GET", "/users", "", "Cache-Control: max-age=0, no-cache"); strings.Contains(got.Body,
				"stale") {
				t.Errorf("%s with no-cache: %s", path, got.Body)
			}
		}
		if got := api.Must(200, "HEAD", "/posts", "").Header.Get("X-Total-Count"); got != "1" {
			t.Errorf("%s posts: not from the reader", got)
		}
		if got := api.Must(200, "HEAD", "/posts", "", "Cache-Control: no-cache").Header.Get("X-Total-Count"); got != "0" {
			t.Errorf("%s posts with no-cache: not from the primary database", got)
		}
		shows(api.Must(200, "PATCH", "/users/1", `{"score":1}`, "If-Match: "+tag), `"username":"fresh"`)
		shows(api.Must(200, "PATCH", "/users/1", `{}`), `"username":"fresh"`)
		shows(api.Must(200, "PUT", "/users/1", `{"username":"fresh2","email":"fresh@example.com"}`), `fresh2`)
		shows(api.Must(200, "PATCH", "/posts?all=true&dry_run=true", `{"title":"x"}`), `{"affected":0}`)
		shows(api.Must(409, "POST", "/users", `{"username":"fresh2","email":"other@example.com"}`), "username")
		api.Must(422, "POST", "/posts", `{"title":"x","user_id":2}`)
		api.Must(201, "POST", "/users/1/posts", `{"title":"fresh"}`, key)
		shows(api.Must(201, "POST", "/users/1/posts", `{"title":"fresh"}`, key), "fresh")
		api.Must(204, "DELETE", "/users/1", "")
		if got := stale.Must(200, "GET", "/users/1", ""); !strings.Contains(got.Body, "stale") {
			t.Errorf("a write used the reader: %s", got.Body)
		}
		api.Must(200, "GET", "/readyz", "")
	})
}

// TestReaderGone checks that only reads fail while the reader is unavailable.
func TestReaderGone(t *testing.T) {
	t.Parallel()
	writer := blog.MySQL(t)
	proxy, reader := mysqlproxy.Through(t, writer)
	db, err := database.Open(database.Config{URL: writer, ReaderURL: reader}, apitest.Dialects...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	api := newAPI(t, writer, func(o *httpapi.Options) { o.Store = store.New(db) })
	proxy.Cut()
	api.Must(201, "POST", "/notes", `{"title":"x"}`)
	api.Must(200, "PATCH", "/notes/1", `{"title":"y"}`)
	if got := api.Must(503, "GET", "/notes/1", ""); got.Header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	api.Must(503, "GET", "/readyz", "")
	api.Must(200, "GET", "/notes/1", "", "Cache-Control: no-cache")
	proxy.Heal()
	api.Must(200, "GET", "/notes/1", "")
	if len(proxy.Commands()) == 0 {
		t.Error("no statement on the reader")
	}
	for _, command := range proxy.Commands() {
		if !strings.HasPrefix(command, "QUERY SELECT") && command != "QUIT" && command != "PING" {
			t.Errorf("the reader received %s", command)
		}
	}
}
