package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"slipway/internal/database"
	"slipway/internal/database/mysql"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/lambdatest"
	"slipway/internal/test/secretstest"
)

// response has the members of a response that CloudFormation reads.
type response struct {
	Status, Reason, PhysicalResourceId, StackId, RequestId, LogicalResourceId string

	Data struct {
		From, To string
		Applied  int
	}
}

// stack is a fake of CloudFormation: it invokes a function and waits for the response.
type stack struct {
	t         *testing.T
	fn        *lambdatest.Function
	url       string
	responses chan response
	refuse    chan int // error statuses for the next responses
	plan      string   // the property Plan
}

func newStack(t *testing.T, fn *lambdatest.Function) *stack {
	t.Helper()
	s := &stack{t: t, fn: fn, responses: make(chan response, 10), refuse: make(chan int, 10)}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL + "/arn%3Aaws%3Acloudformation?X-Amz-Signature=s3cr3t"
	return s
}

func (s *stack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case status := <-s.refuse:
		w.WriteHeader(status)
		return
	default:
	}
	var a response
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &a)
	}
	if _, typed := r.Header["Content-Type"]; err != nil || typed || len(body) > 4096 ||
		!strings.HasSuffix(s.url, r.RequestURI) {
		s.t.Errorf("%v: %s %v: %s", err, r.RequestURI, r.Header, body)
	}
	if strings.Contains(string(body), "s3cr3t") {
		s.t.Errorf("a password is shown: %s", body)
	}
	s.responses <- a
}

// send starts an invocation with a request of CloudFormation, and returns a function that waits for its end. from and
// to are the values of the property Version before and after.
func (s *stack) send(ctx context.Context, kind, from, to string) (done func() error) {
	s.t.Helper()
	event := map[string]any{"RequestType": kind, "ResponseURL": s.url, "StackId": "stack", "RequestId": "one",
		"LogicalResourceId": "Migration",
		"ResourceType":      "Custom::Migration",
		"ResourceProperties": map[string]any{"ServiceToken": "f", "Version": to, "Plan": s.plan,
			"After": []string{"grants"}}}
	if kind != "Create" {
		event["PhysicalResourceId"] = "slipway-schema"
	}
	if from != "" {
		event["OldResourceProperties"] = map[string]string{"ServiceToken": "f", "Version": from}
	}
	text, err := json.Marshal(event)
	if err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := s.fn.Invoke(ctx, text)
		ended <- err
	}()
	return func() error { return <-ended }
}

// request sends a request and returns the response.
func (s *stack) request(kind, from, to string) response {
	s.t.Helper()
	if err := s.send(s.t.Context(), kind, from, to)(); err != nil {
		s.t.Fatalf("%s: %v\n%s", kind, err, s.fn.Logs())
	}
	return s.response()
}

func (s *stack) response() response {
	s.t.Helper()
	select {
	case a := <-s.responses:
		if a.PhysicalResourceId != "slipway-schema" || a.StackId != "stack" || a.RequestId != "one" ||
			a.LogicalResourceId != "Migration" || a.Reason == "" {
			s.t.Errorf("the response is %+v", a)
		}
		if strings.Contains(s.fn.Logs(), "s3cr3t") {
			s.t.Errorf("a password is shown:\n%s", s.fn.Logs())
		}
		return a
	case <-time.After(30 * time.Second):
		s.t.Fatalf("no response\n%s", s.fn.Logs())
	}
	return response{}
}

// versions returns the first and the last version of the migrations, and their number.
func versions() (first, last string, n int) {
	all := blog.VersionsInTwo("mysql")
	return all[0], all[len(all)-1], len(all)
}

// TestStack: the requests for a stack from its creation to its deletion, with a rollback. Each request may be repeated.
func TestStack(t *testing.T) {
	t.Parallel()
	_, last, n := versions()
	s := newStack(t, lambdatest.Start(t, function, "DATABASE_URL="+dbtest.MySQL(t)))
	const arn = "arn:aws:lambda:eu-central-1:123456789012:function:app-migrate:"

	// A rollback and a deletion do not change an empty database.
	for _, kind := range []string{"Update", "Delete"} {
		if a := s.request(kind, arn+"10", arn+"9"); a.Status != "SUCCESS" || a.Data.To != "" {
			t.Errorf("%s: %+v", kind, a)
		}
	}
	if r, failed := invoke(t, s.fn, `{"command":"status"}`); failed || r.From != "" || len(r.Applied) != 0 {
		t.Fatalf("something was applied: %+v", r)
	}

	s.refuse <- http.StatusInternalServerError // a temporary error of S3
	if a := s.request("Create", "", arn+"9"); a.Status != "SUCCESS" || a.Data.From != "" || a.Data.To != last ||
		a.Data.Applied != n {
		t.Errorf("Create: %+v", a)
	}
	for _, kind := range []string{"Create", "Update"} { // Lambda may deliver asynchronous events more than once
		if a := s.request(kind, "", arn+"9"); a.Status != "SUCCESS" || a.Data.From != last || a.Data.To != last ||
			a.Data.Applied != 0 {
			t.Errorf("%s again: %+v", kind, a)
		}
	}
	if a := s.request("Update", arn+"9", arn+"10"); a.Status != "SUCCESS" || a.Data.To != last {
		t.Errorf("Update: %+v", a)
	}
	if a := s.request("Delete", "", arn+"10"); a.Status != "SUCCESS" {
		t.Errorf("Delete: %+v", a)
	}
	if r, failed := invoke(t, s.fn, `{"command":"status"}`); failed || r.From != last || len(r.Applied) != n {
		t.Errorf("the schema is gone: %+v", r)
	}
	if len(s.responses) > 0 {
		t.Errorf("CloudFormation received a second response: %+v", <-s.responses)
	}
}

