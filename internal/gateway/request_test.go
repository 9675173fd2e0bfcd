package gateway_test

import (
	"context"
	"net/http"
	"testing"

	"slipway/internal/gateway"
)

// TestRemoteAddr: RemoteAddr is the address from the gateway, never one that a client can set.
func TestRemoteAddr(t *testing.T) {
	t.Parallel()
	alb := func(headers string) string {
		return `{"httpMethod":"GET","path":"/","requestContext":{"elb":{}},` + headers + `}`
	}
	for name, c := range map[string]struct{ event, want string }{
		"payload 2.0": {`{"requestContext":{"http":{"method":"GET","sourceIp":"203.0.113.7"}},
			"headers":{"x-forwarded-for":"192.0.2.1"}}`, "203.0.113.7:0"},
		"payload 2.0, IPv6": {`{"requestContext":{"http":{"method":"GET","sourceIp":"2001:db8::7"}}}`, "[2001:db8::7]:0"},
		"payload 1.0": {`{"httpMethod":"GET","path":"/","requestContext":{"identity":{"sourceIp":"203.0.113.7"}},
			"headers":{"X-Forwarded-For":"192.0.2.1"}}`, "203.0.113.7:0"},
		"none":                        {`{"httpMethod":"GET","path":"/"}`, ""},
		"balancer":                    {alb(`"headers":{"x-forwarded-for":"203.0.113.7"}`), "203.0.113.7:0"},
		"balancer, after a client's":  {alb(`"headers":{"x-forwarded-for":"192.0.2.1, 203.0.113.7"}`), "203.0.113.7:0"},
		"balancer, with its port":     {alb(`"headers":{"x-forwarded-for":"192.0.2.1,203.0.113.7:4711"}`), "203.0.113.7:0"},
		"balancer, IPv6":              {alb(`"headers":{"x-forwarded-for":"2001:db8::7"}`), "[2001:db8::7]:0"},
		"balancer, IPv6 with port":    {alb(`"headers":{"x-forwarded-for":"[2001:db8::7]:4711"}`), "[2001:db8::7]:0"},
		"balancer, header turned off": {alb(`"headers":{}`), ""},
		"balancer, no address":        {alb(`"headers":{"x-forwarded-for":"203.0.113.7, unknown"}`), ""},
		"balancer, several values": {
			alb(`"multiValueHeaders":{"x-forwarded-for":["203.0.113.9","192.0.2.1, 203.0.113.7"]}`), "203.0.113.7:0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				if r.RemoteAddr != c.want {
					t.Errorf("RemoteAddr %q, want %q", r.RemoteAddr, c.want)
				}
			}, c.event)
		})
	}
}

// TestMessage: method, host, URL, and length of a request are set as by net/http.
func TestMessage(t *testing.T) {
	t.Parallel()
	invoke(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" || r.Host != "api.example.com" || r.URL.Host != r.Host || r.URL.Scheme != "https" {
			t.Errorf("%s %s %s", r.Method, r.Host, r.URL)
		}
		if r.ContentLength != 3 || r.Header.Get("Content-Length") != "3" {
			t.Errorf("ContentLength %d, header %q, want 3", r.ContentLength, r.Header.Get("Content-Length"))
		}
		if _, ok := r.Header["Host"]; ok {
			t.Error("Host is in the headers, unlike in net/http")
		}
	}, `{"headers":{"content-length":"999"},"body":"YWJj","isBase64Encoded":true,
		"requestContext":{"domainName":"api.example.com","http":{"method":"post"}}}`)

	invoke(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.Host != "example.org" || r.ContentLength != 0 || r.Header.Get("Content-Length") != "" {
			t.Errorf("%s, ContentLength %d, header %q", r.Host, r.ContentLength, r.Header.Get("Content-Length"))
		}
	}, `{"httpMethod":"GET","path":"/","headers":{"HOST":"example.org"},"body":null,"isBase64Encoded":null,
		"requestContext":{"domainName":"api.example.com"}}`)
}

