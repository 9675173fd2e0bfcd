package httpapi_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

const key = "Idempotency-Key: 8e03978e-40d5-43dd-bc93-6894a57f9324"

// TestIdempotencyKey checks that a repeated request returns the first response and writes
// nothing.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.seed()
		body := `{"username":"eve","email":"eve@example.com"}`
		first := api.Must(201, "POST", "/users", body, key)
		again := api.Must(201, "POST", "/users", body, key)
		if first.Header.Get("Idempotency-Replayed") != "" || again.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("replayed: %q, then %q", first.Header.Get("Idempotency-Replayed"), again.Header.Get("Idempotency-Replayed"))
		}
		for _, name := range []string{"Location", "ETag", "Content-Type", "Content-Length"} {
			if first.Header.Get(name) != again.Header.Get(name) || first.Header.Get(name) == "" {
				t.Errorf("%s: %q, then %q", name, first.Header.Get(name), again.Header.Get(name))
			}
		}
		if first.Body != again.Body {
			t.Errorf("%s, then %s", first.Body, again.Body)
		}
		// A later change of the row does not matter.
		api.Must(204, "DELETE", "/users/3", "")
		if got := api.Must(201, "POST", "/users", body, key); got.Body != first.Body {
			t.Errorf("%s", got.Body)
		}
		for _, other := range [][2]string{
			{"/users", `{"username":"eve","email":"eve@example.com" }`},
			{"/notes", `{"title":"x"}`},
			{"/users", `{"username":"mallory","email":"m@example.com"}`},
		} {
			if got := api.Must(422, "POST", other[0], other[1], key); !strings.Contains(got.Body,
				`"param":"Idempotency-Key","code":"key_reused"`) {
				t.Errorf("%s", got.Body)
			}
		}
		// Another key identifies another request.
		api.Must(201, "POST", "/users", body, "Idempotency-Key: another")
		// An array and a create in a relation are replayed too.
		many := api.Must(201, "POST", "/notes", `[{"title":"a"},{"title":"b"}]`, "Idempotency-Key: many")
		if got := api.Must(201, "POST", "/notes", `[{"title":"a"},{"title":"b"}]`,
			"Idempotency-Key: many"); got.Body != many.Body || got.Header.Get("Location") != "" {
			t.Errorf("%s", got.Body)
		}
		post := api.Must(201, "POST", "/users/2/posts", `{"title":"x"}`, "Idempotency-Key: relation")
		if got := api.Must(201, "POST", "/users/2/posts", `{"title":"x"}`,
			"Idempotency-Key: relation"); got.Body != post.Body {
			t.Errorf("%s", got.Body)
		}
		api.Must(422, "POST", "/users/1/posts", `{"title":"x"}`, "Idempotency-Key: relation")
		if got := api.Must(200, "GET", "/posts?page=1", "").Header.Get("X-Total-Count"); got != "2" {
			t.Errorf("%s posts", got)
		}
	})
}

// TestIdempotencyKeyOfAFailure checks that the key of a failed request is free again.
func TestIdempotencyKeyOfAFailure(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.seed()
		body := `{"username":"ada","email":"other@example.com"}`
		api.Must(422, "POST", "/users", `{}`, key)
		api.Must(409, "POST", "/users", body, key)
		api.Must(409, "POST", "/users", body, key)
		api.Must(422, "POST", "/posts", `{"title":"x","user_id":99}`, key)
		api.Must(404, "POST", "/users/99/posts", `{"title":"x"}`, key)
		api.Must(204, "DELETE", "/users/1", "")
		if got := api.Must(201, "POST", "/users", body, key); got.Header.Get("Idempotency-Replayed") != "" {
			t.Error("replayed")
		}
	})
}

func TestIdempotencyKeyRace(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		counts := api.race(50, func(int) response { return api.Do("POST", "/notes", `{"title":"once"}`, key) })
		if counts[201] < 1 || counts[201]+counts[409] != 50 {
			t.Errorf("statuses %v: want 201 and 409", counts)
		}
		if got := api.Must(200, "GET", "/notes?page=1", "",
			"Cache-Control: no-cache").Header.Get("X-Total-Count"); got != "1" {
			t.Errorf("%s rows", got)
		}
	})
}

