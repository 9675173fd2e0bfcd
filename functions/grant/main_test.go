package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"slipway/internal/aws/dbusers"
	"slipway/internal/migrate/run"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog/project"
	"slipway/internal/test/lambdatest"
	"slipway/internal/test/secretstest"
)

const (
	function   = "slipway/functions/grant"
	apiARN     = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:api-AbCdEf"
	migrateARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:migrate-AbCdEf"
	// hidden is a part of every password: no output of the function may contain it.
	hidden = "s3cr3t"
)

// TestMain builds the functions with the tables of package blog.
func TestMain(m *testing.M) { os.Exit(project.Run(m)) }

// stage is a database with a master user, whose secret is in a fake Secrets Manager.
type stage struct {
	t                 *testing.T
	address, url      string // as root without TLS, and as the functions take it
	api, migrate      string
	secrets           *secretstest.Server
	fn                *lambdatest.Function
	responses         chan response
	cloudformationURL string
}

type response struct{ Status, Reason, PhysicalResourceId string }

func newStage(t *testing.T, env ...string) *stage {
	t.Helper()
	s := &stage{t: t, address: dbtest.MySQL(t), secrets: secretstest.Start(t), responses: make(chan response, 10)}
	u, err := url.Parse(s.address)
	if err != nil {
		t.Fatal(err)
	}
	u.User, u.RawQuery = nil, "tls=skip-verify" // the server of the tests has signed its certificate itself
	s.url = u.String()
	db := dbtest.Open(t, s.address)
	user := func(kind string) string {
		name := "slipway_" + kind + strings.ToLower(rand.Text()[:8])
		t.Cleanup(func() {
			if _, err := db.ExecContext(context.WithoutCancel(t.Context()), "DROP USER IF EXISTS ?@'%'", name); err != nil {
				t.Error(err)
			}
		})
		return name
	}
	master := user("m")
	for _, statement := range []string{"CREATE USER ?@'%' IDENTIFIED BY '" + hidden + "-master'",
		"GRANT ALL ON *.* TO ?@'%' WITH GRANT OPTION"} {
		if _, err := db.ExecContext(t.Context(), statement, master); err != nil {
			t.Fatal(err)
		}
	}
	s.secrets.SetLogin(master, hidden+"-master")
	s.api, s.migrate = user("a"), user("g")
	s.secrets.SetOther(apiARN, s.api, hidden+"-api-1")
	s.secrets.SetOther(migrateARN, s.migrate, hidden+"-migrate-1")
	if env == nil {
		env = []string{"GRANT_SIGN_IN=secret", "GRANT_API_SECRET_ARN=" + apiARN, "GRANT_MIGRATE_SECRET_ARN=" + migrateARN}
	}
	s.fn = lambdatest.Start(t, function, append(append(s.secrets.Env(), "DATABASE_URL="+s.url), env...)...)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var a response
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &a) != nil || strings.Contains(string(body), hidden) {
			t.Errorf("%v: %s", err, body)
		}
		s.responses <- a
	}))
	t.Cleanup(server.Close)
	s.cloudformationURL = server.URL + "/?X-Amz-Signature=" + hidden
	return s
}

// invoke sends one of the function's own events.
func (s *stage) invoke(event string) (r dbusers.Report, failed bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	text, err := s.fn.Invoke(ctx, []byte(event))
	if e, ok := errors.AsType[*lambdatest.FunctionError](err); ok {
		text, failed, err = []byte(e.Message), true, nil
	}
	if err != nil || json.Unmarshal(text, &r) != nil || strings.Contains(string(text)+s.fn.Logs(), hidden) {
		s.t.Fatalf("%s: %v: %s\n%s", event, err, text, s.fn.Logs())
	}
	return r, failed
}

// request sends a request of CloudFormation and returns the response.
func (s *stage) request(kind, from, to, signInFrom, signInTo string) response {
	s.t.Helper()
	event, err := json.Marshal(
		map[string]any{"RequestType": kind, "ResponseURL": s.cloudformationURL, "StackId": "stack", "RequestId": "one",
			"LogicalResourceId": "Grants", "ResourceType": "Custom::Grants",
			"ResourceProperties":    map[string]any{"Version": to, "SignIn": signInTo, "After": []string{"sgr-1"}},
			"OldResourceProperties": map[string]any{"Version": from, "SignIn": signInFrom}})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.fn.Invoke(s.t.Context(), event); err != nil {
		s.t.Fatalf("%v\n%s", err, s.fn.Logs())
	}
	a := <-s.responses
	if a.PhysicalResourceId != "slipway-grants" || strings.Contains(s.fn.Logs(), hidden) {
		s.t.Errorf("%+v\n%s", a, s.fn.Logs())
	}
	return a
}