// TestStackFails: a failed migration fails the deployment, with the cause. After a fix, the next deployment resumes.
func TestStackFails(t *testing.T) {
	t.Parallel()
	first, last, n := versions()
	address := dbtest.MySQL(t)
	s := newStack(t, lambdatest.Start(t, function, "DATABASE_URL="+address))
	if _, failed := invoke(t, s.fn, `{"command":"upgrade","to":"`+first+`"}`); failed {
		t.Fatal(s.fn.Logs())
	}
	db := dbtest.Open(t, address)
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE idempotency_keys (id int)"); err != nil {
		t.Fatal(err)
	}
	a := s.request("Update", "1", "2")
	for _, want := range []string{"failed: ", "idempotency_keys", "deploy again"} {
		if a.Status != "FAILED" || !strings.Contains(a.Reason, want) {
			t.Errorf("%s: %s\nwant %q", a.Status, a.Reason, want)
		}
	}
	// The rollback must not fail, because the stack would be stuck.
	if a := s.request("Update", "2", "1"); a.Status != "SUCCESS" {
		t.Errorf("the rollback: %+v", a)
	}
	if _, err := db.ExecContext(t.Context(), "DROP TABLE idempotency_keys"); err != nil {
		t.Fatal(err)
	}
	if a := s.request("Update", "1", "3"); a.Status != "SUCCESS" || a.Data.To != last || a.Data.Applied != n-1 {
		t.Errorf("the next deployment: %+v", a)
	}
}

// TestStackPlan: with the property Plan, a deployment applies exactly the approved plan. After that, the old value of
// the property has no effect.
func TestStackPlan(t *testing.T) {
	t.Parallel()
	_, last, n := versions()
	s := newStack(t, lambdatest.Start(t, function, "DATABASE_URL="+dbtest.MySQL(t)))
	r, failed := invoke(t, s.fn, `{"command":"plan"}`)
	if failed || r.Plan == "" {
		t.Fatalf("%+v", r)
	}
	s.plan = strings.Repeat("0", 64)
	if a := s.request("Create", "", "1"); a.Status != "FAILED" ||
		!strings.Contains(a.Reason, "the pending migrations do not match the plan") || !strings.Contains(a.Reason, r.Plan) {
		t.Errorf("another plan: %+v", a)
	}
	if r, failed := invoke(t, s.fn, `{"command":"status"}`); failed || len(r.Applied) != 0 {
		t.Errorf("something was applied: %+v", r)
	}
	s.plan = r.Plan
	if a := s.request("Create", "", "1"); a.Status != "SUCCESS" || a.Data.To != last || a.Data.Applied != n {
		t.Errorf("the plan: %+v", a)
	}
	for _, plan := range []string{r.Plan, strings.Repeat("0", 64), ""} { // the next deployments, with nothing pending
		s.plan = plan
		if a := s.request("Update", "1", "2"); a.Status != "SUCCESS" || a.Data.Applied != 0 {
			t.Errorf("again, by %q: %+v", plan, a)
		}
	}
	// After a manual downgrade a migration is pending, so the plan is compared again.
	if _, failed := invoke(t, s.fn, `{"command":"downgrade"}`); failed {
		t.Fatal(s.fn.Logs())
	}
	s.plan = r.Plan
	if a := s.request("Update", "2", "3"); a.Status != "FAILED" {
		t.Errorf("after a downgrade: %+v", a)
	}
}

