package auth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"slipway/internal/auth"
	"slipway/internal/test/oidctest"
)

// verify verifies a request with the token.
func verify(t testing.TB, v *auth.Verifier, token string) (map[string]any, error) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return v.Verify(r)
}

// refused checks that v rejects the token with a TokenError that contains words.
func refused(t testing.TB, v *auth.Verifier, token, words string) {
	t.Helper()
	claims, err := verify(t, v, token)
	if bad, ok := errors.AsType[*auth.TokenError](err); !ok || !strings.Contains(bad.Detail, words) || claims != nil {
		t.Errorf("%v %v, want a TokenError with %q", claims, err, words)
	}
}

type claims = map[string]any

// TestVerify: the verifier makes the same checks as the JWT authorizer of API Gateway.
func TestVerify(t *testing.T) {
	t.Parallel()
	issuer := oidctest.Start(t)
	key, id := issuer.Key()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	in := func(d time.Duration) int64 { return now.Add(d).Unix() }
	good := issuer.Token(nil)
	parts := strings.Split(good, ".")
	text := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	notJWT, notKey := "not a JWT signed with RS256 or RS384 or RS512", "The issuer does not have the key"

	v := auth.New(issuer.URL, []string{"4f2a", oidctest.Audience})
	for _, c := range []struct {
		name, token string
		want        string // part of the error; "" for a valid token
	}{
		{"valid", good, ""},
		{"RS384", issuer.Sign(jose.RS384, key, id, nil), ""},
		{"RS512", issuer.Sign(jose.RS512, key, id, nil), ""},
		{"several audiences, one of ours", issuer.Token(claims{"aud": []string{"x", "4f2a"}}), ""},
		{"client_id without aud", issuer.Token(claims{"aud": nil, "client_id": "4f2a"}), ""},
		{"valid a few seconds from now", issuer.Token(claims{"nbf": in(5 * time.Second), "iat": in(5 * time.Second)}),
			""},
		{"without iat", issuer.Token(claims{"iat": nil}), ""},

		{"expired", issuer.Token(claims{"exp": in(-time.Second)}), "has expired"},
		{"long expired", issuer.Token(claims{"exp": 0}), "has expired"},
		{"without exp", issuer.Token(claims{"exp": nil}), "has no expiration time"},
		{"exp is text", issuer.Token(claims{"exp": "tomorrow"}), "are malformed"},
		{"exp is too large", issuer.Token(claims{"exp": 1e300}), "are malformed"},
		{"not valid yet", issuer.Token(claims{"nbf": in(2 * time.Minute)}), "not valid yet"},
		{"issued in the future", issuer.Token(claims{"iat": in(2 * time.Minute)}), "issued in the future"},
		{"another issuer", issuer.Token(claims{"iss": "https://evil.example"}), "another issuer"},
		{"an issuer with an extra slash", issuer.Token(claims{"iss": issuer.URL + "/"}), "another issuer"},
		{"without iss", issuer.Token(claims{"iss": nil}), "another issuer"},
		{"another audience", issuer.Token(claims{"aud": "https://other.example.com"}), "another audience"},
		{"an empty audience", issuer.Token(claims{"aud": []string{}, "client_id": "4f2a"}), "another audience"},
		{"without aud", issuer.Token(claims{"aud": nil}), "another audience"},
		{"another audience, with our client_id", issuer.Token(claims{"aud": "x", "client_id": "4f2a"}), "another audience"},
		{"client_id is a list", issuer.Token(claims{"aud": nil, "client_id": []string{"4f2a"}}), "another audience"},
		{"aud is a number", issuer.Token(claims{"aud": 5}), "are malformed"},

		{"without kid", issuer.Sign(jose.RS256, key, "", nil), "has no key ID"},
		{"an unknown key", issuer.Sign(jose.RS256, key, "key 99", nil), notKey},
		{"a key of an unknown type", issuer.Sign(jose.RS256, key, "others", nil), notKey},
		{"a key for encryption", issuer.Sign(jose.RS256, key, "for encryption", nil), notKey},
		{"signed with another key", issuer.Sign(jose.RS256, other, id, nil), "signature of the token is invalid"},
		{"HS256 with the public key", issuer.Sign(jose.HS256, public, id, nil), notJWT},
		{"ES256", issuer.Sign(jose.ES256, curve, id, nil), notJWT},
		{"PS256", issuer.Sign(jose.PS256, key, id, nil), notJWT},
		{"alg none", text(`{"alg":"none","kid":"`+id+`"}`) + "." + parts[1] + ".", notJWT},
		{"alg none, and a signature", text(`{"alg":"none","kid":"`+id+`"}`) + "." + parts[1] + "." + parts[2], notJWT},
		{"changed claims", parts[0] + "." + text(`{"iss":"`+issuer.URL+`","aud":"4f2a",`+
			`"exp":9999999999,"scope":"write"}`) + "." + parts[2], "signature of the token is invalid"},
		{"without signature", parts[0] + "." + parts[1] + ".", "signature of the token is invalid"},
		{"an unknown critical header",
			text(`{"alg":"RS256","kid":"`+id+`","crit":["x"],"x":1}`) + "." + parts[1] + "." + parts[2],
			"are malformed"},
		{"two parts", parts[0] + "." + parts[1], notJWT},
		{"not a JWT", "open sesame", notJWT},
		{"empty", "", "Missing token after Bearer"},
		{"JSON", `{"payload":"e30","signatures":[]}`, notJWT},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.want != "" {
				refused(t, v, c.token, c.want)
				return
			}
			if got, err := verify(t, v, c.token); err != nil || got["sub"] != "ada" {
				t.Errorf("%v %v", got, err)
			}
		})
	}
}

