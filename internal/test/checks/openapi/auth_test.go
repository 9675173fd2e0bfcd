package openapi

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"slipway/internal/httpapi"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest/blog"
)

// signedIn returns an API in which requests without a token are from ada, who has all
// scopes.
func signedIn(api *apitest.API) *apitest.API {
	inner := api.Handler
	api.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Values("Authorization") == nil {
			r.Header.Set("Authorization", "ada api/read api/write")
		}
		inner.ServeHTTP(w, r)
	})
	return api
}

// TestOpenAPIAuth checks that with auth each operation of a table, and no other, describes
// the scope that it requires, and that without auth the document has no security.
func TestOpenAPIAuth(t *testing.T) {
	t.Parallel()
	api := apitest.New(t, blog.SQLite(t), nil)
	open := api.Must(http.StatusOK, "GET", "/openapi.json", "").Body
	words := []string{"securitySchemes", `"security"`, "WWW-Authenticate", `"401"`, `"403"`, "Unauthorized", "Forbidden"}
	for _, word := range words {
		if strings.Contains(open, word) {
			t.Errorf("without auth the document has %s", word)
		}
	}

	api = signedIn(apitest.New(t, blog.SQLite(t), func(o *httpapi.Options) {
		apitest.RequireCaller(o)
		o.Auth.ScopePrefix = "api/"
	}))
	w := newWalk(api)
	got := encode(t, w.at(w.root, "components", "securitySchemes", "token"))
	if !strings.Contains(got, `"scheme":"bearer"`) || !strings.Contains(got, "api/write") {
		t.Errorf("securitySchemes: %s", got)
	}
	for _, o := range w.operations() {
		security := encode(t, o.described["security"])
		if !slices.ContainsFunc(w.list(o.described, "tags"), func(tag any) bool { return tag != "service" }) {
			if security != "null" || w.at(o.described, "responses", "401") != nil {
				t.Errorf("%s requires %s", o, security)
			}
			continue
		}
		takes, other := "api/read", "api/write"
		if o.method != http.MethodGet && o.method != http.MethodHead {
			takes, other = other, takes
		}
		if want := `[{"token":["` + takes + `"]}]`; security != want {
			t.Errorf("%s requires %s, want %s", o, security, want)
		}
		for who, status := range map[string]int{"ada " + takes: o.success(), "ada " + other: 403, "bad": 401} {
			r := w.validRequest(o)
			r.headers = append(r.headers, "Authorization: "+who)
			if got := w.send(r); got.Status != status { // send checks the response
				t.Errorf("%s by %q: %d, want %d", o, who, got.Status, status)
			}
		}
		for _, status := range []string{"401", "403"} {
			if !w.seen[o.String()+" "+status+" WWW-Authenticate"] {
				t.Errorf("%s: %s with WWW-Authenticate did not occur", o, status)
			}
		}
	}
	// All references are valid, as in TestOpenAPIDocument without auth.
	for _, component := range []string{"responses/Unauthorized", "responses/Forbidden", "headers/WWW-Authenticate"} {
		kind, name, _ := strings.Cut(component, "/")
		if w.at(w.root, "components", kind, name) == nil {
			t.Errorf("no %s", component)
		}
	}
}