// TestStackDeadline: if a statement takes longer than the timeout of the function, the response is still sent in time,
// and the statement is completed.
func TestStackDeadline(t *testing.T) {
	t.Parallel()
	first, last, _ := versions()
	address := dbtest.MySQL(t)
	s := newStack(t, lambdatest.Start(t, function, "DATABASE_URL="+address))
	if _, failed := invoke(t, s.fn, `{"command":"upgrade","to":"`+first+`"}`); failed {
		t.Fatal(s.fn.Logs())
	}
	// The first session that creates a table of that name blocks the others. A statement of this pool ends with its
	// context.
	db, err := database.Open(database.Config{URL: address}, mysql.Dialect{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	pool, err := db.Write.DB()
	if err != nil {
		t.Fatal(err)
	}
	holder, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	if _, err := holder.ExecContext(t.Context(), "DO GET_LOCK(CONCAT('hold.', DATABASE()), 0)"); err != nil {
		t.Fatal(err)
	}
	hold, release := context.WithCancel(t.Context())
	defer release()
	held := make(chan error, 1)
	go func() {
		held <- db.Write.WithContext(hold).Exec("CREATE TABLE idempotency_keys AS SELECT GET_LOCK(CONCAT('hold.', " +
			"DATABASE()), 600) AS l").Error
	}()
	holding := func(p dbtest.Process) bool { return p.Here && strings.HasPrefix(p.Statement, "CREATE TABLE idem") }
	for len(dbtest.Processes(t, pool, holding)) == 0 {
		time.Sleep(10 * time.Millisecond)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 18*time.Second) // 8 s for the job, the response after 10 s
	defer cancel()
	begun := time.Now()
	done := s.send(ctx, "Update", "1", "2")
	a := s.response()
	if took := time.Since(begun); a.Status != "FAILED" || !strings.Contains(a.Reason, "deploy again") ||
		took > 14*time.Second {
		t.Errorf("after %v: %+v", took, a)
	}
	release()
	if err := <-held; err == nil {
		t.Error("the table was made after all")
	}
	if err := done(); err != nil {
		t.Errorf("the function did not wait for its statement: %v\n%s", err, s.fn.Logs())
	}
	if a := s.request("Update", "1", "3"); a.Status != "SUCCESS" || a.Data.To != last {
		t.Errorf("the next deployment: %+v", a)
	}
}

// TestStackUnanswered: if the response cannot be sent, the invocation fails, so that Lambda repeats the request.
func TestStackUnanswered(t *testing.T) {
	t.Parallel()
	s := newStack(t, lambdatest.Start(t, function, "DATABASE_URL="+dbtest.MySQL(t)))
	s.refuse <- http.StatusForbidden
	err := s.send(t.Context(), "Create", "", "1")()
	if _, ok := err.(*lambdatest.FunctionError); !ok || !strings.Contains(err.Error(), "S3 returns 403") ||
		strings.Contains(err.Error()+s.fn.Logs(), "s3cr3t") {
		t.Errorf("%v\n%s", err, s.fn.Logs())
	}
	if a := s.request("Create", "", "1"); a.Status != "SUCCESS" || a.Data.Applied != 0 {
		t.Errorf("again: %+v", a)
	}
	// The server is unreachable until the deadline.
	reachable := s.url
	s.url = "http://127.0.0.1:1/?X-Amz-Signature=s3cr3t"
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	err = s.send(ctx, "Delete", "", "1")()
	if _, ok := err.(*lambdatest.FunctionError); !ok || !strings.Contains(err.Error(), "connection refused") ||
		!strings.Contains(err.Error(), "gateway endpoint for S3") || strings.Contains(err.Error()+s.fn.Logs(), "s3cr3t") {
		t.Errorf("%v\n%s", err, s.fn.Logs())
	}
	s.url = reachable
	if a := s.request("Delete", "", "1"); a.Status != "SUCCESS" {
		t.Errorf("again: %+v", a)
	}
}

// TestStackSecret: the function uses the name and the password in the secret. If it cannot read the secret, the
// deployment fails with the cause.
func TestStackSecret(t *testing.T) {
	t.Parallel()
	const password = "s3cr3t-of-the-secret"
	address := dbtest.MySQL(t)
	name := dbtest.User(t, address, password)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = nil
	secrets := secretstest.Start(t)
	s := newStack(t, lambdatest.Start(t, function, append(secrets.Env(), "DATABASE_URL="+u.String())...))

	secrets.Refuse(http.StatusBadRequest, "AccessDeniedException", "not authorized")
	if a := s.request("Create", "", "1"); a.Status != "FAILED" || !strings.Contains(a.Reason, secretstest.ARN) ||
		!strings.Contains(a.Reason, "needs secretsmanager:GetSecretValue") {
		t.Errorf("%+v", a)
	}
	secrets.SetLogin(name, password+"-of-last-year")
	if a := s.request("Create", "", "1"); a.Status != "FAILED" || !strings.Contains(a.Reason, "Access denied") {
		t.Errorf("%+v", a)
	}
	secrets.SetLogin(name, password)
	if a := s.request("Create", "", "1"); a.Status != "SUCCESS" || a.Data.Applied == 0 {
		t.Errorf("%+v", a)
	}
}
