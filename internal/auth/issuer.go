package auth

import (
	"context"
	"crypto"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
)

const (
	// waitTimeout is the limit for reading the keys of an issuer.
	waitTimeout = 5 * time.Second
	// keysLife is the time after which keys are read again, so that a revoked key expires. If the issuer is unreachable
	// then, cached keys stay valid for the same time again: API Gateway keeps them for two hours.
	keysLife = time.Hour
	// pause is the minimum time between two reads while keys are cached, so that tokens with unknown keys do not flood the
	// issuer.
	pause = 10 * time.Second
	// maxKeys is the maximum size of the document with the keys, in bytes.
	maxKeys = 1 << 20
)

// New returns a Verifier for the tokens of issuer with one of audience. The issuer is exactly the URL of the iss claim.
// The keys are read (OpenID Connect Discovery, then jwks_uri) with the first token; errors are not cached. The
// algorithms are those of RSA, as in API Gateway.
func New(issuer string, audience []string) *Verifier {
	k := &issuerKeys{issuer: issuer, now: time.Now}
	return &Verifier{
		issuer: issuer, audience: audience,
		algorithms: []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512},
		key:        k.key,
	}
}

// issuerKeys caches the keys of an issuer.
type issuerKeys struct {
	issuer string
	now    func() time.Time
	flight singleflight.Group

	mu     sync.Mutex
	keys   map[string]crypto.PublicKey // nil before the first read
	asOf   time.Time                   // time of the last successful read
	lastAt time.Time                   // time of the last read
}

// key returns the key with that id. It reads the keys of the issuer if necessary.
func (k *issuerKeys) key(ctx context.Context, id string) (crypto.PublicKey, error) {
	key, stale := k.cached(id)
	if !stale {
		return found(key)
	}
	// Concurrent requests share one read. It does not use the context of a request, so that it survives the end of one.
	read := k.flight.DoChan("", func() (any, error) { return nil, k.read() })
	select {
	case result := <-read:
		key, _ = k.cached(id)
		if result.Err != nil && key == nil {
			return nil, &IssuerError{k.issuer, result.Err}
		}
		return found(key)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func found(key crypto.PublicKey) (crypto.PublicKey, error) {
	if key == nil {
		return nil, &TokenError{"The issuer does not have the key of the token (kid)"}
	}
	return key, nil
}

// cached returns the key if it is known, and reports whether the keys of the issuer must be read.
func (k *issuerKeys) cached(id string) (key crypto.PublicKey, stale bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	age := now.Sub(k.asOf)
	if k.keys == nil || age >= 2*keysLife {
		return nil, true
	}
	key = k.keys[id]
	return key, (key == nil || age >= keysLife) && now.Sub(k.lastAt) >= pause
}

// read reads the keys of the issuer.
func (k *issuerKeys) read() error {
	ctx, cancel := context.WithTimeout(context.Background(), waitTimeout)
	defer cancel()
	keys, err := fetchKeys(ctx, k.issuer)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lastAt = k.now()
	if err == nil {
		k.keys, k.asOf = keys, k.lastAt
	}
	return err
}

// fetchKeys returns the keys of the issuer, by key ID, from the jwks_uri of its configuration.
// https://openid.net/specs/openid-connect-discovery-1_0.html
func fetchKeys(ctx context.Context, issuer string) (map[string]crypto.PublicKey, error) {
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, err
	}
	var metadata struct {
		JWKSURI string `json:"jwks_uri"`
	}
	if err := provider.Claims(&metadata); err != nil {
		return nil, err
	}
	if strings.HasPrefix(issuer, "https:") && !strings.HasPrefix(metadata.JWKSURI, "https:") {
		return nil, errors.New("the jwks_uri of the issuer is not an https URL")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, metadata.JWKSURI, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s returns %s", metadata.JWKSURI, res.Status)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxKeys)).Decode(&set); err != nil {
		return nil, fmt.Errorf("%s: %w", metadata.JWKSURI, err)
	}
	keys := map[string]crypto.PublicKey{}
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		// Ignore keys of an unknown type.
		if key.UnmarshalJSON(raw) != nil || key.KeyID == "" || key.Use == "enc" {
			continue
		}
		if public, ok := key.Key.(*rsa.PublicKey); ok {
			keys[key.KeyID] = public
		}
	}
	return keys, nil
}
