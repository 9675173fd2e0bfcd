package credentials_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"slipway/internal/aws/credentials"
	"slipway/internal/test/secretstest"
)

// password is a password that tests search for in errors.
const password = "hunter2-s3cret"

// env returns a getenv for lines "NAME=value". The last line of a name is used.
func env(lines ...string) func(string) string {
	return func(name string) (value string) {
		for _, line := range lines {
			if v, found := strings.CutPrefix(line, name+"="); found {
				value = v
			}
		}
		return value
	}
}

// newSecret returns the source for the secret of a test server.
func newSecret(t *testing.T, server *secretstest.Server) credentials.Source {
	t.Helper()
	source, err := credentials.New(secretstest.ARN, false, server.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func TestNone(t *testing.T) {
	t.Parallel()
	if source, err := credentials.New("", false, env()); source != nil || err != nil {
		t.Errorf("%v, want neither a source nor an error", err)
	}
}

// TestRefused: New returns an error for invalid settings. The error does not contain the value, which may be the
// secret.
func TestRefused(t *testing.T) {
	t.Parallel()
	const arn = secretstest.ARN
	for name, c := range map[string]struct {
		arn  string
		iam  bool
		env  []string
		want string
	}{
		"both":               {arn, true, []string{"AWS_REGION=eu-central-1"}, "keep one of them"},
		"a token, no region": {"", true, nil, "AWS_REGION is not set"},
		"the secret itself":  {`{"username":"app","password":"` + password + `"}`, false, nil, "is not the ARN of a secret"},
		"a password":         {password, false, nil, "is not the ARN of a secret"},
		"a name":             {"slipway", false, nil, "is not the ARN of a secret"},
		"a database's ARN":   {"arn:aws:rds:eu-central-1:123456789012:db:slipway", false, nil, "is not the ARN of a secret"},
		"no region": {"arn:aws:secretsmanager::123456789012:secret:slipway", false, nil,
			"is not the ARN of a secret"},
		"a host as region": {"arn:aws:secretsmanager:evil.example/eu-1:123456789012:secret:x", false, nil,
			"is not the ARN of a secret"},
		"no account": {"arn:aws:secretsmanager:eu-central-1::secret:slipway", false, nil,
			"is not the ARN of a secret"},
		"no name": {"arn:aws:secretsmanager:eu-central-1:123456789012:secret:", false, nil,
			"is not the ARN of a secret"},
		"a line break": {arn + "\n", false, nil, "is not the ARN of a secret"},
		"another partition": {"arn:aws-iso:secretsmanager:us-iso-east-1:123456789012:secret:x", false, nil,
			"AWS_ENDPOINT_URL_SECRETS_MANAGER"},
		"no URL": {arn, false, []string{"AWS_ENDPOINT_URL=localhost:4566"},
			"AWS_ENDPOINT_URL is not the URL of a service"},
		"a password in it": {arn, false, []string{"AWS_ENDPOINT_URL=http://u:" + password + "@h"},
			"AWS_ENDPOINT_URL is not the URL of a service"},
	} {
		source, err := credentials.New(c.arn, c.iam, env(c.env...))
		if source != nil || err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), password) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestSecret: the secret is fetched once, for the first connection. Its host and database are ignored.
func TestSecret(t *testing.T) {
	t.Parallel()
	server := secretstest.Start(t)
	server.SetLogin("app", password)
	source := newSecret(t, server)
	if n := server.Calls(); n != 0 {
		t.Errorf("asked %d times before there is a connection", n)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if name, got, err := source(t.Context(), "h:3306", "", ""); name != "app" || got != password || err != nil {
				t.Errorf("%q, %q, %v", name, got, err)
			}
		})
	}
	wait.Wait()
	if n := server.Calls(); n != 1 {
		t.Errorf("asked %d times for 8 connections", n)
	}
}

// TestSecretWithoutName: the user name in the secret overrides that of the URL. A secret without a name uses that of
// the URL.
func TestSecretWithoutName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ secret, user, want string }{
		{`{"password":"p"}`, "of_url", "of_url"},
		{`{"username":"of_secret","password":"p"}`, "of_url", "of_secret"},
		{`{"username":"of_secret","password":"p"}`, "", "of_secret"},
	} {
		server := secretstest.Start(t)
		server.Set(c.secret)
		if name, _, err := newSecret(t, server)(t.Context(), "h:3306", c.user, ""); name != c.want || err != nil {
			t.Errorf("%s with %q in the URL returns %q, %v", c.secret, c.user, name, err)
		}
	}
}

