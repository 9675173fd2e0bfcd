package mysql

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"slipway/internal/database"
	"slipway/internal/test/dbtest"
)

// password is a password that tests search for in errors.
const password = "hunter2-s3cret"

// fixed returns constant credentials.
func fixed(name, password string) database.Config {
	return database.Config{Credentials: func(context.Context, string, string, string) (string, string, error) {
		return name, password, nil
	}}
}

// TestConfigure: a URL that contradicts the credentials is an error.
func TestConfigure(t *testing.T) {
	t.Parallel()
	secret, token := fixed("app", "p"), fixed("app", "p")
	token.Token = true
	for name, c := range map[string]struct {
		options   database.Config
		url, want string
	}{
		"none":                         {database.Config{}, "mysql://u:p@h/app", ""},
		"a secret, no user":            {secret, "mysql://h/app", ""},
		"a secret, a user":             {secret, "mysql://u@h/app", ""},
		"a secret, a password":         {secret, "mysql://u:" + password + "@h/app", "has a password in it"},
		"a secret, a socket":           {secret, "mysql+unix:///run/x.sock?database=app", ""},
		"a token":                      {token, "mysql://u@h/app?tls=true", ""},
		"a token, a password":          {token, "mysql://u:" + password + "@h/app?tls=true", "has a password in it"},
		"a token, no user":             {token, "mysql://h/app?tls=true", "names no user"},
		"a token, no TLS":              {token, "mysql://u@h/app", "tls=true"},
		"a token, TLS false":           {token, "mysql://u@h/app?tls=false", "tls=true"},
		"a token, TLS perhaps":         {token, "mysql://u@h/app?tls=preferred", "tls=true"},
		"a token, any certificate":     {token, "mysql://u@h/app?tls=skip-verify", "tls=true"},
		"a token, plaintext after all": {token, "mysql://u@h/app?tls=true&allowFallbackToPlaintext=true", "tls=true"},
		"a token, a socket":            {token, "mysql+unix://u@/run/x.sock?database=app", "tls=true"},
	} {
		c.options.URL = c.url
		config, err := configure(c.options)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), password) {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
			continue
		}
		if err != nil || config.AllowCleartextPasswords != c.options.Token {
			t.Errorf("%s: %v, %+v", name, err, config)
		}
	}
}

// TestRotation: after a rejected password, the connection is tried once more with another password, but not with the
// same.
func TestRotation(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	name := dbtest.User(t, address, "first")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = nil

	current, asked := "first", []string{}
	db, err := database.Open(
		database.Config{URL: u.String(),
			Credentials: func(_ context.Context, server, user, refused string) (string, string, error) {
				if server != u.Host || user != "" {
					t.Errorf("asked for %q at %q", user, server)
				}
				asked = append(asked, refused)
				if refused != "" {
					current = "second"
				}
				return name, current, nil
			}}, Dialect{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	pool, err := db.Write.DB()
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxIdleConns(0) // each statement uses a new connection
	signIn := func(want error, refused ...string) {
		t.Helper()
		asked = asked[:0]
		var who string
		err := db.Error(t.Context(), pool.QueryRowContext(t.Context(), "SELECT CURRENT_USER()").Scan(&who))
		if want == nil && (err != nil || !strings.HasPrefix(who, name)) {
			t.Errorf("signed in as %q: %v", who, err)
		}
		known, ok := errors.AsType[*database.Error](err)
		if want != nil &&
			(!ok || known.Kind != database.Unavailable || !errors.Is(err, want) || strings.Contains(err.Error(), "second")) {
			t.Errorf("%v, want %v, which makes it unavailable", err, want)
		}
		if strings.Join(asked, " ") != strings.Join(refused, " ") {
			t.Errorf("asked with %q refused, want %q", asked, refused)
		}
	}
	signIn(nil, "")
	dbtest.SetPassword(t, name, "second")
	signIn(nil, "", "first")
	signIn(nil, "")
	dbtest.SetPassword(t, name, "third")
	signIn(&mysql.MySQLError{Number: accessDenied}, "", "second")
}

// TestNoCredentials: if the credentials return an error, there is no connection, and the database is unavailable. After
// the deadline of the request, the error is Deadline.
func TestNoCredentials(t *testing.T) {
	t.Parallel()
	why := errors.New("the secret is away")
	db, err := database.Open(
		database.Config{URL: "mysql://127.0.0.1:1/app",
			Credentials: func(ctx context.Context, _, _, _ string) (string, string, error) {
				return "", "", errors.Join(why, context.DeadlineExceeded)
			}}, Dialect{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	over, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	for _, c := range []struct {
		ctx  context.Context
		want database.Kind
	}{{t.Context(), database.Unavailable}, {over, database.Deadline}} {
		err := db.Ready(c.ctx, "1")
		known, ok := errors.AsType[*database.Error](err)
		if !ok || known.Kind != c.want || c.want == database.Unavailable && !errors.Is(err, why) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// TestRefusedOnce: without another password, there is no retry, which could lock the account. A token is never retried.
func TestRefusedOnce(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	name := dbtest.User(t, address, "right")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = nil
	for _, token := range []bool{false, true} {
		asked, dialed := 0, 0
		options := database.Config{URL: u.String(),
			Credentials: func(context.Context, string, string, string) (string, string, error) {
				asked++
				return name, "wrong", nil
			}}
		config, err := configure(options)
		if err != nil {
			t.Fatal(err)
		}
		config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			dialed++
			return new(net.Dialer).DialContext(ctx, network, address)
		}
		options.Token = token // set after the check of the URL, because this server has no certificate
		connector, err := signingIn(config, options)
		if err != nil {
			t.Fatal(err)
		}
		_, err = connector.Connect(t.Context())
		if refusal, ok := errors.AsType[*mysql.MySQLError](err); !ok || refusal.Number != accessDenied {
			t.Errorf("signed in with a wrong password: %v", err)
		}
		if want := map[bool]int{false: 2, true: 1}[token]; dialed != 1 || asked != want {
			t.Errorf("token %v: connected %d times, asked for a password %d times", token, dialed, asked)
		}
	}
}
