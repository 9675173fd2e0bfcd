// Package auth verifies the token of an Authorization header (RFC 6750). The token is a JWT (RFC 7519) of an OpenID
// Connect issuer, verified as by the JWT authorizer of an HTTP API, or a token that this machine has signed.
//
// It does not interpret the claims. It may not import other packages of slipway.
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

// skew is how far the issuer's clock may be ahead: a token is often used in the second in which it is issued.
const skew = time.Minute

// Verifier verifies the tokens of one issuer. It is safe for concurrent use.
type Verifier struct {
	issuer     string
	audience   []string
	algorithms []jose.SignatureAlgorithm
	// key returns the public key with that id. The error is a *TokenError if the issuer has no such key.
	key func(ctx context.Context, id string) (crypto.PublicKey, error)
}

// TokenError is the error for an invalid token. Detail is one sentence for the client and contains no part of the
// token.
type TokenError struct{ Detail string }

func (e *TokenError) Error() string { return e.Detail }

// IssuerError is the error for an issuer whose keys cannot be read. Whether the token is valid is unknown.
type IssuerError struct {
	Issuer string
	Err    error
}

func (e *IssuerError) Error() string {
	return fmt.Sprintf("reading the keys of the issuer %s: %.300s", e.Issuer, e.Err) // Err may contain a whole page
}

func (e *IssuerError) Unwrap() error { return e.Err }

// Verify returns the claims of the request's bearer token. The claims are nil without a token, or if Authorization has
// another scheme. The error is a *TokenError, an *IssuerError, or that of the request's context, which limits the time.
//
// The checks are those of API Gateway: the signature, with the key kid; iss; aud, or client_id without aud; exp, nbf,
// and iat.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
func (v *Verifier) Verify(r *http.Request) (claims map[string]any, err error) {
	text, err := tokenOf(r.Header)
	if text == "" || err != nil {
		return nil, err
	}
	token, err := jwt.ParseSigned(text, v.algorithms)
	if err != nil {
		return nil, &TokenError{"The token is not a JWT signed with " + v.algorithmNames()}
	}
	id := token.Headers[0].KeyID
	if id == "" {
		return nil, &TokenError{"The token has no key ID (kid)"}
	}
	key, err := v.key(r.Context(), id)
	if err != nil {
		return nil, err
	}
	var standard jwt.Claims
	err = token.Claims(key, &standard, &claims)
	switch {
	case errors.Is(err, jose.ErrCryptoFailure):
		return nil, &TokenError{"The signature of the token is invalid"}
	case err != nil:
		return nil, &TokenError{"The header or the claims of the token are malformed"}
	}
	if err := v.validate(standard, claims, time.Now()); err != nil {
		return nil, err
	}
	return claims, nil
}

// validate checks the claims after the signature.
func (v *Verifier) validate(c jwt.Claims, all map[string]any, now time.Time) error {
	audience := []string(c.Audience)
	if all["aud"] == nil { // access tokens of Cognito have no aud
		client, _ := all["client_id"].(string)
		audience = []string{client}
	}
	err := c.ValidateWithLeeway(jwt.Expected{Issuer: v.issuer, Time: now}, skew)
	switch {
	case errors.Is(err, jwt.ErrInvalidIssuer):
		return &TokenError{"The token is from another issuer (iss)"}
	case !slices.ContainsFunc(audience, func(a string) bool { return slices.Contains(v.audience, a) }):
		return &TokenError{"The token is for another audience (aud, or client_id without aud)"}
	case c.Expiry == nil:
		return &TokenError{"The token has no expiration time (exp)"}
	case !now.Before(c.Expiry.Time()): // without leeway, as in API Gateway
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

// tokenOf returns the bearer token of the header, or "" if there is none.
func tokenOf(header http.Header) (string, error) {
	values := header.Values("Authorization")
	if len(values) > 1 {
		return "", &TokenError{fmt.Sprintf("The request has %d Authorization headers", len(values))}
	}
	if len(values) == 0 {
		return "", nil
	}
	scheme, token, _ := strings.Cut(strings.TrimSpace(values[0]), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", nil
	}
	if token = strings.TrimSpace(token); token == "" {
		return "", &TokenError{"Missing token after Bearer in Authorization"}
	}
	return token, nil
}