// TestFailedFetch: the error contains the ARN and advice, but no content of the secret. It is not cached, so a warm
// sandbox recovers when the service does.
func TestFailedFetch(t *testing.T) {
	t.Parallel()
	refuse := func(status int, code string) func(*secretstest.Server) {
		return func(s *secretstest.Server) { s.Refuse(status, code, "what the service says") }
	}
	set := func(text string) func(*secretstest.Server) { return func(s *secretstest.Server) { s.Set(text) } }
	for name, c := range map[string]struct {
		fail  func(*secretstest.Server)
		calls int
		want  string
	}{
		"not allowed":       {refuse(400, "AccessDeniedException"), 1, "needs secretsmanager:GetSecretValue"},
		"not allowed a key": {refuse(400, "DecryptionFailure"), 1, "needs kms:Decrypt"},
		"missing secret": {refuse(400, "com.amazonaws.secretsmanager#ResourceNotFoundException:http://x"), 1,
			"400 ResourceNotFoundException: what the service says: the secret does not exist"},
		"old keys":   {refuse(400, "ExpiredTokenException"), 1, "AWS_SESSION_TOKEN"},
		"deleted":    {refuse(400, "InvalidRequestException"), 1, "scheduled for deletion"},
		"unheard of": {refuse(400, "Whatever"), 1, "400 Whatever: what the service says"},
		"too many":   {refuse(400, "ThrottlingException"), 2, "ThrottlingException"},
		"at fault":   {refuse(500, "InternalServiceError"), 2, "500 InternalServiceError"},
		"no JSON": {func(s *secretstest.Server) {
			s.Respond(503, "<html>"+password)
		}, 2, "Secrets Manager returns 503"},
		"an incomplete response": {func(s *secretstest.Server) {
			s.Respond(200, `{"SecretString":"`+password)
		}, 1, "is invalid"},
		"binary": {func(s *secretstest.Server) {
			s.Respond(200, `{"SecretBinary":"aHVudGVyMg=="}`)
		}, 1, "its value is binary"},
		"no JSON inside":  {set(password), 1, "not of the form"},
		"an array inside": {set(`["` + password + `"]`), 1, "not of the form"},
		"a number inside": {set(`{"username":"app","password":12345}`), 1, "not of the form"},
		"no password":     {set(`{"username":"app","Passwort":"` + password + `"}`), 1, "has no password"},
		"no user":         {set(`{"password":"` + password + `"}`), 1, "missing username"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := secretstest.Start(t)
			c.fail(server)
			source := newSecret(t, server)
			_, _, err := source(t.Context(), "h:3306", "", "")
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), secretstest.ARN) ||
				strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "hunter2") ||
				strings.Contains(err.Error(), "12345,") {
				t.Errorf("%v\nwant %q", err, c.want)
			}
			if n := server.Calls(); n != c.calls {
				t.Errorf("asked %d times, want %d", n, c.calls)
			}
			if name == "no user" {
				return // the fetch succeeded: the URL must have the name
			}
			server.SetLogin("app", "right")
			if _, got, err := source(t.Context(), "h:3306", "", ""); got != "right" || err != nil {
				t.Errorf("after that: %q, %v", got, err)
			}
		})
	}
}

// TestNoKeys: without the keys of a role, the error names their variables.
func TestNoKeys(t *testing.T) {
	t.Parallel()
	server := secretstest.Start(t)
	secret, err := credentials.New(secretstest.ARN, false,
		env("AWS_ENDPOINT_URL="+server.Getenv("AWS_ENDPOINT_URL_SECRETS_MANAGER")))
	if err != nil {
		t.Fatal(err)
	}
	token, err := credentials.New("", true, env("AWS_DEFAULT_REGION=eu-central-1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []credentials.Source{secret, token} {
		if _, _, err := source(t.Context(), "h:3306", "app", ""); err == nil ||
			!strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set") {
			t.Error(err)
		}
	}
	if server.Calls() != 0 {
		t.Error("a request was sent without a signature")
	}
}

