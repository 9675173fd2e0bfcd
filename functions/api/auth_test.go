package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/oidctest"
)

const signer = "arn:aws:sts::123456789012:assumed-role/clients/ada"

// The types of authorizers of a gateway.
const (
	byToken  = "JWT authorizer" // Cognito's, at a REST API
	byLambda = "Lambda authorizer"
	byIAM    = "IAM"
	byBearer = "nothing but the token"
)

// authorizers are the possible authorizers of each front.
func authorizers(front string) []string {
	switch {
	case strings.HasPrefix(front, "load balancer"):
		return []string{byBearer}
	case front == "function URL":
		return []string{byIAM, byBearer}
	}
	return []string{byToken, byLambda, byIAM, byBearer}
}

// authorize adds the result of an authorizer to an event, in the format of the gateway.
func authorize(event map[string]any, kind string, claims map[string]any) {
	context := event["requestContext"].(map[string]any)
	payload2 := event["version"] == "2.0"
	switch {
	case kind == byIAM && payload2:
		context["authorizer"] = map[string]any{
			"iam": map[string]any{"accessKey": "AKIA", "callerId": "AROA:ada", "cognitoIdentity": nil, "userArn": signer}}
	case kind == byIAM:
		context["identity"] = map[string]any{"sourceIp": clientIP, "accessKey": "AKIA", "userArn": signer}
	case claims == nil: // possible only for a gateway without authorizer
	case kind == byToken && payload2:
		// The scopes that the route requires, one of which is enough.
		context["authorizer"] = map[string]any{
			"jwt": map[string]any{"claims": flat(claims), "scopes": []string{"read", "write"}}}
	case kind == byToken:
		context["authorizer"] = map[string]any{"claims": flat(claims), "scopes": []string{"read", "write"}}
	case kind == byLambda && payload2:
		context["authorizer"] = map[string]any{"lambda": claims}
	case kind == byLambda:
		said := flat(claims)
		said["principalId"], said["integrationLatency"] = "ada", 12
		context["authorizer"] = said
	}
}

// flat converts claims as API Gateway does: all values are strings, and a list is "[a b]".
func flat(claims map[string]any) map[string]any {
	said := map[string]any{"sub": "ada", "iss": "https://login.example.com/"}
	for name, value := range claims {
		said[name] = fmt.Sprint(value)
	}
	return said
}

// ask sends a request through the front with the result of its authorizer.
func (s *sandbox) ask(r request, change func(event map[string]any)) response {
	s.t.Helper()
	event := s.front.make(r, s.front.base)
	change(event)
	payload, err := json.Marshal(event)
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := s.Invoke(s.t.Context(), payload)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", r.method, r.path, err, s.Logs())
	}
	return readResponse(s.t, out)
}

// bring adds a header to an event of any format.
func bring(event map[string]any, name, value string) {
	if headers, ok := event["headers"].(map[string]string); ok {
		headers[name] = value
	}
	if multi, ok := event["multiValueHeaders"].(map[string][]string); ok {
		multi[name] = []string{value}
	}
}

// TestCallers: the permissions of a caller are the same for all gateways and authorizers, and for a token without an
// authorizer.
func TestCallers(t *testing.T) {
	t.Parallel()
	issuer := oidctest.Start(t)
	url := blog.MySQL(t)
	servers, tokens := map[string]*sandbox{}, map[string]string{} // by prefix, and by the name of the caller
	for _, c := range oidctest.Callers {
		if servers[c.Prefix] == nil {
			servers[c.Prefix] = start(t, url, "AUTH=required", "AUTH_SCOPE_PREFIX="+c.Prefix, "AUTH_ISSUER="+issuer.URL,
				"AUTH_AUDIENCE=x, "+oidctest.Audience)
		}
		tokens[c.Name] = issuer.Token(c.Claims)
	}
	for _, g := range fronts {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range oidctest.Callers {
				s := servers[c.Prefix].behind(t, g)
				for _, kind := range authorizers(g.name) {
					change := func(event map[string]any) {
						if kind == byBearer && c.Claims != nil {
							bring(event, "authorization", "Bearer "+tokens[c.Name])
						}
						authorize(event, kind, c.Claims)
					}
					read, write := c.Read, c.Write
					if kind == byIAM {
						read, write = 200, 201
					}
					if got := s.ask(request{method: "GET", path: "/notes"}, change); got.status != read {
						t.Errorf("%s: %s reads: %d %s, want %d", kind, c.Name, got.status, got.body, read)
					}
					if got := s.ask(request{method: "POST", path: "/notes", body: `{"title":"x"}`}, change); got.status != write {
						t.Errorf("%s: %s writes: %d %s, want %d", kind, c.Name, got.status, got.body, write)
					}
				}
			}
		})
	}
}

