package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/lambdatest"
	"slipway/internal/test/mysqlproxy"
	"slipway/internal/test/secretstest"
)

// withoutUser returns a URL without user and password.
func withoutUser(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = nil
	return u.String()
}

// TestSecret: a sandbox fetches the secret with its first request, and recovers from a missing secret and a rotated
// password. No output contains the password.
func TestSecret(t *testing.T) {
	t.Parallel()
	proxy, address := mysqlproxy.Through(t, blog.MySQL(t))
	name := dbtest.User(t, address, password)
	secrets := secretstest.Start(t)
	s := start(t, withoutUser(t, address), secrets.Env()...)
	s.Started()
	s.must(http.StatusOK, "GET", "/healthz", "")
	if n := secrets.Calls(); n != 0 {
		t.Errorf("the secret was asked for %d times before the database was needed", n)
	}

	secrets.Refuse(http.StatusBadRequest, "AccessDeniedException",
		"not authorized to perform: secretsmanager:GetSecretValue")
	s.unavailable("GET", "/notes", "", "The database is unavailable")
	s.unavailable("GET", "/readyz", "", "The database is unavailable")
	secrets.SetLogin(name, password)
	s.must(http.StatusCreated, "POST", "/notes", `{"title":"one"}`)
	s.must(http.StatusOK, "GET", "/readyz", "")
	asked := secrets.Calls()

	// The password changes soon after the fetch, and all connections are lost: the next request fetches the secret again.
	dbtest.SetPassword(t, name, password+"-2")
	secrets.SetLogin(name, password+"-2")
	s.must(http.StatusOK, "GET", "/notes/1", "")
	if n := secrets.Calls(); n != asked {
		t.Errorf("the secret was asked for again, %d times, while nothing was wrong", n-asked)
	}
	proxy.Cut()
	proxy.Heal()
	s.must(http.StatusOK, "GET", "/notes/1", "")
	s.must(http.StatusOK, "PATCH", "/notes/1", `{"title":"two"}`)
	if n := secrets.Calls(); n != asked+1 {
		t.Errorf("the secret was asked for %d times after it was rotated", n-asked)
	}

	logs := s.Logs()
	if strings.Contains(logs, password) || strings.Contains(logs, "wJalrXUtnFEMI") ||
		!strings.Contains(logs, secretstest.ARN) ||
		!strings.Contains(logs, "needs secretsmanager:GetSecretValue") {
		t.Errorf("the log holds a secret, or does not say what is wrong:\n%s", logs)
	}
}

// TestSecretForReader: the reader uses the same secret, which is fetched once.
func TestSecretForReader(t *testing.T) {
	t.Parallel()
	address, readerAddress := blog.MySQL(t), blog.MySQL(t)
	name := dbtest.User(t, address, password)
	dbtest.Grant(t, name, readerAddress)
	secrets := secretstest.Start(t)
	secrets.SetLogin(name, password)
	s := start(t, withoutUser(t, address), append(secrets.Env(), "DATABASE_READER_URL="+withoutUser(t, readerAddress))...)
	s.must(http.StatusOK, "GET", "/readyz", "")
	s.must(http.StatusCreated, "POST", "/notes", `{"title":"one"}`)
	s.must(http.StatusOK, "GET", "/notes", "")
	if n := secrets.Calls(); n != 1 {
		t.Errorf("the secret was asked for %d times", n)
	}
}

// TestTwoWaysToSignIn: with contradictory settings, the function ends at once and logs one line.
func TestTwoWaysToSignIn(t *testing.T) {
	t.Parallel()
	const arn, good = "DATABASE_SECRET_ARN=" + secretstest.ARN, "DATABASE_URL=mysql://127.0.0.1:1/app"
	for _, c := range []struct {
		name string
		env  []string
		want string
	}{
		{"both", []string{good, arn, "DATABASE_IAM_AUTH=true"}, "keep one of them"},
		{"a secret and a password", []string{"DATABASE_URL=mysql://u:" + password + "@127.0.0.1:1/app", arn},
			"DATABASE_URL has a password in it"},
		{"a secret and a reader's password",
			[]string{good, arn, "DATABASE_READER_URL=mysql://u:" + password + "@127.0.0.1:1/app"},
			"DATABASE_READER_URL has a password in it"},
		{"the secret itself", []string{good, "DATABASE_SECRET_ARN=" + password}, "is not the ARN of a secret"},
		{"a token and a password",
			[]string{"DATABASE_URL=mysql://u:" + password + "@127.0.0.1:1/app?tls=true", "DATABASE_IAM_AUTH=true"},
			"DATABASE_URL has a password in it"},
		{"a token without TLS", []string{"DATABASE_URL=mysql://u@127.0.0.1:1/app", "DATABASE_IAM_AUTH=true"}, "tls=true"},
		{"a token without a user", []string{good + "?tls=true", "DATABASE_IAM_AUTH=true"}, "names no user"},
		{"a token, perhaps", []string{good, "DATABASE_IAM_AUTH=perhaps"}, "it must be true or false"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := lambdatest.Start(t, "slipway/functions/api", c.env...).Invoke(t.Context(), []byte(`{}`))
			var logs string
			if exit, ok := err.(*lambdatest.ExitError); ok && exit.Code == 1 {
				logs = exit.Logs
			}
			if strings.Count(logs, "\n") != 1 || !strings.Contains(logs, c.want) || strings.Contains(logs, password) {
				t.Errorf("%v\nwant one line with %q", err, c.want)
			}
		})
	}
}