// TestUnreachable: the error for an unreachable service contains advice for a VPC.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	source, err := credentials.New(secretstest.ARN, false,
		env("AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := source(t.Context(), "h:3306", "", ""); err == nil ||
		!strings.Contains(err.Error(), "interface endpoint for secretsmanager") {
		t.Error(err)
	}
}

// TestRedirect: the client does not follow a redirect to another host.
func TestRedirect(t *testing.T) {
	t.Parallel()
	elsewhere := secretstest.Start(t)
	elsewhere.SetLogin("app", password)
	here := httptest.NewServer(
		http.RedirectHandler(elsewhere.Getenv("AWS_ENDPOINT_URL_SECRETS_MANAGER"), http.StatusTemporaryRedirect))
	defer here.Close()
	source, err := credentials.New(secretstest.ARN, false,
		env("AWS_ENDPOINT_URL="+here.URL, "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := source(t.Context(), "h:3306", "", ""); err == nil || !strings.Contains(err.Error(), "returns 307") ||
		elsewhere.Calls() != 0 {
		t.Errorf("%v, and %d calls elsewhere", err, elsewhere.Calls())
	}
}

// TestHanging: a request to a service that does not respond times out, also for callers that wait for the same fetch.
// The caller's own deadline may end it earlier.
func TestHanging(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped with -short: waits for a timeout")
	}
	server := secretstest.Start(t)
	server.SetLogin("app", password)
	server.Hang()
	source := newSecret(t, server)
	begun := time.Now()
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			if _, _, err := source(t.Context(), "h:3306", "", ""); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := source(short, "h:3306", "", ""); !errors.Is(err, context.DeadlineExceeded) ||
		time.Since(begun) > 3*time.Second {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
	wait.Wait()
	if took := time.Since(begun); took < 4*time.Second || took > 9*time.Second {
		t.Errorf("given up after %v", took)
	}
	server.Resume()
	if _, got, err := source(t.Context(), "h:3306", "", ""); got != password || err != nil {
		t.Errorf("after that: %q, %v", got, err)
	}
}

// TestBusyOnce: the client retries once after a 500 response.
func TestBusyOnce(t *testing.T) {
	t.Parallel()
	server := secretstest.Start(t)
	server.Refuse(http.StatusServiceUnavailable, "ServiceUnavailable", "")
	server.OnCall(func(n int) {
		if n == 2 {
			server.SetLogin("app", password)
		}
	})
	if _, got, err := newSecret(t, server)(t.Context(), "h:3306", "", ""); got != password || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// TestToken: a token is for one database and one user, is valid for 15 minutes, and differs for each connection.
func TestToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, err := credentials.New("", true, env("AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE",
			"AWS_SECRET_ACCESS_KEY="+password, "AWS_SESSION_TOKEN=FwoGZXIvYXdz"))
		if err != nil {
			t.Fatal(err)
		}
		const address = "app.cluster-x.eu-central-1.rds.amazonaws.com:3306"
		name, token, err := source(t.Context(), address, "app", "")
		if err != nil || name != "app" || !strings.HasPrefix(token, address+"?") || strings.Contains(token, password) {
			t.Fatalf("%q, %q, %v", name, token, err)
		}
		u, err := url.Parse("https://" + token)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		for parameter, want := range map[string]string{
			"Action": "connect", "DBUser": "app", "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Expires": "900",
			"X-Amz-SignedHeaders": "host", "X-Amz-Security-Token": "FwoGZXIvYXdz",
			"X-Amz-Credential": "AKIDEXAMPLE/" + time.Now().UTC().Format("20060102") + "/eu-central-1/rds-db/aws4_request",
		} {
			if got := q.Get(parameter); got != want {
				t.Errorf("%s is %q, want %q", parameter, got, want)
			}
		}
		if len(q.Get("X-Amz-Signature")) != 64 {
			t.Errorf("signature %q", q.Get("X-Amz-Signature"))
		}
		time.Sleep(time.Minute) // with a fake clock
		if _, later, _ := source(t.Context(), address, "app", ""); later == token {
			t.Error("the same token a minute later")
		}
		if _, _, err := source(t.Context(), "no port", "app", ""); err == nil || strings.Contains(err.Error(), password) {
			t.Error(err)
		}
	})
}
