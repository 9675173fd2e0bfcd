package auth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"slipway/internal/test/oidctest"
)

// watched is a Verifier with a test clock.
type watched struct {
	*Verifier
	t      *testing.T
	issuer *oidctest.Issuer
	now    time.Time
}

func watch(t *testing.T) *watched {
	w := &watched{t: t, issuer: oidctest.Start(t), now: time.Now()}
	w.Verifier = New(w.issuer.URL, []string{oidctest.Audience})
	k := &issuerKeys{issuer: w.issuer.URL, now: func() time.Time { return w.now }}
	w.key = k.key
	return w
}

// expect verifies a token. It checks whether the token is accepted, and the number of requests to the issuer (two for
// each read: configuration and keys).
func (w *watched) expect(what, token string, taken bool, asked int) {
	w.t.Helper()
	before := w.issuer.Calls()
	r := httptest.NewRequestWithContext(context.Background(), "GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	claims, err := w.Verify(r)
	if (claims != nil) != taken || w.issuer.Calls()-before != asked {
		w.t.Errorf("%s: %v, %v; the issuer had %d requests, want %d", what, claims, err, w.issuer.Calls()-before, asked)
	}
}

// TestRotation: a new key is accepted with its first token. A removed key is accepted for at most an hour.
func TestRotation(t *testing.T) {
	t.Parallel()
	w := watch(t)
	old := w.issuer.Token(nil)
	w.expect("the first token", old, true, 2)
	w.expect("the second", old, true, 0)
	w.issuer.Rotate()
	w.now = w.now.Add(pause)
	w.expect("the first of the new key", w.issuer.Token(nil), true, 2)
	w.expect("one of the old key", old, false, 0)
	w.now = w.now.Add(pause)
	w.expect("one of the old key, later", old, false, 2)

	w.issuer.Rotate() // without a token of the new key
	w.now = w.now.Add(keysLife)
	w.expect("an hour later", old, false, 2)
}

// TestMadeUpKeys: tokens with unknown keys do not flood the issuer.
func TestMadeUpKeys(t *testing.T) {
	t.Parallel()
	w := watch(t)
	key, _ := w.issuer.Key()
	w.expect("a good one", w.issuer.Token(nil), true, 2)
	w.now = w.now.Add(pause)
	for i := range 20 {
		asked := 0
		if i == 0 {
			asked = 2
		}
		w.expect("a made-up one", w.issuer.Sign("RS256", key, "made up "+string(rune('a'+i)), nil), false, asked)
	}
}

// TestKeysThatGrowOld: while the issuer is unreachable, cached keys stay valid for another hour, and the verifier
// retries every ten seconds. After that, tokens cannot be verified.
func TestKeysThatGrowOld(t *testing.T) {
	t.Parallel()
	w := watch(t)
	token := w.issuer.Token(map[string]any{"exp": w.now.Add(3 * time.Hour).Unix()})
	w.expect("the first", token, true, 2)
	w.issuer.Away(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusServiceUnavailable) })
	w.now = w.now.Add(keysLife)
	w.expect("an hour later, and it is away", token, true, 1)
	w.expect("at once", token, true, 0)
	w.now = w.now.Add(pause)
	w.expect("ten seconds later", token, true, 1)
	w.now = w.now.Add(keysLife)
	w.expect("two hours later", token, false, 1)
	w.expect("and at once", token, false, 1)
	w.issuer.Away(nil)
	w.expect("it is back", token, true, 2)
}
