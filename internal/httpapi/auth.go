package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"slipway/internal/store"
)

// Auth decides which requests may access the tables. GET and HEAD require the scope
// read, all other methods the scope write. Neither scope includes the other.
type Auth struct {
	// Caller returns the caller of a request, or nil if the request has no credentials.
	// The error is an *InvalidTokenError for an invalid token. Any other error means that
	// the token cannot be verified now: the response is a 503.
	Caller func(*http.Request) (*Caller, error)
	// ScopePrefix precedes read and write in a scope. Default empty.
	ScopePrefix string
}

// InvalidTokenError is the error of an invalid token. Detail is for the client.
type InvalidTokenError struct{ Detail string }

func (e *InvalidTokenError) Error() string { return e.Detail }

// Caller is the caller of a request and its scopes.
type Caller struct {
	// ID identifies the caller. It is opaque.
	ID string
	// Scopes are the granted scopes.
	Scopes []string
	// All grants every scope.
	All bool
}

// CallerOf returns the caller for the claims of a token (RFC 9068) or for the context of
// a Lambda authorizer. The scopes come from the claims scope and scp. Each is a string
// with scopes separated by spaces (RFC 8693, section 4.2), a list, or a string in API
// Gateway's format for lists, "[a b]". Values of other types grant nothing.
func CallerOf(claims map[string]any) *Caller {
	return &Caller{ID: callerID(claims), Scopes: slices.Concat(scopesOf(claims["scope"]), scopesOf(claims["scp"]))}
}

// Signer returns the caller of a request that IAM has authorized. The name is the IAM
// identity. IAM decides what it may do, so it has all scopes.
func Signer(name string) *Caller { return &Caller{ID: "iam " + name, All: name != ""} }

func scopesOf(value any) []string {
	var scopes []string
	switch v := value.(type) {
	case string:
		if inner, ok := strings.CutPrefix(v, "["); ok && strings.HasSuffix(inner, "]") {
			v = strings.TrimSuffix(inner, "]")
		}
		scopes = strings.FieldsFunc(v, func(r rune) bool { return r == ' ' })
	case []any:
		for _, element := range v {
			if scope, ok := element.(string); ok {
				scopes = append(scopes, scope)
			}
		}
	}
	return scopes
}

// callerID returns the ID for claims: the first of sub, client_id and principalId, or all
// claims if none of them is present.
func callerID(claims map[string]any) string {
	for _, name := range []string{"sub", "client_id", "principalId"} {
		if id, ok := claims[name].(string); ok && id != "" {
			return name + " " + id
		}
	}
	rest := maps.Clone(claims)
	delete(rest, "integrationLatency") // API Gateway adds it; it differs between requests
	text, err := json.Marshal(rest)    // sorts by name
	if err != nil {                    // impossible: the claims were decoded from JSON
		return "claims"
	}
	return "claims " + string(text)
}

// The scopes, without the prefix.
const (
	scopeRead  = "read"
	scopeWrite = "write"
)

// scopeOf returns the scope that a method requires on the route of a table.
func scopeOf(method string) string {
	if method == http.MethodGet || method == http.MethodHead {
		return scopeRead
	}
	return scopeWrite
}

// callerKey is the key of the caller's ID in a [gin.Context].
const callerKey = "caller"

// guarded returns the handler of a route behind a check of the caller's scope. The check
// comes before the body is read and before any statement runs.
func (a *api) guarded(r route, method string) func(*gin.Context) error {
	if a.Auth == nil || r.table == nil {
		return r.handle
	}
	scope := a.Auth.ScopePrefix + scopeOf(method)
	return func(c *gin.Context) error {
		caller, err := a.Auth.Caller(c.Request)
		switch invalid, ok := errors.AsType[*InvalidTokenError](err); {
		case ok:
			return &authError{http.StatusUnauthorized, "invalid_token", invalid.Detail, challenge + `, error="invalid_token"`}
		case err != nil:
			return unverified(c.Request.Context(), err)
		case caller == nil:
			return errNoToken
		case !caller.All && !slices.Contains(caller.Scopes, scope):
			return &authError{http.StatusForbidden, "insufficient_scope",
				"This operation requires scope `" + scope + "`",
				`Bearer error="insufficient_scope", scope="` + scope + `"`}
		}
		c.Set(callerKey, caller.ID)
		return r.handle(c)
	}
}

// challenge is the WWW-Authenticate header of a 401 (RFC 6750, section 3).
const challenge = `Bearer realm="slipway"`

var errNoToken = &authError{http.StatusUnauthorized, "required",
	"Missing bearer token: send the header Authorization: Bearer TOKEN", challenge}

// authError is the error of a request that is not authorized.
type authError struct {
	status       int
	code, detail string
	challenge    string
}

func (e *authError) Error() string { return e.detail }

// issuerError is the error of a token that cannot be verified now. The cause is for the log.
type issuerError struct{ error }

// unverified returns the error for a token that could not be verified because of err.
func unverified(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &store.Error{Kind: store.Deadline, Err: err}
	case ctx.Err() != nil:
		return &store.Error{Kind: store.Canceled, Err: err}
	}
	return &issuerError{err}
}
