// Command api is the Lambda function that serves the HTTP API.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"slipway/internal/config"
	"slipway/internal/credentials"
	"slipway/internal/database"
	_ "slipway/internal/database/mysql"
	"slipway/internal/gateway"
	"slipway/internal/httpapi"
	"slipway/internal/model"
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

// newHandler wires the rooms. It connects to nothing: a database that is down
// costs the requests of that time, not the sandbox.
func newHandler(getenv func(string) string) (lambda.Handler, error) {
	c, err := config.Load(getenv)
	if err != nil {
		return nil, err
	}
	source, err := credentials.New(c.DatabaseSecretARN, c.DatabaseIAMAuth, getenv)
	if err != nil {
		return nil, err
	}
	db, err := database.OpenSplit(c.DatabaseURL, c.DatabaseReaderURL,
		database.Options{Credentials: source, Token: c.DatabaseIAMAuth, Connections: 1}) // a sandbox serves one request at a time
	if err != nil {
		return nil, err
	}
	version, err := migrations.Latest(db.Dialect)
	if err != nil {
		return nil, err
	}
	return gateway.New(httpapi.New(httpapi.Options{
		Store:            store.New(db),
		Tables:           model.Tables,
		SchemaVersion:    version,
		Logger:           slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel})),
		MaxBodyBytes:     c.MaxBodyBytes,
		CORSOrigins:      c.CORSOrigins,
		BasePath:         gateway.BasePath,
		GatewayRequestID: gateway.RequestID,
	})), nil
}
