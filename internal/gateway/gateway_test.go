package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"slipway/internal/gateway"
)

var update = flag.Bool("update", false, "write the current responses to testdata/*.want.json")

var _ lambda.Handler = (*gateway.Handler)(nil) // for lambda.Start

// seen is the request as the echo handler returns it.
type seen struct {
	Method     string      `json:"method"`
	Path       string      `json:"path"`
	RequestURI string      `json:"request_uri"`
	RawQuery   string      `json:"raw_query"`
	Host       string      `json:"host"`
	RemoteAddr string      `json:"remote_addr"`
	BasePath   string      `json:"base_path"`
	RequestID  string      `json:"request_id"`
	Headers    http.Header `json:"headers"`
	Body       string      `json:"body"`
}

// echo returns the request in the body, and headers with several values. It returns 204 for DELETE.
func echo(w http.ResponseWriter, r *http.Request) {
	for _, name := range []string{"Allow", "Link", "Set-Cookie", "Vary"} {
		w.Header().Add(name, name+"=1")
		w.Header().Add(name, name+"=2")
	}
	if r.Method == http.MethodDelete {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	body, _ := io.ReadAll(r.Body)
	_ = json.NewEncoder(w).Encode(seen{
		Method: r.Method, Path: r.URL.Path, RequestURI: r.RequestURI, RawQuery: r.URL.RawQuery, Host: r.Host,
		RemoteAddr: r.RemoteAddr, BasePath: gateway.BasePath(r.Context()), RequestID: gateway.RequestID(r.Context()),
		Headers: r.Header, Body: string(body),
	})
}

// response contains the members of all response formats.
type response struct {
	StatusCode        int                 `json:"statusCode"`
	StatusDescription string              `json:"statusDescription,omitempty"`
	Headers           map[string]string   `json:"headers,omitempty"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders,omitempty"`
	Cookies           []string            `json:"cookies,omitempty"`
	Body              string              `json:"body,omitempty"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

// invoke returns the response to payload with the handler h. An error fails the test.
func invoke(t testing.TB, h http.HandlerFunc, payload string) response {
	t.Helper()
	out, err := gateway.New(h).Invoke(t.Context(), []byte(payload))
	if err != nil {
		t.Fatalf("Invoke(%s) = %v", payload, err)
	}
	var a response
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatalf("Invoke(%s) = %s: %v", payload, out, err)
	}
	return a
}

// TestEvents invokes the echo handler with each testdata/*.event.json, and compares the response and its body (the
// request as the handler saw it) with the .want.json file.
func TestEvents(t *testing.T) {
	t.Parallel()
	events, err := filepath.Glob("testdata/*.event.json")
	if err != nil || len(events) == 0 {
		t.Fatalf("testdata/*.event.json: %v, %v", events, err)
	}
	for _, file := range events {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".event.json"), func(t *testing.T) {
			t.Parallel()
			payload, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			a := invoke(t, echo, string(payload))
			body := json.RawMessage(a.Body)
			if a.Body == "" {
				body = json.RawMessage(`""`)
			}
			a.Body = ""
			got, err := json.MarshalIndent(map[string]any{"answer": a, "body": body}, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')

			golden := strings.TrimSuffix(file, ".event.json") + ".want.json"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(want) {
				t.Errorf("got\n%s\nwant, by %s,\n%s", got, golden, want)
			}
		})
	}
}

// TestUnsupportedEvents: the error for another event lists the supported sources and contains no part of the event.
func TestUnsupportedEvents(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{
		"nothing":         ``,
		"not JSON":        `secret`,
		"not an object":   `["secret"]`,
		"an empty object": `{}`,
		"wrong types":     `{"headers":["secret"],"requestContext":{"http":{"method":"GET"}}}`,
		"a schedule":      `{"version":"0","id":"secret","detail-type":"Scheduled Event","source":"aws.events","detail":{}}`,
		"a queue":         `{"Records":[{"eventSource":"aws:sqs","body":"secret"}]}`,
		"a web socket":    `{"headers":{"a":"secret"},"requestContext":{"routeKey":"$connect","connectionId":"1"}}`,
		"an authorizer 1": `{"type":"REQUEST","httpMethod":"GET","path":"/secret","requestContext":{"path":"/secret"}}`,
		"an authorizer 2": `{"version":"2.0","type":"REQUEST","rawPath":"/secret","requestContext":{"http":{}}}`,
		"a migration":     `{"command":"upgrade","plan":"secret"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := gateway.New(http.HandlerFunc(echo)).Invoke(t.Context(), []byte(payload))
			if !errors.Is(err, gateway.ErrUnsupportedEvent) || out != nil {
				t.Fatalf("got %s, %v, want ErrUnsupportedEvent", out, err)
			}
			if strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "function URL") {
				t.Errorf("the error is %q", err)
			}
		})
	}
}

// TestContext: the handler sees the deadline of the invocation, and Lambda's request ID if the gateway has none.
func TestContext(t *testing.T) {
	t.Parallel()
	deadline := time.Now().Add(time.Minute)
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "lambda-1"})

	called := false
	h := func(_ http.ResponseWriter, r *http.Request) {
		called = true
		if got, ok := r.Context().Deadline(); !ok || !got.Equal(deadline) {
			t.Errorf("the handler's deadline is %v, %v, want %v", got, ok, deadline)
		}
		if got := gateway.RequestID(r.Context()); got != "lambda-1" {
			t.Errorf("RequestID = %q, want lambda-1", got)
		}
	}
	payload := `{"httpMethod":"GET","path":"/","requestContext":{"elb":{"targetGroupArn":"arn"}},"headers":{}}`
	if _, err := gateway.New(http.HandlerFunc(h)).Invoke(ctx, []byte(payload)); err != nil || !called {
		t.Fatalf("Invoke = %v, handler called: %v", err, called)
	}
	if base, id := gateway.BasePath(t.Context()), gateway.RequestID(t.Context()); base != "" || id != "" {
		t.Errorf("without a gateway: BasePath %q, RequestID %q, want none", base, id)
	}
}
