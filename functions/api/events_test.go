package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"slipway/internal/emulator"
)

const (
	// clientIP is the client's address that every gateway reports.
	clientIP = "203.0.113.7"
	// lie is the address that the client sends in forwarding headers.
	lie = "198.51.100.99"
	// gatewayID is the gateway's request ID.
	gatewayID = "Root=1-69a3f000-0c0ffee00c0ffee00c0ffee0"
)

// request is an HTTP request to a gateway.
type request struct{ method, path, query, body string }

// headers returns the headers for the function: those of the client, and the address that the gateway appends.
func (r request) headers() map[string]string {
	h := map[string]string{
		"accept": "*/*", "user-agent": "curl/8.7.1",
		"x-request-id":    "story",
		"x-forwarded-for": lie + ", " + clientIP, "x-forwarded-port": "443", "x-forwarded-proto": "https",
		"x-real-ip": lie, "true-client-ip": lie, "cf-connecting-ip": lie, "forwarded": "for=" + lie,
		"x-amzn-trace-id": gatewayID,
	}
	if r.body != "" {
		h["content-type"] = "application/json"
	}
	return h
}

// front is a source of events.
type front struct {
	name string
	base string // the base path, such as a stage
	make func(r request, base string) map[string]any
}

// fronts are the supported sources. The events of API Gateway come from internal/emulator; the others have only the
// relevant members. Complete events are in internal/gateway/testdata.
var fronts = []front{
	{"HTTP API", "", apiGateway("2.0")},
	{"HTTP API with a stage", "/dev", apiGateway("2.0")},
	{"function URL", "", functionURL},
	{"HTTP API with payload 1.0", "", httpAPIv1},
	{"REST API", "/dev", apiGateway("1.0")},
	{"load balancer", "", loadBalancer(false)},
	{"load balancer with multi-value headers", "", loadBalancer(true)},
}

// apiGateway returns events of internal/emulator, with a constant request ID.
func apiGateway(payload string) func(request, string) map[string]any {
	return func(r request, base string) map[string]any {
		event := map[string]any{}
		var typed struct { // members with the same types as in the other functions
			Headers           map[string]string
			MultiValueHeaders map[string][]string
		}
		gateway, err := emulator.NewFront(payload, func(_ context.Context, e []byte) ([]byte, error) {
			return nil, errors.Join(json.Unmarshal(e, &event), json.Unmarshal(e, &typed))
		})
		if err != nil {
			panic(err) // unknown payload
		}
		gateway.Stage = strings.TrimPrefix(base, "/")
		target := base + r.path
		if r.query != "" {
			target += "?" + r.query
		}
		sent := httptest.NewRequest(r.method, target, strings.NewReader(r.body))
		sent.RemoteAddr = clientIP + ":54321"
		for name, value := range r.headers() {
			sent.Header.Set(name, value)
		}
		sent.Header.Set("X-Forwarded-For", lie) // the gateway appends the address
		gateway.ServeHTTP(httptest.NewRecorder(), sent)
		event["requestContext"].(map[string]any)["requestId"] = gatewayID
		event["headers"] = typed.Headers
		if typed.MultiValueHeaders != nil {
			event["multiValueHeaders"] = typed.MultiValueHeaders
		}
		return event
	}
}

// httpAPIv1 returns events of an HTTP API with payload 1.0: as those of a REST API, but with a version and a decoded
// path.
func httpAPIv1(r request, _ string) map[string]any {
	e := apiGateway("1.0")(r, "")
	e["version"] = "1.0"
	if decoded, err := url.PathUnescape(r.path); err == nil {
		e["path"], e["pathParameters"] = decoded, nil
	}
	e["requestContext"].(map[string]any)["stage"] = "$default"
	return e
}

// functionURL returns events of a function URL, in payload 2.0.
func functionURL(r request, _ string) map[string]any {
	return map[string]any{
		"version": "2.0", "routeKey": "$default", "rawPath": r.path, "rawQueryString": r.query,
		"headers": r.headers(), "body": r.body, "isBase64Encoded": false,
		"requestContext": map[string]any{
			"domainName": "q1w2e3r4t5.lambda-url.eu-central-1.on.aws", "requestId": gatewayID, "stage": "$default",
			"http": map[string]any{"method": r.method, "path": r.path, "protocol": "HTTP/1.1", "sourceIp": clientIP},
		},
	}
}

// loadBalancer returns events of an ALB. The target group determines whether headers and parameters are lists. The
// query is not decoded, and the client's address is only at the end of X-Forwarded-For.
func loadBalancer(multiValue bool) func(request, string) map[string]any {
	return func(r request, _ string) map[string]any {
		e := map[string]any{
			"httpMethod": r.method, "path": r.path, "body": r.body, "isBase64Encoded": false,
			"requestContext": map[string]any{"elb": map[string]string{
				"targetGroupArn": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/notes/0123456789abcdef",
			}},
		}
		query, last := map[string][]string{}, map[string]string{}
		for pair := range strings.SplitSeq(r.query, "&") {
			if name, value, found := strings.Cut(pair, "="); found {
				query[name], last[name] = append(query[name], value), value
			}
		}
		if multiValue {
			e["multiValueHeaders"], e["multiValueQueryStringParameters"] = lists(r.headers()), query
		} else {
			e["headers"], e["queryStringParameters"] = r.headers(), last
		}
		return e
	}
}

// lists returns each value as a list of one.
func lists(values map[string]string) map[string][]string {
	multi := map[string][]string{}
	for name, value := range values {
		multi[name] = []string{value}
	}
	return multi
}

// response is a response that a client gets from a gateway.
type response struct {
	status int
	header http.Header
	body   string
}

// readResponse parses a response of the function in any format.
func readResponse(t *testing.T, text []byte) response {
	t.Helper()
	var a struct {
		StatusCode        int
		Headers           map[string]string
		MultiValueHeaders map[string][]string
		Body              string
		IsBase64Encoded   bool
	}
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if a.IsBase64Encoded {
		t.Errorf("a text came as base64: %s", text)
	}
	header := http.Header{}
	for name, value := range a.Headers {
		header.Add(name, value)
	}
	for name, values := range a.MultiValueHeaders {
		for _, value := range values {
			header.Add(name, value)
		}
	}
	return response{a.StatusCode, header, a.Body}
}
