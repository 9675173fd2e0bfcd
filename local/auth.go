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

// keyFile is where the key is that signs the tokens of this machine.
const keyFile = "local/data/auth.key"

// access is who may call what serves here.
type access struct {
	// tokens verifies the token of a request; nil: nobody is asked for one.
	tokens *auth.Verifier
	// how says it all in one line, and how to get a token.
	how string
}

// newAccess decides it: off on loopback, on elsewhere, as AUTH says in any case.
// The tokens are those of AUTH_ISSUER, or of this machine's own key, which is made
// when it is first needed.
func newAccess(c config.Config) (access, error) {
	switch {
	case c.Auth == config.AuthOff && onLoopback(c.Addr):
		return access{how: "off"}, nil
	case c.Auth == config.AuthOff:
		return access{how: "off, and ADDR is not loopback: anyone who reaches it may read and write"}, nil
	case c.Auth == config.AuthUnset && onLoopback(c.Addr):
		return access{how: "off on loopback (AUTH=required turns it on)"}, nil
	case c.AuthIssuer != "":
		return access{auth.New(c.AuthIssuer, c.AuthAudience), "takes tokens of " + c.AuthIssuer}, nil
	}
	key, err := auth.LoadKey(keyFile)
	if err != nil {
		return access{}, err
	}
	return access{auth.NewLocal(key), fmt.Sprintf("takes tokens of this machine: go run ./local token --scope %q",
		c.AuthScopePrefix+"read "+c.AuthScopePrefix+"write")}, nil
}

// mode returns AUTH for a function behind this access: always one of its names, because
// a function without it requires a caller.
func (a access) mode() config.Auth {
	if a.tokens == nil {
		return config.AuthOff
	}
	return config.AuthRequired
}

// auth is access as the API takes it.
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

// onLoopback says whether only this machine reaches what listens there.
func onLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false // nothing will listen there
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func newTokenCommand() *cobra.Command {
	var scope, subject string
	var expires time.Duration
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Print a token for a server on this machine that asks for one",
		Long: `Print a token for a server on this machine that asks for one.

It is a JWT that this machine's key (` + keyFile + `) signs; the key is made
when it is first needed. GET and HEAD take the scope read; POST, PUT, PATCH and
DELETE take write. With AUTH_SCOPE_PREFIX a scope has that in front. A server
with AUTH_ISSUER takes that issuer's tokens instead.`,
		Example: `  go run ./local token --scope "read write"
  go run ./local token --scope read --subject ada --expires 15m

  AUTH=required go run ./local
  curl -H "Authorization: Bearer $(go run ./local token --scope read)" http://127.0.0.1:3000/notes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if expires < time.Second {
				return fmt.Errorf("--expires is %v: it is how long the token is good, such as 15m or 1h, at least 1s", expires)
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
	cmd.Flags().StringVar(&scope, "scope", "read", "what the token is good for: scopes with blanks between them")
	cmd.Flags().StringVar(&subject, "subject", "local", "whom the token is for (sub)")
	cmd.Flags().DurationVar(&expires, "expires", time.Hour, "how long it is good")
	return cmd
}
