// Package dbenv turns the environment into what opens a database, so that every
// command and every function signs in the same way.
//
// It imports config, credentials and database, and no dialect: a program imports
// those it needs.
package dbenv

import (
	"slipway/internal/aws/credentials"
	"slipway/internal/config"
	"slipway/internal/database"
)

// Config returns what [database.Open] takes for the database of c, in mode
// [database.Serve]. The variables of AWS are read with getenv, which is os.Getenv
// outside tests. It makes no connection.
//
// The error says which variable is wrong, and how it should read.
func Config(c config.Config, getenv func(string) string) (database.Config, error) {
	source, err := credentials.New(c.DatabaseSecretARN, c.DatabaseIAMAuth, getenv)
	if err != nil {
		return database.Config{}, err
	}
	return database.Config{
		URL: c.DatabaseURL, ReaderURL: c.DatabaseReaderURL, Credentials: source, Token: c.DatabaseIAMAuth,
	}, nil
}
