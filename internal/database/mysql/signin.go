package mysql

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/go-sql-driver/mysql"

	"slipway/internal/database"
)

// configure returns the driver's configuration for a URL and the credentials beside
// it. The error says where the two contradict each other.
func configure(options database.Config) (*mysql.Config, error) {
	config, err := parse(options.URL)
	if err != nil || options.Credentials == nil {
		return config, err
	}
	if config.Passwd != "" {
		return nil, errors.New("has a password in it, and DATABASE_SECRET_ARN or DATABASE_IAM_AUTH brings another: leave " +
			"out one of the two")
	}
	if !options.Token {
		return config, nil
	}
	if config.User == "" {
		return nil, errors.New("names no user, whom DATABASE_IAM_AUTH signs in: it reads mysql://user@host:3306/db?tls=true")
	}
	// A token is sent as it is: to whom, has to be certain.
	if config.TLS == nil || config.TLS.InsecureSkipVerify || config.AllowFallbackToPlaintext {
		return nil, errors.New("does not ask for tls=true, which DATABASE_IAM_AUTH takes: it reads " +
			"mysql://user@host:3306/db?tls=true")
	}
	config.AllowCleartextPasswords = true
	return config, nil
}

// signing makes connections with the name and the password of the moment.
type signing struct {
	driver.Connector // of the URL alone
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

// Connect signs in. When the server refuses a password that has been replaced
// since, it does so with the new one.
func (s signing) Connect(ctx context.Context) (driver.Conn, error) {
	conn, password, err := s.connect(ctx, "", nil)
	var my *mysql.MySQLError
	if s.options.Token || !errors.As(err, &my) || my.Number != accessDenied {
		return conn, err
	}
	conn, _, err = s.connect(ctx, password, err)
	return conn, err
}

// connect signs in and gives the password that it did so with. Where the server has
// refused one already, nothing is sent unless there is another by now.
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

// accessDenied is ER_ACCESS_DENIED_ERROR: who is not let in, whatever is wrong
// about name or password.
const accessDenied = 1045

// connectError is an error from before there was a connection: of who was asked for
// name and password, of the network, of a certificate, or the server's. Whatever it
// is, the database cannot be reached.
type connectError struct{ error }

func (e *connectError) Unwrap() error { return e.error }
