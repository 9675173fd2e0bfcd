package customresource_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"slipway/internal/aws/customresource"
)

// password is a password that tests search for in errors.
const password = "hunter2-s3cret"

// bucket is a fake of the S3 bucket for responses.
type bucket struct {
	t         *testing.T
	url       string
	mu        sync.Mutex
	responses []string
	fail      []int // statuses for the first requests; 200 after them
	tries     int
}

func newBucket(t *testing.T, fail ...int) *bucket {
	t.Helper()
	b := &bucket{t: t, fail: fail}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	b.url = server.URL + signed
	return b
}

// signed is the path and the query of a presigned URL. They must arrive unchanged.
const signed = "/arn%3Aaws%3Acloudformation%3Aeu-central-1%3A123456789012%3Astack/app/1%7CMigration%7C2" +
	"?X-Amz-Signature=hunter2-s3cret&X-Amz-Date=1"

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	_, typed := r.Header["Content-Type"]
	if err != nil || r.Method != http.MethodPut || r.RequestURI != signed || typed ||
		r.ContentLength != int64(len(body)) || len(body) > 4096 {
		b.t.Errorf("%s %s, typed %v, %d bytes: %v", r.Method, r.RequestURI, typed, len(body), err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries++
	if b.tries <= len(b.fail) {
		w.WriteHeader(b.fail[b.tries-1])
		return
	}
	b.responses = append(b.responses, string(body))
}

// response returns the response that CloudFormation received.
func (b *bucket) response() (a response) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.responses) != 1 {
		b.t.Fatalf("%d responses: %q", len(b.responses), b.responses)
	}
	if err := json.Unmarshal([]byte(b.responses[0]), &a); err != nil {
		b.t.Fatal(err)
	}
	return a
}

// response is a response in the format of CloudFormation.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
type response struct {
	Status, Reason, PhysicalResourceId, StackId, RequestId, LogicalResourceId string

	Data map[string]any
}

// event returns a request of CloudFormation. more contains further JSON members.
func event(kind, address, more string) json.RawMessage {
	if more != "" {
		more = "," + more
	}
	return json.RawMessage(fmt.Sprintf(`{"RequestType":%q,"ResponseURL":%q,"StackId":"arn:aws:cloudformation:stack",`+
		`"RequestId":"one",`+
		`"ServiceToken":"arn:aws:lambda:f:live","ResourceType":"Custom::Migration","LogicalResourceId":"Migration"%s}`, kind,
		address, more))
}

// update returns the JSON members of an Update from one version of the function to another.
func update(from, to string) string {
	return fmt.Sprintf(`"PhysicalResourceId":"slipway-schema","ResourceProperties":{"Version":%q},`+
		`"OldResourceProperties":{"Version":%q}`, to, from)
}

const function = "arn:aws:lambda:eu-central-1:123456789012:function:app-migrate:"

// report is the result of the job in these tests.
type report struct{ Command string }

// hook returns a hook that counts its runs.
func hook(run func(context.Context, customresource.Properties) customresource.Result) customresource.Hook {
	return customresource.Hook{ID: "slipway-schema", Run: run, Late: func(customresource.Properties) string {
		return "Too late."
	},
		RolledBack: "Rolled back.", Deleted: "Deleted.", Restore: []string{"SignIn"}}
}

// mustNotRun is a job that must not run.
func mustNotRun(context.Context, json.RawMessage) (report, error) {
	return report{}, errors.New("the job was run")
}

// TestKinds: each request of CloudFormation runs the hook or does nothing.
func TestKinds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind, more string
		runs       bool
		status     string
	}{
		"create":                   {"Create", `"ResourceProperties":{"Version":"` + function + `1"}`, true, "SUCCESS"},
		"update":                   {"Update", update(function+"9", function+"10"), true, "SUCCESS"},
		"update by number":         {"Update", update("9", "10"), true, "SUCCESS"},
		"update of something else": {"Update", update(function+"9", function+"9"), true, "SUCCESS"},
		"update from an older stack": {"Update",
			`"ResourceProperties":{"Version":"` + function + `9"},"OldResourceProperties":{}`, true, "SUCCESS"},
		"update without properties":  {"Update", "", true, "SUCCESS"},
		"update of another function": {"Update", update(function+"9", "arn:aws:lambda:f:another:1"), true, "SUCCESS"},
		"update of no number":        {"Update", update(function+"9", function+"$LATEST"), true, "SUCCESS"},
		"update with a number's type": {"Update", `"ResourceProperties":{"Version":9},"OldResourceProperties":{"Version":10}`,
			true, "SUCCESS"},
		"rollback":           {"Update", update(function+"10", function+"9"), false, "SUCCESS"},
		"rollback by number": {"Update", update("100", "99"), false, "SUCCESS"},
		"rollback of a way in": {"Update", `"ResourceProperties":{"Version":"9","SignIn":"iam"},` +
			`"OldResourceProperties":{"Version":"10","SignIn":"secret"}`, true, "SUCCESS"},
		"rollback of another": {"Update", `"ResourceProperties":{"Version":"9","Plan":"a","SignIn":"iam"},` +
			`"OldResourceProperties":{"Version":"10","Plan":"b","SignIn":"iam"}`, false, "SUCCESS"},
		"delete":                   {"Delete", `"PhysicalResourceId":"slipway-schema"`, false, "SUCCESS"},
		"delete of what never was": {"Delete", `"PhysicalResourceId":"app-Migration-1ABC"`, false, "SUCCESS"},
		"unheard of":               {"Import", "", false, "FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bucket, runs := newBucket(t), 0
			handle := customresource.Wrap(hook(func(_ context.Context, p customresource.Properties) customresource.Result {
				runs++
				if strings.Contains(c.more, `"Plan":"`) && p.Text("Plan") == "" {
					t.Errorf("the properties are %v", p)
				}
				return customresource.Result{Reason: "Done.", Data: map[string]any{"From": "1", "To": "2", "Applied": 1}}
			}), mustNotRun)
			if _, err := handle(t.Context(), event(c.kind, bucket.url, c.more)); err != nil {
				t.Fatal(err)
			}
			got := bucket.response()
			id := "slipway-schema"
			if strings.Contains(c.more, "1ABC") {
				id = "app-Migration-1ABC" // a new ID would be a replacement
			}
			if got.Status != c.status || got.Reason == "" || got.PhysicalResourceId != id || got.RequestId != "one" ||
				got.LogicalResourceId != "Migration" || got.StackId != "arn:aws:cloudformation:stack" {
				t.Errorf("the response is %+v", got)
			}
			if (runs == 1) != c.runs || runs > 1 {
				t.Errorf("the job was run %d times", runs)
			}
			if c.runs && (got.Data["From"] != "1" || got.Data["To"] != "2" || got.Data["Applied"] != 1.0) {
				t.Errorf("the data are %v", got.Data)
			}
		})
	}
}