// TestChallenge: the responses to a request without a valid token, without a scope, and for an unreachable issuer
// arrive through every gateway.
func TestChallenge(t *testing.T) {
	t.Parallel()
	issuer := oidctest.Start(t)
	function := start(t, blog.MySQL(t), "AUTH=required", "AUTH_ISSUER="+issuer.URL, "AUTH_AUDIENCE="+oidctest.Audience)
	for _, g := range fronts {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			s := function.behind(t, g)
			for _, c := range []struct {
				header, challenge string
				status            int
			}{
				{"", `Bearer realm="slipway"`, 401},
				{"Bearer " + issuer.Token(map[string]any{"exp": 1}), `Bearer realm="slipway", error="invalid_token"`, 401},
				{"Bearer " + issuer.Token(map[string]any{"scope": "read"}), `Bearer error="insufficient_scope", scope="write"`,
					403},
			} {
				got := s.ask(request{method: "DELETE", path: "/notes/1"}, func(event map[string]any) {
					bring(event, "authorization", c.header)
				})
				if got.status != c.status || got.header.Get("WWW-Authenticate") != c.challenge {
					t.Errorf("%.20s: %d %v, want %d %s", c.header, got.status, got.header, c.status, c.challenge)
				}
			}
			// Headers that a load balancer sets, but a client can set them, too.
			got := s.ask(request{method: "GET", path: "/notes"}, func(event map[string]any) {
				bring(event, "x-amzn-oidc-identity", "ada")
				bring(event, "x-amzn-oidc-accesstoken", issuer.Token(map[string]any{"scope": "read"}))
				bring(event, "x-amzn-oidc-data", issuer.Token(map[string]any{"scope": "read"}))
			})
			if got.status != http.StatusUnauthorized {
				t.Errorf("x-amzn-oidc headers: %d %s", got.status, got.body)
			}
			s.must(http.StatusOK, "GET", "/healthz", "")
			s.must(http.StatusOK, "GET", "/readyz", "")
			s.must(http.StatusOK, "GET", "/openapi.json", "")
		})
	}
}

// TestIssuerAway: while the issuer is unreachable, requests with a token return 503.
func TestIssuerAway(t *testing.T) {
	t.Parallel()
	issuer := oidctest.Start(t)
	issuer.Away(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	s := start(t, blog.MySQL(t), "AUTH=required", "AUTH_ISSUER="+issuer.URL, "AUTH_AUDIENCE="+oidctest.Audience)
	token := issuer.Token(map[string]any{"scope": "read"})
	get := func() response {
		t.Helper()
		return s.ask(request{method: "GET", path: "/notes"}, func(event map[string]any) {
			bring(event, "authorization", "Bearer "+token)
		})
	}
	if got := get(); got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" ||
		!strings.Contains(got.body, "its issuer is unavailable") {
		t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
	issuer.Away(nil)
	if got := get(); got.status != http.StatusOK {
		t.Errorf("once it is back: %d %s", got.status, got.body)
	}
	if logs := s.lines(1); !strings.Contains(logs, "502") || strings.Contains(logs, token) {
		t.Errorf("the log does not say what was wrong, or holds the token:\n%s", logs)
	}
}

// TestModes: a token is required for AUTH=required and without AUTH, for every gateway. Only AUTH=off requires none.
func TestModes(t *testing.T) {
	t.Parallel()
	url := blog.MySQL(t)
	read := map[string]any{"scope": "read"}
	for _, c := range []struct {
		auth           string
		none, lacking  int // statuses of a POST without an authorizer, and with the scope read
		signed, denied int // signed by IAM, and where an authorizer said nothing
	}{
		{"off", 201, 201, 201, 201},
		{"", 401, 403, 201, 403},
		{"required", 401, 403, 201, 403},
	} {
		t.Run("AUTH="+c.auth, func(t *testing.T) {
			t.Parallel()
			s := start(t, url, "AUTH="+c.auth)
			post := func(what string, want int, change func(map[string]any)) {
				t.Helper()
				if got := s.ask(request{method: "POST", path: "/notes", body: `{"title":"x"}`}, change); got.status != want {
					t.Errorf("%s: %d %s, want %d", what, got.status, got.body, want)
				}
			}
			for _, g := range fronts {
				s.front = g
				post(g.name+" without an authorizer", c.none, func(map[string]any) {})
			}
			s.front = fronts[0]
			post("a token that is not verified", c.none, func(e map[string]any) { bring(e, "authorization", "Bearer x.y.z") })
			post("read", c.lacking, func(e map[string]any) { authorize(e, byToken, read) })
			post("read and write", 201, func(e map[string]any) { authorize(e, byToken, map[string]any{"scope": "read write"}) })
			post("signed", c.signed, func(e map[string]any) { authorize(e, byIAM, nil) })
			post("an authorizer that said nothing", c.denied, func(e map[string]any) {
				e["requestContext"].(map[string]any)["authorizer"] = map[string]any{"lambda": nil}
			})
		})
	}
}