// TestIdempotencyKeyLife checks that a second request fails while the first one runs, that
// a key without a response is free after a minute, and that a response is stored for a day.
func TestIdempotencyKeyLife(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		start := api.DB.Write.NowFunc()
		now := start
		api.DB.Write.NowFunc = func() time.Time { return now }
		first := api.Must(201, "POST", "/notes", `{"title":"once"}`, key)
		// The row of a key whose request is running, or whose process has died.
		exec := func(sql string) {
			t.Helper()
			if err := api.DB.Write.Exec(sql).Error; err != nil {
				t.Fatal(err)
			}
		}
		exec("UPDATE idempotency_keys SET answer = NULL")
		for _, after := range []time.Duration{0, 59 * time.Second} {
			now = start.Add(after)
			got := api.Must(409, "POST", "/notes", `{"title":"once"}`, key)
			if !strings.Contains(got.Body, `"code":"key_busy"`) || got.Header.Get("Retry-After") == "" {
				t.Errorf("%v %s", got.Header, got.Body)
			}
		}
		now = start.Add(61 * time.Second)
		second := api.Must(201, "POST", "/notes", `{"title":"once"}`, key)
		if second.Body == first.Body || second.Header.Get("Idempotency-Replayed") != "" {
			t.Errorf("the key is not free after a minute: %s", second.Body)
		}
		now = now.Add(24*time.Hour - time.Second)
		if got := api.Must(201, "POST", "/notes", `{"title":"once"}`, key); got.Body != second.Body {
			t.Errorf("deleted within a day: %s", got.Body)
		}
		api.Must(422, "POST", "/notes", `{"title":"other"}`, key)
		now = now.Add(2 * time.Second)
		if got := api.Must(201, "POST", "/notes", `{"title":"other"}`, key); got.Header.Get("Idempotency-Replayed") != "" {
			t.Errorf("stored for more than a day: %s", got.Body)
		}
	})
}

// TestIdempotencyKeysAreSwept checks that creates delete expired keys.
func TestIdempotencyKeysAreSwept(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		now := api.DB.Write.NowFunc()
		api.DB.Write.NowFunc = func() time.Time { return now }
		count := func() (n int64) {
			if err := api.DB.Write.Table("idempotency_keys").Count(&n).Error; err != nil {
				t.Fatal(err)
			}
			return n
		}
		for day := range 3 {
			for i := range 40 {
				api.Must(201, "POST", "/notes", `{"title":"x"}`, fmt.Sprintf("Idempotency-Key: %d-%d", day, i))
			}
			now = now.Add(25 * time.Hour)
		}
		if n := count(); n > 80 {
			t.Errorf("%d keys, want at most 80: 40 are new", n)
		}
	})
}

func TestInvalidIdempotencyKeys(t *testing.T) {
	t.Parallel()
	run(t, []scenario{
		{name: "too long", method: "POST", path: "/notes", body: `{"title":"x"}`,
			headers: []string{"Idempotency-Key: " + strings.Repeat("k", 256)}, status: 400,
			errors: []string{"Idempotency-Key out_of_range"}},
		{name: "the maximum length", method: "POST", path: "/notes", body: `{"title":"x"}`,
			headers: []string{"Idempotency-Key: " + strings.Repeat("k", 255)}, status: 201},
		{name: "not ASCII", method: "POST", path: "/notes", body: `{"title":"x"}`,
			headers: []string{"Idempotency-Key: schlüssel"}, status: 400, errors: []string{"Idempotency-Key invalid_text"}},
		{name: "SQL", method: "POST", path: "/notes", body: `{"title":"x"}`,
			headers: []string{"Idempotency-Key: ' OR 1=1; --"}, status: 201},
		{name: "ignored for a PATCH", method: "PATCH", path: "/notes/1", body: `{"title":"x"}`,
			headers: []string{"Idempotency-Key: " + strings.Repeat("k", 256)}, status: 200},
	})
}

// TestIdempotencyKeyDeadline checks that a request that exceeds its deadline leaves no rows
// and no stored response.
func TestIdempotencyKeyDeadline(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		api.DoContext(ctx, "POST", "/notes", `{"title":"x"}`, key)
		if got := api.Must(201, "POST", "/notes", `{"title":"x"}`, key); got.Header.Get("Idempotency-Replayed") != "" {
			t.Error("replayed")
		}
		if got := api.Must(200, "GET", "/notes?page=1", "",
			"Cache-Control: no-cache").Header.Get("X-Total-Count"); got != "1" {
			t.Errorf("%s rows", got)
		}
	})
}
