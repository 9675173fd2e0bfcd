// Package config reads the configuration from environment variables.
//
// It may import the standard library only.
package config

import (
	"fmt"
	"log/slog"
	"strconv"
)

// Config is the configuration.
type Config struct {
	// DatabaseURL is DATABASE_URL, in the format of the Atlas CLI. It has no default in this
	// package. It may contain a password: do not print it.
	DatabaseURL string
	// DatabaseReaderURL is DATABASE_READER_URL, the database for GET and HEAD. Default
	// empty: DatabaseURL. It may contain a password: do not print it.
	DatabaseReaderURL string
	// DatabaseSecretARN is DATABASE_SECRET_ARN, the ARN of the secret with the username and
	// the password. Default empty: the URLs contain them.
	DatabaseSecretARN string
	// DatabaseIAMAuth is DATABASE_IAM_AUTH: true signs in with RDS IAM tokens. Default false.
	DatabaseIAMAuth bool
	// Addr is ADDR, the address of the local server. Default 127.0.0.1:3000.
	Addr string
	// LogLevel is LOG_LEVEL: debug, info, warn or error. Default info.
	LogLevel slog.Level
	// MaxBodyBytes is MAX_BODY_BYTES, the maximum size of a request body. Default 1048576.
	MaxBodyBytes int64
	// CORSOrigins is CORS_ORIGINS, the origins that browsers may call from: each
	// scheme://host or scheme://host:port, or one "*" for any. Default none.
	CORSOrigins []string
	// Auth is AUTH: whether requests for tables require authentication. Default [AuthUnset].
	Auth Auth
	// AuthIssuer is AUTH_ISSUER, the issuer (iss) of the tokens that the application
	// verifies. Default empty: it verifies none.
	AuthIssuer string
	// AuthAudience is AUTH_AUDIENCE, the valid audiences (aud) of these tokens. It is empty
	// if and only if AuthIssuer is empty.
	AuthAudience []string
	// AuthScopePrefix is AUTH_SCOPE_PREFIX, the prefix of read and write in scopes. Default
	// empty.
	AuthScopePrefix string
}

// Load reads the variables with getenv, such as [os.Getenv]. The error names the invalid
// variable and its valid values, without a password.
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
		return Config{}, fmt.Errorf("DATABASE_IAM_AUTH is %q: it must be true or false", s)
	}
	if s := getenv("ADDR"); s != "" {
		c.Addr = s
	}
	if s := getenv("LOG_LEVEL"); s != "" {
		levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn,
			"error": slog.LevelError}
		level, ok := levels[s]
		if !ok {
			return Config{}, fmt.Errorf("LOG_LEVEL is %q: it must be debug, info, warn or error", s)
		}
		c.LogLevel = level
	}
	if s := getenv("MAX_BODY_BYTES"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 1 {
			return Config{}, fmt.Errorf("MAX_BODY_BYTES is %q: it must be a whole number of bytes, at least 1", s)
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