// TestHeader: the token comes from one Authorization header with the scheme Bearer.
func TestHeader(t *testing.T) {
	t.Parallel()
	issuer := oidctest.Start(t)
	v := auth.New(issuer.URL, []string{oidctest.Audience})
	good := issuer.Token(nil)
	for _, c := range []struct {
		name   string
		values []string
		taken  bool
		words  string
	}{
		{"bearer", []string{"Bearer " + good}, true, ""},
		{"lower case", []string{"bearer " + good}, true, ""},
		{"extra spaces", []string{"  BEARER   " + good + " "}, true, ""},
		{"none", nil, false, ""},
		{"empty", []string{""}, false, ""},
		{"basic", []string{"Basic YWRhOnB3"}, false, ""},
		{"without scheme", []string{good}, false, ""},
		{"twice", []string{"Bearer " + good, "Bearer " + good}, false, "2 Authorization headers"},
		{"no token", []string{"Bearer"}, false, "Missing token"},
		{"two tokens", []string{"Bearer " + good + " " + good}, false, "not a JWT"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/?access_token="+good, nil)
		for _, value := range c.values {
			r.Header.Add("Authorization", value)
		}
		got, err := v.Verify(r)
		bad, isBad := errors.AsType[*auth.TokenError](err)
		if (got != nil) != c.taken || (err != nil) != (c.words != "") ||
			err != nil && (!isBad || !strings.Contains(bad.Detail, c.words)) {
			t.Errorf("%s: %v %v", c.name, got, err)
		}
	}
}

// TestIssuerAway: the verifier does not read the keys before the first token. If the issuer is unreachable or returns
// an invalid document, the error is an IssuerError, and it is not cached.
func TestIssuerAway(t *testing.T) {
	t.Parallel()
	issuer := oidctest.Start(t)
	v := auth.New(issuer.URL, []string{oidctest.Audience})
	token := issuer.Token(nil)
	if n := issuer.Calls(); n != 0 {
		t.Errorf("%d requests before there was a token", n)
	}
	respond := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for name, away := range map[string]http.HandlerFunc{
		"down":             respond(http.StatusServiceUnavailable, "down for repair "+strings.Repeat("x", 1<<20)),
		"not found":        respond(http.StatusNotFound, ""),
		"nonsense":         respond(http.StatusOK, "<html>"),
		"another's":        respond(http.StatusOK, `{"issuer":"https://evil.example","jwks_uri":"https://evil.example/keys"}`),
		"without keys":     respond(http.StatusOK, `{"issuer":"`+issuer.URL+`"}`),
		"keys elsewhere":   respond(http.StatusOK, `{"issuer":"`+issuer.URL+`","jwks_uri":"http://127.0.0.1:1/keys"}`),
		"keys of nonsense": respond(http.StatusOK, `{"issuer":"`+issuer.URL+`","jwks_uri":"`+issuer.URL+`/keys","keys":5}`),
		"cut off":          func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		issuer.Away(away)
		got, err := verify(t, v, token)
		if e, ok := errors.AsType[*auth.IssuerError](err); !ok || e.Issuer != issuer.URL || got != nil ||
			len(err.Error()) > 500 {
			t.Errorf("%s: %v %.600v", name, got, err)
		}
	}
	refused(t, v, "nonsense", "not a JWT") // an invalid token needs no keys
	issuer.Away(nil)
	if _, err := verify(t, v, token); err != nil {
		t.Errorf("after the issuer is back: %v", err)
	}
	issuer.Away(respond(http.StatusServiceUnavailable, ""))
	if _, err := verify(t, v, token); err != nil {
		t.Errorf("with the cached key: %v", err)
	}
}

// TestSlowIssuer: a request waits for an issuer until its own deadline, and for at most five seconds.
func TestSlowIssuer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped with -short: waits for a timeout")
	}
	issuer := oidctest.Start(t)
	token := issuer.Token(nil)
	issuer.Away(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	v := auth.New(issuer.URL, []string{oidctest.Audience})

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, "GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	if _, err := v.Verify(r); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a request without time: %v", err)
	}
	begun := time.Now()
	_, err := verify(t, v, token)
	if _, ok := errors.AsType[*auth.IssuerError](err); !ok || time.Since(begun) > 20*time.Second {
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
}

