package mysql

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/go-sql-driver/mysql"

	"slipway/internal/database"
)

// configure returns the driver's configuration for the URL. The error says whether the URL and the credentials
// contradict each other.
func configure(options database.Config) (*mysql.Config, error) {
	config, err := parse(options.URL)
	if err != nil || options.Credentials == nil {
		return config, err
	}
	if config.Passwd != "" {
		return nil, errors.New("has a password in it, but DATABASE_SECRET_ARN or DATABASE_IAM_AUTH provides another: " +
			"remove one of the two")
	}
	if !options.Token {
		return config, nil
	}
	if config.User == "" {
		return nil, errors.New("names no user, but DATABASE_IAM_AUTH needs one: use mysql://user@host:3306/db?tls=true")
	}
	// A token is sent in plain text, so the identity of the server must be verified.
	if config.TLS == nil || config.TLS.InsecureSkipVerify || config.AllowFallbackToPlaintext {
		return nil, errors.New("does not have tls=true, but DATABASE_IAM_AUTH needs TLS: use " +
			"mysql://user@host:3306/db?tls=true")
	}
	config.AllowCleartextPasswords = true
	return config, nil
}

// signing creates connections with the current user name and password.
type signing struct {
	driver.Connector // for the URL without credentials
	config           *mysql.Config
	options          database.Config
}

// signingIn returns a connector for a configuration and the credentials of options.
func signingIn(config *mysql.Config, options database.Config) (driver.Connector, error) {
	c, err := mysql.NewConnector(config)
	if err != nil || options.Credentials == nil {
		return c, err
	}
	return signing{c, config, options}, nil
}

// Connect signs in. If the server rejects the password, it signs in once more with the current password.
func (s signing) Connect(ctx context.Context) (driver.Conn, error) {
	conn, password, err := s.connect(ctx, "", nil)
	var my *mysql.MySQLError
	if s.options.Token || !errors.As(err, &my) || my.Number != accessDenied {
		return conn, err
	}
	conn, _, err = s.connect(ctx, password, err)
	return conn, err
}

// connect signs in and returns the password that it used. If the server has rejected a password, it connects only with
// another password, and otherwise returns refusal.
func (s signing) connect(ctx context.Context, refused string, refusal error) (conn driver.Conn, password string,
	err error) {
	name, password, err := s.options.Credentials(ctx, s.config.Addr, s.config.User, refused)
	if err != nil {
		return nil, "", &connectError{err}
	}
	if refusal != nil && password == refused {
		return nil, "", refusal
	}
	config := s.config.Clone()
	config.User, config.Passwd = name, password
	c, err := mysql.NewConnector(config)
	if err != nil {
		return nil, "", &connectError{err}
	}
	conn, err = c.Connect(ctx)
	return conn, password, err
}

// accessDenied is ER_ACCESS_DENIED_ERROR, for an invalid name or password.
const accessDenied = 1045

// connectError is an error of a new connection: of the credentials, the network, a certificate, or the server. In any
// case the database is unavailable.
type connectError struct{ error }

func (e *connectError) Unwrap() error { return e.error }
