// Package oidctest is an OpenID Connect issuer on loopback. It publishes its configuration and its keys, and signs
// tokens.
//
// It is for tests only and may not import other packages of slipway.
package oidctest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Audience is the default audience of the tokens.
const Audience = "https://api.example.com"

// Issuer is a running issuer. Its URL is the claim iss of its tokens.
type Issuer struct {
	URL string
	t   testing.TB

	mu    sync.Mutex
	key   *rsa.PrivateKey
	n     int
	away  http.HandlerFunc // replaces the normal handler
	calls int
}

// Start starts an issuer. The end of the test stops it.
func Start(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{t: t}
	i.Rotate()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		i.write(w, map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/keys"})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.write(w, map[string]any{"keys": []any{
			map[string]string{"kty": "of another kind", "kid": "others"},
			jose.JSONWebKey{Key: i.key.Public(), KeyID: i.keyID(), Algorithm: "RS256", Use: "sig"},
			jose.JSONWebKey{Key: i.key.Public(), KeyID: "for encryption", Use: "enc"},
		}})
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		i.calls++
		away := i.away
		i.mu.Unlock()
		if away != nil {
			away(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	i.URL = server.URL
	return i
}

func (i *Issuer) write(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		i.t.Error(err)
	}
}

// Rotate replaces the key. Tokens with the old key become invalid.
func (i *Issuer) Rotate() {
	i.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		i.t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.key = key
	i.n++
}

func (i *Issuer) keyID() string { return fmt.Sprint("key ", i.n) }

// Away replaces the handler of the issuer with h. A nil h restores it.
func (i *Issuer) Away(h http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.away = h
}

// Calls returns the number of requests so far.
func (i *Issuer) Calls() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.calls
}

// Key returns the current key and its ID.
func (i *Issuer) Key() (*rsa.PrivateKey, string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.key, i.keyID()
}

// Token returns a token for the subject ada that is valid for an hour. claims adds or replaces claims; a nil value
// removes one.
func (i *Issuer) Token(claims map[string]any) string {
	i.t.Helper()
	key, id := i.Key()
	return i.Sign(jose.RS256, key, id, claims)
}

// Sign is Token with another algorithm or key. If id is "", the token has no key ID.
func (i *Issuer) Sign(algorithm jose.SignatureAlgorithm, key any, id string, claims map[string]any) string {
	i.t.Helper()
	now := time.Now()
	all := map[string]any{"iss": i.URL, "aud": Audience, "sub": "ada", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	if id != "" {
		key = jose.JSONWebKey{Key: key, KeyID: id}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, nil)
	if err != nil {
		i.t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(all).Serialize()
	if err != nil {
		i.t.Fatal(err)
	}
	return token
}
