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

// Auth is who may do what with the tables: reading takes the scope read, writing
// the scope write, and neither stands for the other.
type Auth struct {
	// Caller tells who a request is from: nil where it does not say so, which refuses
	// the request. The error is an *InvalidTokenError where it says so with a token that is not taken; any
	// other means that it cannot be found out for now.
	Caller func(*http.Request) (*Caller, error)
	// ScopePrefix stands in front of read and write in a scope.
	ScopePrefix string
}

// InvalidTokenError is a token that is not taken. Its text is for the client.
type InvalidTokenError struct{ Detail string }

func (e *InvalidTokenError) Error() string { return e.Detail }

// Caller is who a request is from, and what that one may do.
type Caller struct {
	// ID tells callers apart; nothing else is read from it.
	ID string
	// Scopes are what the caller was granted. With All that is everything.
	Scopes []string
	All    bool
}

// CallerOf reads the claims of a token (RFC 9068), or what a Lambda authorizer
// said in the same words. The scopes are those of scope and scp: a text with blanks
// between them (RFC 8693, section 4.2), a list, or a list as API Gateway writes it
// into a text, "[a b]". Whatever else is there grants nothing.
func CallerOf(claims map[string]any) *Caller {
	return &Caller{ID: callerID(claims), Scopes: slices.Concat(scopesOf(claims["scope"]), scopesOf(claims["scp"]))}
}

// Signer returns the caller of a request that IAM let in, by the name that IAM has for it: what it may do was decided
// there.
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

// callerID names the caller by the claim that is there for it. Where there is
// none the claims as a whole do: whoever has others is another one.
func callerID(claims map[string]any) string {
	for _, name := range []string{"sub", "client_id", "principalId"} {
		if id, ok := claims[name].(string); ok && id != "" {
			return name + " " + id
		}
	}
	rest := maps.Clone(claims)
	delete(rest, "integrationLatency") // API Gateway's, and different every time
	text, err := json.Marshal(rest)    // in the order of the names
	if err != nil {                    // of JSON, as it came
		return "claims"
	}
	return "claims " + string(text)
}

// The scopes that there are.
const (
	scopeRead  = "read"
	scopeWrite = "write"
)

// scopeOf is what a method of a table's route takes.
func scopeOf(method string) string {
	if method == http.MethodGet || method == http.MethodHead {
		return scopeRead
	}
	return scopeWrite
}

// callerKey is where a request keeps its caller's ID.
const callerKey = "caller"

// guarded asks who calls before a route of a table does anything at all: before
// the body is read, and before the database knows of it.
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
			return unknownCaller(c.Request.Context(), err)
		case caller == nil:
			return errNobody
		case !caller.All && !slices.Contains(caller.Scopes, scope):
			return &authError{http.StatusForbidden, "insufficient_scope",
				"The scope " + scope + " is missing: " + method + " takes it here",
				`Bearer error="insufficient_scope", scope="` + scope + `"`}
		}
		c.Set(callerKey, caller.ID)
		return r.handle(c)
	}
}

// challenge is what WWW-Authenticate asks for (RFC 6750, section 3).
const challenge = `Bearer realm="slipway"`

var errNobody = &authError{http.StatusUnauthorized, "required",
	"The request does not say who it is from: send a token, as Authorization: Bearer TOKEN", challenge}

// authError is a request that may not do what it asks for.
type authError struct {
	status       int
	code, detail string
	challenge    string
}

func (e *authError) Error() string { return e.detail }

// issuerError is that it cannot be found out who calls. The cause is for the log.
type issuerError struct{ error }

func unknownCaller(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &store.Error{Kind: store.Deadline, Err: err}
	case ctx.Err() != nil:
		return &store.Error{Kind: store.Canceled, Err: err}
	}
	return &issuerError{err}
}