// TestQuery: the handler sees the encoded query for each kind of event.
func TestQuery(t *testing.T) {
	t.Parallel()
	const alb = `"httpMethod":"GET","path":"/","requestContext":{"elb":{}}`
	const rest = `"httpMethod":"GET","path":"/"`
	const http2 = `"requestContext":{"http":{"method":"GET"}}`
	for name, c := range map[string]struct{ event, want string }{
		"payload 2.0: as sent": {http2 + `,"rawQueryString":"b=%2C&a=1&b=x+y&flag",
			"queryStringParameters":{"b":",,x y"}`, "b=%2C&a=1&b=x+y&flag"},
		"payload 2.0: no raw query": {http2 + `,"queryStringParameters":{"b":"x y","a":"&"}`, "a=%26&b=x+y"},
		"payload 1.0: decoded": {rest + `,"queryStringParameters":{"b":"2"},
			"multiValueQueryStringParameters":{"b":["x y","2"],"a[eq]":["&"]}`, "a%5Beq%5D=%26&b=x+y&b=2"},
		"payload 1.0: single values": {rest + `,"queryStringParameters":{"b":"x y","a":"1"}`, "a=1&b=x+y"},
		"payload 1.0: none":          {rest + `,"queryStringParameters":null`, ""},
		"balancer: not decoded":      {alb + `,"queryStringParameters":{"b%5Beq%5D":"x+y%26","a":""}`, "a=&b%5Beq%5D=x+y%26"},
		"balancer: several values": {alb + `,"multiValueQueryStringParameters":{"b":["2","%31"],"a":["1"]}`,
			"a=1&b=2&b=%31"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 10 { // detects a random order
				invoke(t, func(_ http.ResponseWriter, r *http.Request) {
					if r.URL.RawQuery != c.want {
						t.Errorf("RawQuery %q, want %q", r.URL.RawQuery, c.want)
					}
				}, "{"+c.event+"}")
			}
		})
	}
}

// TestAcceptEncoding: Accept-Encoding is removed for a REST API only, which cannot pass on compressed responses.
func TestAcceptEncoding(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ event, want string }{
		"REST API": {
			`{"httpMethod":"GET","path":"/","resource":"/{proxy+}","multiValueHeaders":{"Accept-Encoding":["gzip, br"]},
			"requestContext":{"resourceId":"x","stage":"dev","path":"/dev/"}}`, ""},
		"HTTP API": {`{"version":"2.0","rawPath":"/","headers":{"accept-encoding":"gzip, br"},` +
			`"requestContext":{"http":{"method":"GET"}}}`, "gzip, br"},
		"payload 1.0 of an HTTP API": {
			`{"version":"1.0","httpMethod":"GET","path":"/","headers":{"Accept-Encoding":"gzip, br"},
			"requestContext":{"stage":"$default"}}`, "gzip, br"},
		"balancer": {`{"httpMethod":"GET","path":"/","headers":{"accept-encoding":"gzip, br"},"requestContext":{"elb":{}}}`,
			"gzip, br"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				if got := r.Header.Get("Accept-Encoding"); got != c.want {
					t.Errorf("Accept-Encoding %q, want %q", got, c.want)
				}
			}, c.event)
		})
	}
}

// TestTraceID: TraceID returns a valid trace root only.
func TestTraceID(t *testing.T) {
	t.Parallel()
	const root = "1-5759e988-bd862e3fe1be46a994272793"
	for header, want := range map[string]string{
		"Root=" + root + ";Parent=53995c3f42cd8ad8;Sampled=1":   root,
		"Self=1-67891234-12456789abcdef012345678a;Root=" + root: root,
		"Root=" + root:              root,
		"Parent=53995c3f42cd8ad8":   "",
		"Root=1-5759e988-bd862e3fe": "",
		"Root=x\n":                  "",
		"":                          "",
	} {
		//lint:ignore SA1029 the key is aws-lambda-go's
		ctx := context.WithValue(t.Context(), "x-amzn-trace-id", header)
		if got := gateway.TraceID(ctx); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
	if got := gateway.TraceID(t.Context()); got != "" {
		t.Errorf("without an invocation: %q", got)
	}
}
