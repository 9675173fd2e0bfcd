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
	// waitTimeout is how long the issuer has to answer.
	waitTimeout = 5 * time.Second
	// keysLife is after how long keys are asked for again, so that one that was withdrawn is not taken for ever. Where
	// the issuer does not answer then, those at hand are taken for as long again: API Gateway keeps them two hours.
	keysLife = time.Hour
	// pause is between two questions while keys are at hand: tokens with made-up
	// keys are not to become a flood at the issuer's.
	pause = 10 * time.Second
	// maxKeys bounds the document with the keys.
	maxKeys = 1 << 20
)

// New returns a Verifier for the tokens that issuer has made for one of audience. The issuer is the URL of its iss
// claim, letter by letter. It is first asked (OpenID Connect Discovery, and the keys of jwks_uri) when a token comes;
// what fails then is not kept. The algorithms are RSA's, as at API Gateway.
func New(issuer string, audience []string) *Verifier {
	k := &issuerKeys{issuer: issuer, now: time.Now}
	return &Verifier{
		issuer: issuer, audience: audience,
		algorithms: []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512},
		key:        k.key,
	}
}

// issuerKeys are the keys of an issuer, as they were when it was last asked.
type issuerKeys struct {
	issuer string
	now    func() time.Time
	asking singleflight.Group

	mu     sync.Mutex
	keys   map[string]crypto.PublicKey // nil: not known yet
	asOf   time.Time                   // when they came
	lastAt time.Time                   // when the issuer was last asked
}

// key returns the key of that id, and asks the issuer where it has to.
func (k *issuerKeys) key(ctx context.Context, id string) (crypto.PublicKey, error) {
	key, ask := k.atHand(id)
	if !ask {
		return found(key)
	}
	// However many requests want to know, one asks; it is not any one's own, so
	// that the others do not lose it with that one's client.
	asked := k.asking.DoChan("", func() (any, error) { return nil, k.ask() })
	select {
	case result := <-asked:
		key, _ = k.atHand(id)
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
		return nil, &TokenError{"The token is signed with a key that its issuer does not have (kid)"}
	}
	return key, nil
}

// atHand returns the key where it is known, and says whether the issuer is to be asked.
func (k *issuerKeys) atHand(id string) (key crypto.PublicKey, ask bool) {
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

// ask asks the issuer for its keys.
func (k *issuerKeys) ask() error {
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

// fetchKeys finds the issuer's keys by its configuration.
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
		return nil, errors.New("its jwks_uri is no https URL")
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
		return nil, fmt.Errorf("%s answers %s", metadata.JWKSURI, res.Status)
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
		// A key of a kind that is not known here is one for others.
		if key.UnmarshalJSON(raw) != nil || key.KeyID == "" || key.Use == "enc" {
			continue
		}
		if public, ok := key.Key.(*rsa.PublicKey); ok {
			keys[key.KeyID] = public
		}
	}
	return keys, nil
}