// as returns the URL for a user with a password.
func (s *stage) as(name, password string) string {
	return strings.Replace(s.url, "mysql://", "mysql://"+name+":"+password+"@", 1)
}

// migrateAs runs a command of the real migration function.
func (s *stage) migrateAs(name, password, event string) (r run.Report, err error) {
	s.t.Helper()
	text, err := lambdatest.Start(s.t, "slipway/functions/migrate", "DATABASE_URL="+s.as(name, password)).
		Invoke(s.t.Context(), []byte(event))
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	return r, err
}

// TestStack: the function creates two users; one migrates, and the other serves the API. Then a secret is rotated.
func TestStack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, kind := range []string{"Delete", "Update"} { // of a rollback
		if a := s.request(kind, "2", "1", "secret", "secret"); a.Status != "SUCCESS" || !strings.Contains(a.Reason, "stay") {
			t.Errorf("%s: %+v", kind, a)
		}
	}
	if _, err := s.migrateAs(s.migrate, hidden+"-migrate-1", `{"command":"status"}`); err == nil {
		t.Fatal("a user was made all the same")
	}
	if a := s.request("Create", "", "1", "", "secret"); a.Status != "SUCCESS" ||
		strings.Count(a.Reason, "(changed: created)") != 2 {
		t.Fatalf("%+v", a)
	}
	if a := s.request("Create", "", "1", "", "secret"); a.Status != "SUCCESS" ||
		strings.Count(a.Reason, "(changed: none)") != 2 {
		t.Errorf("again: %+v", a)
	}
	// Run every migration of the project up, down, and up again, with rows in between.
	up, err := s.migrateAs(s.migrate, hidden+"-migrate-1", `{"command":"upgrade"}`)
	if err != nil || len(up.Applied) == 0 {
		t.Fatalf("%+v, %v", up, err)
	}
	db := dbtest.Open(t, s.address)
	if _, err := db.ExecContext(t.Context(), "INSERT INTO notes (title, content, created_at, updated_at) VALUES ('a', "+
		"'b', NOW(6), NOW(6))"); err != nil {
		t.Fatal(err)
	}
	for _, event := range []string{`{"command":"check"}`, `{"command":"lint"}`, `{"command":"plan"}`,
		`{"command":"downgrade","to":"base","allow_data_loss":true}`,
		`{"command":"upgrade"}`, `{"command":"history"}`} {
		if r, err := s.migrateAs(s.migrate, hidden+"-migrate-1", event); err != nil || r.Failed != nil {
			t.Errorf("%s: %+v, %v", event, r, err)
		}
	}
	// The user of the API can serve, but cannot migrate.
	api := lambdatest.Start(t, "slipway/functions/api", "DATABASE_URL="+s.as(s.api, hidden+"-api-1"), "AUTH=off")
	for _, call := range [][2]string{{"GET", "/readyz"}, {"POST", "/notes"}, {"GET", "/notes"}, {"DELETE", "/notes/1"}} {
		event, err := json.Marshal(
			map[string]any{"version": "2.0", "routeKey": "ANY /{proxy+}", "rawPath": call[1], "body": `{"title":"t"}`,
				"headers": map[string]string{"content-type": "application/json", "idempotency-key": "k"},
				"requestContext": map[string]any{"stage": "$default",
					"http": map[string]string{"method": call[0], "path": call[1], "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}}})
		if err != nil {
			t.Fatal(err)
		}
		text, err := api.Invoke(t.Context(), event)
		var got struct {
			StatusCode int    `json:"statusCode"`
			Body       string `json:"body"`
		}
		if err != nil || json.Unmarshal(text, &got) != nil || got.StatusCode/100 != 2 {
			t.Errorf("%v: %v: %s", call, err, text)
		}
	}
	if _, err := s.migrateAs(s.api, hidden+"-api-1", `{"command":"downgrade","allow_data_loss":true}`); err == nil ||
		!strings.Contains(err.Error(), "denied") {
		t.Errorf("the API's user migrates: %v", err)
	}

	// Rotate a secret: the previous password stays valid.
	s.secrets.SetOther(apiARN, s.api, hidden+"-api-2")
	r, failed := s.invoke(`{"command":"apply"}`)
	if failed || len(r.Users) != 2 || r.Users[0].Change != "password" || r.Users[1].Change != "none" {
		t.Errorf("%+v", r)
	}
	for _, password := range []string{"-api-1", "-api-2"} {
		if _, err := s.migrateAs(s.api, hidden+password, `{"command":"status"}`); err != nil {
			t.Errorf("%s: %v", password, err)
		}
	}
}

// TestTokens: with IAM tokens, only the secret of the master user is read. The test server does not have the plugin, so
// it returns an error.
func TestTokens(t *testing.T) {
	t.Parallel()
	s := newStage(t, "GRANT_SIGN_IN=iam")
	a := s.request("Create", "", "1", "", "iam")
	for _, want := range []string{"cannot create the user slipway_api", "AWSAuthenticationPlugin", "deploy again"} {
		if a.Status != "FAILED" || !strings.Contains(a.Reason, want) {
			t.Errorf("%+v, want %q", a, want)
		}
	}
	if n := s.secrets.Calls(); n != 1 {
		t.Errorf("%d secrets were asked for", n)
	}
	// A rollback changes nothing, unless SignIn was changed.
	if a := s.request("Update", "2", "1", "iam", "iam"); a.Status != "SUCCESS" {
		t.Errorf("%+v", a)
	}
	if a := s.request("Update", "2", "1", "secret", "iam"); a.Status != "FAILED" {
		t.Errorf("%+v", a)
	}
}

// TestErrors: the report contains the error, and the next event succeeds after a fix.
func TestErrors(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	refused := func(event, want string) {
		t.Helper()
		if r, failed := s.invoke(event); !failed || r.Failed == nil || !strings.Contains(r.Failed.Error, want) {
			t.Errorf("%s: %+v, want %q", event, r, want)
		}
	}
	refused(`{"command":"revoke"}`, `send {"command": "apply"}`)
	s.secrets.Refuse(http.StatusBadRequest, "AccessDeniedException", "not authorized")
	refused(`{"command":"apply"}`, "DATABASE_SECRET_ARN")
	s.secrets.SetLogin("nobody_at_all", hidden)
	refused(`{"command":"apply"}`, "Access denied")
	for name, c := range map[string]struct {
		env  []string
		want string
	}{
		"no way":     {[]string{"GRANT_SIGN_IN="}, "iam or secret"},
		"no secrets": {[]string{"GRANT_SIGN_IN=secret"}, "GRANT_API_SECRET_ARN"},
		"no ARN": {[]string{"GRANT_SIGN_IN=secret", "GRANT_API_SECRET_ARN=x", "GRANT_MIGRATE_SECRET_ARN=y"},
			"GRANT_API_SECRET_ARN is not the ARN of a secret"},
		"one for both": {
			[]string{"GRANT_SIGN_IN=secret", "GRANT_API_SECRET_ARN=" + apiARN, "GRANT_MIGRATE_SECRET_ARN=" + apiARN},
			"are the same"},
		"both ways": {[]string{"GRANT_SIGN_IN=iam", "GRANT_API_SECRET_ARN=" + apiARN}, "IAM tokens require no secret"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, c.env...)
			if r, failed := s.invoke(`{"command":"apply"}`); !failed || r.Failed == nil ||
				!strings.Contains(r.Failed.Error, c.want) {
				t.Errorf("%+v, want %q", r, c.want)
			}
		})
	}
}

// TestSilentDatabase: the error for a server that accepts the connection but does not respond names the server.
func TestSilentDatabase(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() // the operating system accepts connections
	s := newStage(t, "GRANT_SIGN_IN=iam", "DATABASE_URL=mysql://"+listener.Addr().String()+"/app")
	began := time.Now()
	r, failed := s.invoke(`{"command":"apply"}`)
	want := "the MySQL server at " + listener.Addr().String() + " did not complete a connection within 10s"
	took := time.Since(began)
	if !failed || r.Failed == nil || !strings.Contains(r.Failed.Error, want) || took > 13*time.Second {
		t.Errorf("%+v after %v, want %q", r, took, want)
	}
}
