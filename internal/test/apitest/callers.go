package apitest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"slipway/internal/httpapi"
)

// CallerByName trusts "Authorization: Name scope scope". Tests use it for what follows after a token is
// verified.
func CallerByName(r *http.Request) (*httpapi.Caller, error) {
	name, scopes, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch name {
	case "":
		return nil, nil
	case "bad":
		return nil, &httpapi.InvalidTokenError{Detail: "The token has expired (exp)"}
	case "away":
		return nil, errors.New("the issuer is away, says 10.0.0.7")
	case "slow":
		<-r.Context().Done()
		return nil, fmt.Errorf("waiting for the issuer: %w", r.Context().Err())
	case "iam":
		return httpapi.Signer("arn:aws:iam::123456789012:user/ada"), nil
	}
	return &httpapi.Caller{ID: name, Scopes: strings.Fields(scopes)}, nil
}

// RequireCaller turns on auth with CallerByName.
func RequireCaller(o *httpapi.Options) { o.Auth = &httpapi.Auth{Caller: CallerByName} }
