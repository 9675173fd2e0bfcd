// Command api is the Lambda function that serves the HTTP API.
package main

import (
	"errors"
	"log/slog"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"slipway/internal/app"
	"slipway/internal/auth"
	"slipway/internal/config"
	"slipway/internal/database"
	"slipway/internal/database/mysql"
	"slipway/internal/dbenv"
	"slipway/internal/gateway"
	"slipway/internal/httpapi"
	"slipway/internal/store"
	"slipway/migrations"
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	handler, err := newHandler(os.Getenv)
	if err != nil {
		slog.Error("cannot start", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(handler)
}

// newHandler builds the handler. It does not connect to the database: an unreachable database must not prevent the
// start.
func newHandler(getenv func(string) string) (lambda.Handler, error) {
	c, err := config.Load(getenv)
	if err != nil {
		return nil, err
	}
	logger := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel}))
	slog.SetDefault(logger) // package gateway uses the default logger
	to, err := dbenv.Config(c, getenv)
	if err != nil {
		return nil, err
	}
	to.Connections = 1 // a sandbox handles one request at a time
	db, err := database.Open(to, mysql.Dialect{})
	if err != nil {
		return nil, err
	}
	version, err := migrations.Latest(db.Dialect)
	if err != nil {
		return nil, err
	}
	return gateway.New(httpapi.New(httpapi.Options{
		Store:            store.New(db),
		Tables:           app.Tables,
		SchemaVersion:    version,
		Logger:           logger,
		MaxBodyBytes:     c.MaxBodyBytes,
		CORSOrigins:      c.CORSOrigins,
		BasePath:         gateway.BasePath,
		GatewayRequestID: gateway.RequestID,
		TraceID:          gateway.TraceID,
		Auth:             authOf(c),
	})), nil
}

// authOf returns the settings for callers. It returns nil, which allows everything, only if AUTH is off. The caller
// comes from the gateway's authorizer. Without an authorizer, for example behind a load balancer, the function verifies
// the token itself, if AUTH_ISSUER is set.
func authOf(c config.Config) *httpapi.Auth {
	if c.Auth == config.AuthOff {
		return nil
	}
	var tokens *auth.Verifier
	if c.AuthIssuer != "" {
		tokens = auth.New(c.AuthIssuer, c.AuthAudience)
	}
	caller := func(r *http.Request) (*httpapi.Caller, error) {
		by, authorized := gateway.Authorized(r.Context())
		switch {
		case by.IAM != "":
			return httpapi.Signer(by.IAM), nil
		case authorized:
			return httpapi.CallerOf(by.Claims), nil
		case tokens == nil:
			return nil, nil
		}
		claims, err := tokens.Verify(r)
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
