// Package dbenv builds the configuration of a database from the environment, so that all programs sign in the same way.
//
// It may import config, credentials, and database, but no dialect: a program imports the dialects that it needs.
package dbenv

import (
	"slipway/internal/aws/credentials"
	"slipway/internal/config"
	"slipway/internal/database"
)

// Config returns the configuration for [database.Open], with mode [database.Serve]. It reads the variables of AWS with
// getenv (os.Getenv outside tests). It does not connect.
//
// The error names the invalid variable and says how to set it.
func Config(c config.Config, getenv func(string) string) (database.Config, error) {
	source, err := credentials.New(c.DatabaseSecretARN, c.DatabaseIAMAuth, getenv)
	if err != nil {
		return database.Config{}, err
	}
	return database.Config{
		URL: c.DatabaseURL, ReaderURL: c.DatabaseReaderURL, Credentials: source, Token: c.DatabaseIAMAuth,
	}, nil
}
