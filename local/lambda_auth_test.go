package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog/project"
	"slipway/internal/test/oidctest"
)

// TestLambdaAuth: the gateway requires a token, and the function uses the claims that the gateway passes on.
func TestLambdaAuth(t *testing.T) {
	t.Parallel()
	issuer := oidctest.Start(t)
	reader := "Bearer " + issuer.Token(map[string]any{"scope": "read"})
	dir := project.Copy(t, apiFiles...)
	for _, payload := range []string{"2.0", "1.0"} {
		t.Run(payload, func(t *testing.T) {
			t.Parallel()
			s := startCommand(t, lambdaCommand(t, dir, []string{"DATABASE_URL=" + dbtest.MySQL(t), "AUTH=required",
				"AUTH_ISSUER=" + issuer.URL, "AUTH_AUDIENCE=" + oidctest.Audience}, "--payload", payload))
			for _, c := range []struct {
				method, token string
				status        int
				body          string // prefix of the body
			}{
				{"GET", "", 401, `{"message":"Unauthorized"}`},
				{"GET", "Bearer " + issuer.Token(map[string]any{"scope": "read", "exp": 1}), 401, `{"message":"Unauthorized"}`},
				{"GET", reader, 200, `[]`},
				{"POST", reader, 403, `{"type":`},
				{"OPTIONS", "", 204, ""},
			} {
				body := ""
				if c.method == "POST" {
					body = `{"title":"x"}`
				}
				r, err := http.NewRequestWithContext(t.Context(), c.method, s.url+"/notes", strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", c.token)
				res, err := s.client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil || res.StatusCode != c.status || !strings.HasPrefix(string(text), c.body) {
					t.Errorf("%s with %.20q: %d %s, %v, want %d %s", c.method, c.token, res.StatusCode, text, err, c.status, c.body)
				}
			}
			if !strings.Contains(s.output.String(), "auth    accepts tokens of "+issuer.URL+"\n") {
				t.Errorf("the output does not name the issuer:\n%s", &s.output)
			}
			if code := s.terminate(); code != 0 {
				t.Errorf("exit code %d:\n%s%s", code, &s.output, &s.log)
			}
		})
	}
}
