// Package config reads the environment, once, into one struct.
//
// It imports no other package.
package config

import (
	"fmt"
	"log/slog"
	"strconv"
)

// Config is what the environment says. Fields that it does not name have their
// defaults.
type Config struct {
	// DatabaseURL is DATABASE_URL, in the form the Atlas CLI takes. It has no
	// default here: the local command brings one, Lambda must be given one. It
	// may hold a password: it is not to be printed.
	DatabaseURL string
	// DatabaseReaderURL is DATABASE_READER_URL, where GET and HEAD read. Default
	// empty: all goes to DatabaseURL. It may hold a password, too.
	DatabaseReaderURL string
	// DatabaseSecretARN is DATABASE_SECRET_ARN, the secret with the name and the
	// password to sign in with. Default empty: the URLs say both.
	DatabaseSecretARN string
	// DatabaseIAMAuth is DATABASE_IAM_AUTH: true signs in with tokens of the
	// function's role. Default false.
	DatabaseIAMAuth bool
	// Addr is ADDR, where the local server listens. Default 127.0.0.1:3000.
	Addr string
	// LogLevel is LOG_LEVEL: debug, info, warn or error. Default info.
	LogLevel slog.Level
	// MaxBodyBytes is MAX_BODY_BYTES, the most a request's body may have.
	// Default 1048576.
	MaxBodyBytes int64
	// CORSOrigins is CORS_ORIGINS, the origins that browsers may call from: each
	// scheme://host or scheme://host:port, or one "*" for any. Default none.
	CORSOrigins []string
	// Auth is AUTH: whether a request for a table has to say who it is from.
	// Default [AuthUnset].
	Auth Auth
	// AuthIssuer is AUTH_ISSUER, the URL in iss of the tokens that are taken where
	// no gateway has looked at them. Default empty: none of anybody else's.
	AuthIssuer string
	// AuthAudience is AUTH_AUDIENCE, whom those tokens may be for (aud). It is there
	// exactly where AuthIssuer is.
	AuthAudience []string
	// AuthScopePrefix is AUTH_SCOPE_PREFIX, what stands in front of read and write
	// in a scope. Default empty.
	AuthScopePrefix string
}

// Load reads the variables with getenv, which is os.Getenv outside tests. The
// error names the variable and what it may be.
func Load(getenv func(string) string) (Config, error) {
	c := Config{
		DatabaseURL:       getenv("DATABASE_URL"),
		DatabaseReaderURL: getenv("DATABASE_READER_URL"),
		DatabaseSecretARN: getenv("DATABASE_SECRET_ARN"),
		Addr:              "127.0.0.1:3000",
		MaxBodyBytes:      1 << 20,
	}
	switch s := getenv("DATABASE_IAM_AUTH"); s {
	case "true":
		c.DatabaseIAMAuth = true
	case "", "false":
	default:
		return Config{}, fmt.Errorf("DATABASE_IAM_AUTH is %q: it is true or false", s)
	}
	if s := getenv("ADDR"); s != "" {
		c.Addr = s
	}
	if s := getenv("LOG_LEVEL"); s != "" {
		levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn,
			"error": slog.LevelError}
		level, ok := levels[s]
		if !ok {
			return Config{}, fmt.Errorf("LOG_LEVEL is %q: it is one of debug, info, warn, error", s)
		}
		c.LogLevel = level
	}
	if s := getenv("MAX_BODY_BYTES"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 1 {
			return Config{}, fmt.Errorf("MAX_BODY_BYTES is %q: it is a whole number of bytes, at least 1", s)
		}
		c.MaxBodyBytes = n
	}
	var err error
	if c.CORSOrigins, err = parseOrigins(getenv("CORS_ORIGINS")); err != nil {
		return Config{}, err
	}
	if err := c.loadAuth(getenv); err != nil {
		return Config{}, err
	}
	return c, nil
}