// TestManyAtOnce: concurrent requests share one read of the keys. Each gets its own claims.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	issuer := oidctest.Start(t)
	v := auth.New(issuer.URL, []string{oidctest.Audience})
	const n = 50
	results := make(chan error, n)
	tokens := make([]string, n)
	for i := range tokens {
		tokens[i] = issuer.Token(claims{"sub": string(rune('A' + i))})
	}
	for i := range n {
		go func() {
			got, err := verify(t, v, tokens[i])
			if err == nil && got["sub"] != string(rune('A'+i)) {
				err = errors.New("the claims of another token")
			}
			if err == nil {
				got["sub"] = nil // would show in shared claims
			}
			results <- err
		}()
	}
	for range n {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if calls := issuer.Calls(); calls > 4 { // configuration and keys, and once more for a request between two reads
		t.Errorf("the issuer had %d requests", calls)
	}
}

// FuzzVerify: no Authorization header causes a panic, and the verifier accepts only tokens that the issuer signed.
func FuzzVerify(f *testing.F) {
	issuer := oidctest.Start(f)
	v := auth.New(issuer.URL, []string{oidctest.Audience})
	good := issuer.Token(nil)
	parts := strings.Split(good, ".")
	for _, s := range []string{"", "Bearer", "Bearer " + good, "Bearer a.b.c", "Bearer " + parts[0] + "." + parts[1] + ".",
		"bearer\t" + good, "Bearer e30.e30.e30", "Basic x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.Header["Authorization"] = []string{header}
		got, err := v.Verify(r)
		if got != nil && (err != nil || !strings.Contains(header, good)) {
			text, _ := json.Marshal(got)
			t.Errorf("%q is accepted: %s", header, text)
		}
	})
}
