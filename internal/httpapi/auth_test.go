package httpapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/internal/httpapi"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest/blog"
)

func TestCallerOf(t *testing.T) {
	t.Parallel()
	type claims = map[string]any
	for _, c := range []struct {
		claims claims
		id     string
		scopes []string
	}{
		{claims{"sub": "ada", "scope": "read write"}, "sub ada", []string{"read", "write"}},
		{claims{"sub": "ada", "client_id": "4f2a", "scp": []any{"read", "write"}}, "sub ada", []string{"read", "write"}},
		{claims{"client_id": "4f2a", "scope": "[read write]"}, "client_id 4f2a", []string{"read", "write"}},
		{claims{"principalId": "ada", "scp": "read"}, "principalId ada", []string{"read"}},
		{claims{"scope": "read", "scp": "write"}, `claims {"scope":"read","scp":"write"}`, []string{"read", "write"}},
		{claims{"user": 7.0, "integrationLatency": 12.0}, `claims {"user":7}`, nil},
		{claims{"sub": 7.0, "scope": 5.0, "scp": nil}, `claims {"scope":5,"scp":null,"sub":7}`, nil},
		{claims{"sub": "", "scope": claims{"read": true}, "scp": []any{[]any{"read"}, 1.0, nil, claims{"scope": "write"}}},
			`claims {"scope":{"read":true},"scp":[["read"],1,null,{"scope":"write"}],"sub":""}`, nil},
		{claims{"sub": "a", "scope": "  read  "}, "sub a", []string{"read"}},
		{claims{"sub": "a", "scope": "read\twrite\u00a0x\nwrite"}, "sub a", []string{"read\twrite\u00a0x\nwrite"}},
		{claims{"sub": "a", "scp": []any{"read write"}}, "sub a", []string{"read write"}},
		{claims{"sub": "a", "scope": "[]"}, "sub a", nil},
		{claims{"sub": "a", "scope": "[read"}, "sub a", []string{"[read"}},
		{nil, "claims null", nil},
	} {
		got := httpapi.CallerOf(c.claims)
		if got.ID != c.id || !slices.Equal(got.Scopes, c.scopes) || got.All {
			t.Errorf("%v: %+v, want %q %q", c.claims, got, c.id, c.scopes)
		}
	}
	if got := httpapi.Signer(""); got.All {
		t.Error("a signer without a name has all scopes")
	}
}