// TestOwnEvents: all other events go to the job unchanged, and its result is returned.
func TestOwnEvents(t *testing.T) {
	t.Parallel()
	wrong := errors.New("wrong")
	for _, text := range []string{`{"command":"status"}`, `{}`, `[]`, `"Create"`, `null`, `7`, `{"RequestType":"Create"}`,
		`{"ResponseURL":"http://127.0.0.1:1"}`, `{"RequestType":7,"ResponseURL":"x"}`, `{`} {
		for _, fail := range []error{nil, wrong} {
			handle := customresource.Wrap(hook(nil), func(_ context.Context, event json.RawMessage) (report, error) {
				return report{Command: string(event)}, fail
			})
			got, err := handle(t.Context(), json.RawMessage(text))
			if r, ok := got.(report); !errors.Is(err, fail) || ok != (fail == nil) || ok && r.Command != text {
				t.Errorf("%s: %+v, %v", text, got, err)
			}
		}
	}
}

// TestSending: sending is retried after a temporary error. Any other error is returned, so that Lambda sends the event
// again. It does not contain the URL.
func TestSending(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail  []int
		tries int
		want  string
	}{
		"500 once":  {[]int{500}, 2, ""},
		"busy":      {[]int{503, 429, 500}, 4, ""},
		"expired":   {[]int{403}, 1, "S3 returns 403"},
		"elsewhere": {[]int{307}, 1, "S3 returns 307"},
		"never at all": {[]int{500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500}, 4,
			"S3 returns 500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bucket := newBucket(t, c.fail...)
			ctx, cancel := context.WithTimeout(t.Context(), 2200*time.Millisecond) // 1.2 s for the response
			defer cancel()
			_, err := customresource.Wrap(hook(nil), mustNotRun)(ctx, event("Delete", bucket.url, ""))
			if (err == nil) != (c.want == "") ||
				err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), password)) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if bucket.tries != c.tries {
				t.Errorf("%d tries, want %d", bucket.tries, c.tries)
			}
		})
	}
	for address, want := range map[string]string{
		"http://127.0.0.1:1/?X-Amz-Signature=" + password: "connection refused",
		"http://h/%zz" + password:                         "not an http or https URL",
		"ftp://h/" + password:                             "not an http or https URL",
		password:                                          "not an http or https URL",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		_, err := customresource.Wrap(hook(nil), mustNotRun)(ctx, event("Delete", address, ""))
		if cancel(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), password) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestDeadline: if a statement still runs shortly before the deadline, the response is sent, and then the function
// waits for the statement.
func TestDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The test has a fake clock, which does not work with a network.
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
		defer cancel()
		var jobDeadline time.Duration
		handle := customresource.Wrap(hook(func(ctx context.Context, _ customresource.Properties) customresource.Result {
			deadline, _ := ctx.Deadline()
			jobDeadline = deadline.Sub(begun)
			time.Sleep(15*time.Minute - 3*time.Second)
			return customresource.Result{}
		}), mustNotRun)
		_, err := handle(ctx, event("Update", "nowhere://h", ""))
		if err == nil || !strings.Contains(err.Error(), "it was FAILED: Too late.") {
			t.Error(err)
		}
		if took := time.Since(begun); took != 15*time.Minute-3*time.Second || jobDeadline != 15*time.Minute-10*time.Second {
			t.Errorf("it took %v, the job had %v", took, jobDeadline)
		}
	})
}

// TestFailed: a failure and a panic of the hook are FAILED responses, not errors of the function.
func TestFailed(t *testing.T) {
	t.Parallel()
	for want, run := range map[string]func(context.Context, customresource.Properties) customresource.Result{
		"It was refused.": func(context.Context, customresource.Properties) customresource.Result {
			return customresource.Result{Failed: true, Reason: "It was refused."}
		},
		"The function panicked. See its log.": func(context.Context,
			customresource.Properties) customresource.Result {
			panic(password)
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			bucket := newBucket(t)
			if _, err := customresource.Wrap(hook(run), mustNotRun)(t.Context(), event("Create", bucket.url, "")); err != nil {
				t.Fatal(err)
			}
			if got := bucket.response(); got.Status != "FAILED" || got.Reason != want {
				t.Errorf("%s: %s", got.Status, got.Reason)
			}
		})
	}
}
