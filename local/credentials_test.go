package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/secretstest"
)

// TestSecret: serve, db upgrade, db seed, and db test read the credentials from Secrets Manager.
func TestSecret(t *testing.T) {
	t.Parallel()
	const password = "hunter2-s3cret"
	address := dbtest.MySQL(t)
	name := dbtest.User(t, address, password)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = nil
	secrets := secretstest.Start(t)
	env := append(secrets.Env(), "DATABASE_URL="+u.String())

	fails(t, t.TempDir(), env, "cannot read the secret "+secretstest.ARN, "db", "status")
	secrets.SetLogin(name, password)
	// For the scratch database of db test.
	if _, err := dbtest.Open(t, address).Exec("GRANT ALL ON `slipway\\_test\\_%`.* TO `" + name + "`"); err != nil {
		t.Fatal(err)
	}
	dir := seedFolder(t, `{"notes": [{"title": "seeded"}]}`)
	for _, args := range [][]string{{"upgrade"}, {"seed"}, {"test", "--dialect", "mysql"}} {
		if out := succeeds(t, dir, env, append([]string{"db"}, args...)...); strings.Contains(out, password) {
			t.Error(out)
		}
	}
	s := start(t, t.TempDir(), env...)
	s.must(http.StatusCreated, "POST", "/notes", `{"title":"one"}`)
	if code := s.terminate(); code != 0 || strings.Contains(s.output.String()+s.log.String(), password) {
		t.Errorf("exit code %d:\n%s%s", code, &s.output, &s.log)
	}
}

// TestSignInRefused: contradictory settings for the credentials are errors.
func TestSignInRefused(t *testing.T) {
	t.Parallel()
	arn, iam := "DATABASE_SECRET_ARN="+secretstest.ARN, "DATABASE_IAM_AUTH=true"
	for name, c := range map[string]struct {
		env  []string
		want string
	}{
		"both":                {[]string{arn, iam}, "keep one of them"},
		"SQLite and a secret": {[]string{arn}, "DATABASE_URL is SQLite, which has no credentials"},
		"SQLite and tokens": {[]string{iam, "AWS_REGION=eu-central-1"},
			"DATABASE_URL is SQLite, which has no credentials"},
		"a secret and a password": {[]string{arn, "DATABASE_URL=mysql://u:hunter2@h/app"},
			"DATABASE_URL has a password in it"},
		"tokens without TLS": {[]string{iam, "AWS_REGION=eu-central-1", "DATABASE_URL=mysql://u@h/app"}, "tls=true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, args := range [][]string{{"db", "status"}, {"serve"}} {
				if r := fails(t, t.TempDir(), c.env, c.want, args...); strings.Contains(r.stderr, "hunter2") {
					t.Error(r.stderr)
				}
			}
		})
	}
}
