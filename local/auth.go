package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/internal/auth"
	"slipway/internal/config"
	"slipway/internal/httpapi"
)

// keyFile is the path of the key that signs local tokens.
const keyFile = "local/data/auth.key"

// access says which tokens the local server requires.
type access struct {
	// tokens verifies the token of a request. If it is nil, no token is required.
	tokens *auth.Verifier
	// how describes the setting in one line, with the command that prints a token.
	how string
}

// newAccess returns the access for AUTH and ADDR. Without AUTH, no token is required on loopback, and a token is
// required on any other address. Tokens come from AUTH_ISSUER or from the local key, which is created on first use.
func newAccess(c config.Config) (access, error) {
	switch {
	case c.Auth == config.AuthOff && onLoopback(c.Addr):
		return access{how: "off"}, nil
	case c.Auth == config.AuthOff:
		return access{how: "off, and ADDR is not loopback: anyone who can reach it can read and write"}, nil
	case c.Auth == config.AuthUnset && onLoopback(c.Addr):
		return access{how: "off on loopback (AUTH=required turns it on)"}, nil
	case c.AuthIssuer != "":
		return access{auth.New(c.AuthIssuer, c.AuthAudience), "accepts tokens of " + c.AuthIssuer}, nil
	}
	key, err := auth.LoadKey(keyFile)
	if err != nil {
		return access{}, err
	}
	return access{auth.NewLocal(key), fmt.Sprintf("accepts local tokens: go run ./local token --scope %q",
		c.AuthScopePrefix+"read "+c.AuthScopePrefix+"write")}, nil
}

// mode returns the value of AUTH for the function. It is never empty, because a function without AUTH requires a
// token.
func (a access) mode() config.Auth {
	if a.tokens == nil {
		return config.AuthOff
	}
	return config.AuthRequired
}

// auth returns the settings for the API, or nil if no token is required.
func (a access) auth(c config.Config) *httpapi.Auth {
	if a.tokens == nil {
		return nil
	}
	caller := func(r *http.Request) (*httpapi.Caller, error) {
		claims, err := a.tokens.Verify(r)
		if refused, ok := errors.AsType[*auth.TokenError](err); ok {
			return nil, &httpapi.InvalidTokenError{Detail: refused.Detail}
		}
		if claims == nil || err != nil {
			return nil, err
		}
		return httpapi.CallerOf(claims), nil
	}
	return &httpapi.Auth{Caller: caller, ScopePrefix: c.AuthScopePrefix}
}

// onLoopback reports whether only this machine can reach addr.
func onLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false // net.Listen reports the invalid address
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func newTokenCommand() *cobra.Command {
	var scope, subject string
	var expires time.Duration
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Print a token for a local server that requires one",
		Long: `Print a token for a local server that requires one.

The token is a JWT signed by the local key (` + keyFile + `). The key is
created on first use. GET and HEAD need the scope read; POST, PUT, PATCH, and
DELETE need write. If AUTH_SCOPE_PREFIX is set, put it before each scope. A server
with AUTH_ISSUER accepts only tokens of that issuer.`,
		Example: `  go run ./local token --scope "read write"
  go run ./local token --scope read --subject ada --expires 15m

  AUTH=required go run ./local
  curl -H "Authorization: Bearer $(go run ./local token --scope read)" http://127.0.0.1:3000/notes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if expires < time.Second {
				return fmt.Errorf("--expires is %v: it must be a duration of at least 1s, such as 15m or 1h", expires)
			}
			key, err := auth.LoadKey(keyFile)
			if err != nil {
				return err
			}
			token, err := key.Sign(subject, strings.Join(strings.Fields(scope), " "), expires)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), token)
			return err
		},
	}
	cmd.Flags().StringVar(&scope, "scope", "read", "scopes of the token, separated by spaces")
	cmd.Flags().StringVar(&subject, "subject", "local", "subject of the token (claim sub)")
	cmd.Flags().DurationVar(&expires, "expires", time.Hour, "lifetime of the token")
	return cmd
}
