// Package auth verifies the token of an Authorization header (RFC 6750): a JWT
// (RFC 7519) of an OpenID Connect issuer, checked as an HTTP API's JWT authorizer
// checks it, or one that this machine has signed itself.
//
// It imports no other package: what the claims mean is for others to say.
package auth

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// skew is by how much the issuer's clock may be ahead of this machine's: a token
// is often used in the second in which it is made.
const skew = time.Minute

// Verifier takes the tokens of one issuer. It may be used by many goroutines.
type Verifier struct {
	issuer     string
	audience   []string
	algorithms []jose.SignatureAlgorithm
	// key returns the public key of that id. Its error is a *TokenError where the issuer has no such key.
	key func(ctx context.Context, id string) (crypto.PublicKey, error)
}

// TokenError is a token that is not taken. Its text is one sentence, for the
// client, and has nothing of the token in it.
type TokenError struct{ Detail string }

func (e *TokenError) Error() string { return e.Detail }

// IssuerError says that the issuer could not be asked for its keys: whether the
// token is good is not known.
type IssuerError struct {
	Issuer string
	Err    error
}

func (e *IssuerError) Error() string {
	return fmt.Sprintf("asking the issuer %s for its keys: %.300s", e.Issuer, e.Err) // which may have a whole page in it
}

func (e *IssuerError) Unwrap() error { return e.Err }

// Verify returns the claims of the request's bearer token: nil without one, and for an Authorization of another
// scheme. The error is a *TokenError, an *IssuerError, or that of the request's context, which bounds the time.
//
// The checks are those of API Gateway: the signature, by the key that kid names;
// iss; aud, or client_id where there is no aud; exp, nbf and iat.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
func (v *Verifier) Verify(r *http.Request) (claims map[string]any, err error) {
	text, err := tokenOf(r.Header)
	if text == "" || err != nil {
		return nil, err
	}
	token, err := jwt.ParseSigned(text, v.algorithms)
	if err != nil {
		return nil, &TokenError{"The token is not a JWT that is signed with " + v.algorithmNames()}
	}
	id := token.Headers[0].KeyID
	if id == "" {
		return nil, &TokenError{"The token does not name the key that it is signed with (kid)"}
	}
	key, err := v.key(r.Context(), id)
	if err != nil {
		return nil, err
	}
	var standard jwt.Claims
	err = token.Claims(key, &standard, &claims)
	switch {
	case errors.Is(err, jose.ErrCryptoFailure):
		return nil, &TokenError{"The token's signature is not that of its key"}
	case err != nil:
		return nil, &TokenError{"The token's header or its claims are not what they have to be"}
	}
	if err := v.validate(standard, claims, time.Now()); err != nil {
		return nil, err
	}
	return claims, nil
}

// validate checks what a good signature says.
func (v *Verifier) validate(c jwt.Claims, all map[string]any, now time.Time) error {
	audience := []string(c.Audience)
	if all["aud"] == nil { // Cognito's access tokens have none
		client, _ := all["client_id"].(string)
		audience = []string{client}
	}
	err := c.ValidateWithLeeway(jwt.Expected{Issuer: v.issuer, Time: now}, skew)
	switch {
	case errors.Is(err, jwt.ErrInvalidIssuer):
		return &TokenError{"The token is of another issuer (iss)"}
	case !slices.ContainsFunc(audience, func(a string) bool { return slices.Contains(v.audience, a) }):
		return &TokenError{"The token is for another audience (aud, or client_id where there is no aud)"}
	case c.Expiry == nil:
		return &TokenError{"The token does not say when it expires (exp)"}
	case !now.Before(c.Expiry.Time()): // without leeway, as the gateway
		return &TokenError{"The token has expired (exp)"}
	case errors.Is(err, jwt.ErrNotValidYet):
		return &TokenError{"The token is not valid yet (nbf)"}
	case err != nil:
		return &TokenError{"The token was issued in the future (iat)"}
	}
	return nil
}

func (v *Verifier) algorithmNames() string {
	names := make([]string, len(v.algorithms))
	for i, a := range v.algorithms {
		names[i] = string(a)
	}
	return strings.Join(names, " or ")
}

// tokenOf returns the token of the header, or "" where there is none.
func tokenOf(header http.Header) (string, error) {
	values := header.Values("Authorization")
	if len(values) > 1 {
		return "", &TokenError{fmt.Sprintf("Authorization is given %d times", len(values))}
	}
	if len(values) == 0 {
		return "", nil
	}
	scheme, token, _ := strings.Cut(strings.TrimSpace(values[0]), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", nil
	}
	if token = strings.TrimSpace(token); token == "" {
		return "", &TokenError{"Authorization has no token behind Bearer"}
	}
	return token, nil
}