// FuzzCallerOf checks that any claims are safe to read, and that every granted scope is in
// scope or scp.
func FuzzCallerOf(f *testing.F) {
	for _, s := range []string{`{}`, `null`, `{"scope":"read write"}`, `{"scp":["read"]}`, `{"scope":"[read write]"}`,
		`{"scope":{"read":1}}`, `{"scp":[["read"]]}`, `{"sub":5}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var claims map[string]any
		if json.Unmarshal([]byte(text), &claims) != nil {
			return
		}
		got := httpapi.CallerOf(claims)
		if got.All || got.ID == "" {
			t.Errorf("%s: %+v", text, got)
		}
		for _, scope := range got.Scopes {
			in := func(value any) bool {
				if list, ok := value.([]any); ok {
					return slices.Contains(list, any(scope))
				}
				s, ok := value.(string)
				return ok && strings.Contains(s, scope)
			}
			if !in(claims["scope"]) && !in(claims["scp"]) {
				t.Errorf("%s grants %q", text, scope)
			}
		}
	})
}

// TestAuth checks the responses to callers with and without the required scope.
func TestAuth(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), func(o *httpapi.Options) { apitest.RequireCaller(o); o.Auth.ScopePrefix = "api/" })
	const realm = `Bearer realm="slipway"`
	lacks := func(scope string) map[string]string {
		return map[string]string{"WWW-Authenticate": `Bearer error="insufficient_scope", scope="` + scope + `"`}
	}
	is := func(name string) []string { return []string{"Authorization: " + name} }
	for _, s := range []scenario{
		{name: "no token", method: "GET", path: "/notes", status: 401, header: map[string]string{"WWW-Authenticate": realm},
			want:   []string{"Missing bearer token", "Authorization: Bearer TOKEN"},
			errors: []string{"Authorization required"}},
		{name: "no token, HEAD", method: "HEAD", path: "/notes", status: 401,
			header: map[string]string{"WWW-Authenticate": realm}},
		{name: "a bad token", method: "POST", path: "/notes", body: "{}", headers: is("bad"), status: 401,
			header: map[string]string{"WWW-Authenticate": realm + `, error="invalid_token"`},
			want:   []string{"The token has expired (exp)"}, errors: []string{"Authorization invalid_token"}},
		{name: "the issuer is unavailable", method: "GET", path: "/notes", headers: is("away"), status: 503,
			header: map[string]string{"WWW-Authenticate": "", "Retry-After": "1"}, want: []string{"its issuer is unavailable"}},
		{name: "reading without read", method: "GET", path: "/notes/1", headers: is("ada api/write"), status: 403,
			header: lacks("api/read"),
			want:   []string{"This operation requires scope `api/read`"}, errors: []string{"Authorization insufficient_scope"}},
		{name: "counting without read", method: "HEAD", path: "/users/1/posts", headers: is("ada api/write"), status: 403,
			header: lacks("api/read")},
		{name: "writing without write", method: "POST", path: "/notes", body: `{"title":"x"}`, headers: is("ada api/read"),
			status: 403, header: lacks("api/write"),
			want: []string{"This operation requires scope `api/write`"}, errors: []string{"Authorization insufficient_scope"}},
		{name: "writing", method: "POST", path: "/notes", body: `{"title":"x"}`, headers: is("ada api/write"), status: 201,
			header: map[string]string{"WWW-Authenticate": ""}},
		{name: "reading", method: "GET", path: "/notes/1", headers: is("ada api/read"), status: 200},
		{name: "signed", method: "PATCH", path: "/notes/1", body: `{"title":"y"}`, headers: is("iam"), status: 200},
		{name: "a missing row without scopes", method: "GET", path: "/notes/99", headers: is("ada"), status: 403,
			header: lacks("api/read"), errors: []string{"Authorization insufficient_scope"}},
		{name: "no such path", method: "GET", path: "/nothing", status: 404},
		{name: "no such method", method: "PUT", path: "/notes", status: 405},
		{name: "the methods", method: "OPTIONS", path: "/notes", status: 204},
		{name: "the index", method: "GET", path: "/", status: 200},
		{name: "health", method: "GET", path: "/healthz", status: 200},
		{name: "ready", method: "GET", path: "/readyz", status: 200},
		{name: "the document", method: "GET", path: "/openapi.json", status: 200},
		{name: "the page", method: "GET", path: "/docs", status: 200},
	} {
		t.Run(s.name, func(t *testing.T) { s.check(t, api) })
	}
	log := api.Log.String()
	if !strings.Contains(log, "10.0.0.7") || strings.Contains(log, "ada") || strings.Contains(log, "api/") {
		t.Errorf("the log lacks the cause, or contains the caller:\n%s", log)
	}
}

// unread is a body that fails the test when it is read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) { u.t.Error("the body was read"); return 0, io.EOF }

// TestEveryTableIsGuarded checks that every route of a table authorizes the caller before it
// reads the body and uses the database.
func TestEveryTableIsGuarded(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), apitest.RequireCaller)
	if err := api.DB.Close(); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, r := range httpapi.Routes(api.Handler) {
		if r.Method == http.MethodOptions || r.Path == "/" || r.Path == "/healthz" || r.Path == "/readyz" ||
			r.Path == "/openapi.json" || strings.HasPrefix(r.Path, "/docs") {
			continue
		}
		other, lacking := "write", "read"
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			other, lacking = lacking, other
		}
		for who, want := range map[string]int{"": 401, "ada": 403, "ada " + other: 403, "bad": 401} {
			request := httptest.NewRequestWithContext(t.Context(), r.Method, strings.ReplaceAll(r.Path, ":id", "1")+"?nosuch=1",
				unread{t})
			request.Header.Set("Authorization", who)
			w := httptest.NewRecorder()
			api.Handler.ServeHTTP(w, request)
			if w.Code != want || want == 403 && !strings.Contains(w.Header().Get("WWW-Authenticate"), `scope="`+lacking+`"`) {
				t.Errorf("%s %s by %q: %d %s, want %d", r.Method, r.Path, who, w.Code, w.Header().Get("WWW-Authenticate"), want)
			}
		}
		asked++
	}
	if asked < 30 {
		t.Errorf("only %d routes", asked)
	}
}

// TestAuthInTime checks that authentication ends with the request's deadline.
func TestAuthInTime(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), func(o *httpapi.Options) {
		apitest.RequireCaller(o)
		o.Timeout = 30 * time.Millisecond
	})
	api.Must(http.StatusGatewayTimeout, "GET", "/notes", "", "Authorization: slow")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := api.DoContext(ctx, "GET", "/notes", "", "Authorization: slow"); got.Status != 499 {
		t.Errorf("the client closed the connection: %d", got.Status)
	}
}

// TestAuthCORS checks that a page of an allowed origin can read a 401 and its headers.
func TestAuthCORS(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), func(o *httpapi.Options) {
		apitest.RequireCaller(o)
		o.CORSOrigins = []string{"https://app.example.com"}
	})
	for who, status := range map[string]int{"": 401, "bad": 401, "ada": 403} {
		got := api.Must(status, "GET", "/notes", "", "Origin: https://app.example.com", "Authorization: "+who)
		if got.Header.Get("Access-Control-Allow-Origin") != "https://app.example.com" ||
			!strings.Contains(strings.ToLower(got.Header.Get("Access-Control-Expose-Headers")), "www-authenticate") {
			t.Errorf("%d: %v", status, got.Header)
		}
	}
	// A preflight has no token.
	got := api.Must(http.StatusNoContent, "OPTIONS", "/notes", "", "Origin: https://app.example.com",
		"Access-Control-Request-Method: POST",
		"Access-Control-Request-Headers: authorization")
	if got.Header.Get("Access-Control-Allow-Headers") != "authorization" {
		t.Errorf("%v", got.Header)
	}
}

// TestIdempotencyOfTwoCallers checks that two callers can use the same key for different requests.
func TestIdempotencyOfTwoCallers(t *testing.T) {
	t.Parallel()
	blog.Each(t, func(t *testing.T, url string) {
		api := newAPI(t, url, apitest.RequireCaller)
		post := func(status int, who, body string) response {
			t.Helper()
			return api.Must(status, "POST", "/notes", body, "Authorization: "+who, "Idempotency-Key: k")
		}
		const body = `{"title":"of ada"}`
		first := post(201, "ada write", body)
		seen := map[string]string{first.Body: "ada"}
		for _, who := range []string{"bob write", "iam", "ADA write"} {
			got := post(201, who, body)
			if other, replayed := seen[got.Body]; replayed || got.Header.Get("Idempotency-Replayed") != "" {
				t.Errorf("%q receives the response of %q: %s", who, other, got.Body)
			}
			seen[got.Body] = who
			if got := post(422, who, `{"title":"other"}`); !strings.Contains(got.Body, "key_reused") {
				t.Errorf("%q, another body: %s", who, got.Body)
			}
		}
		if again := post(201, "ada write read", body); again.Body != first.Body ||
			again.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("ada again: %s %v", again.Body, again.Header)
		}
		post(403, "ada read", body)
		if n := api.Must(200, "HEAD", "/notes?page=1", "", "Authorization: ada read").Header.Get("X-Total-Count"); n != "4" {
			t.Errorf("%s rows", n)
		}
	})
}

// TestManyCallersAtOnce checks concurrent requests of several callers.
func TestManyCallersAtOnce(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), apitest.RequireCaller)
	server := httptest.NewServer(api.Handler)
	t.Cleanup(server.Close)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 25 {
				who, want := "ada read", 200
				switch (i + n) % 3 {
				case 1:
					who, want = "bob write", 403
				case 2:
					who, want = "", 401
				}
				r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/notes", nil)
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("Authorization", who)
				res, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				res.Body.Close()
				if res.StatusCode != want {
					t.Errorf("%q: %d, want %d", who, res.StatusCode, want)
				}
			}
		})
	}
	all.Wait()
}
