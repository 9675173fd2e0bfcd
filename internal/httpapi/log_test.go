package httpapi_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"slipway/internal/httpapi"
	"slipway/internal/test/dbtest/blog"
)

// TestLogLine checks that each request has one line with these members, and without values
// from the body, the query or the headers.
func TestLogLine(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), func(o *httpapi.Options) {
		o.GatewayRequestID = func(context.Context) string { return "gateway-7" }
	})
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	api.Do("GET", "/notes?title=s3cr3t", "", "Traceparent: 00-"+trace+"-00f067aa0ba902b7-01",
		"Authorization: Bearer s3cr3t", "X-Forwarded-For: 6.6.6.6", "X-Real-Ip: 6.6.6.6")
	if strings.Contains(api.Log.String(), "s3cr3t") {
		t.Errorf("the log contains values of the request: %s", api.Log)
	}
	var members []string
	for _, m := range regexp.MustCompile(`[{,]"(\w+)":`).FindAllStringSubmatch(api.Log.String(), -1) {
		members = append(members, m[1])
	}
	if want := []string{"time", "level", "msg", "request_id", "gateway_request_id", "method", "path", "route", "status",
		"duration_ms", "client_ip", "trace_id"}; !slices.Equal(members, want) {
		t.Errorf("members %q, want %q", members, want)
	}
	lines := api.lines()
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	for name, want := range map[string]any{
		"level": "INFO", "msg": "request", "method": "GET", "path": "/notes", "route": "/notes", "status": 200.0,
		"client_ip": "192.0.2.1", "gateway_request_id": "gateway-7", "trace_id": trace,
	} {
		if lines[0][name] != want {
			t.Errorf("%s is %v, want %v", name, lines[0][name], want)
		}
	}
	for _, path := range []string{"/nothing", "/notes/abc", "/notes?page=0"} {
		api.Do("GET", path, "")
	}
	if lines := api.lines(); len(lines) != 3 || lines[0]["level"] != "INFO" || lines[0]["error"] != nil {
		t.Errorf("a client error in the log: %v", lines)
	}
}

// TestRoute checks the route in the log.
func TestRoute(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), nil)
	for request, want := range map[string]string{
		"GET /": "/", "GET /notes": "/notes", "GET /notes/7": "/notes/:id", "GET /users/7/posts": "/users/:id/posts",
		"OPTIONS /notes/7": "/notes/:id", "GET /docs/page.js": "/docs/:file", "GET /nothing": "", "PUT /notes": "",
	} {
		method, path, _ := strings.Cut(request, " ")
		api.Do(method, path, "")
		if line := api.lines()[0]; line["route"] != want || line["trace_id"] != nil {
			t.Errorf("%s: route %v, want %q", request, line["route"], want)
		}
	}
}

// TestTraceparent checks that the log has the trace-id of a valid traceparent header (W3C
// Trace Context), and none for an invalid one.
func TestTraceparent(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), nil)
	const trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	for sent, valid := range map[string]bool{
		"00-" + trace + "-" + parent + "-01":                        true,
		"00-" + trace + "-" + parent + "-00":                        true,
		"00-" + trace + "-" + parent + "-01-more":                   false,
		"cc-" + trace + "-" + parent + "-01-of a later version":     true,
		"cc-" + trace + "-" + parent + "-01.of a later version":     false,
		"ff-" + trace + "-" + parent + "-01":                        false,
		"00-" + strings.ToUpper(trace) + "-" + parent + "-01":       false,
		"00-" + strings.Repeat("0", 32) + "-" + parent + "-01":      false,
		"00-" + trace + "-" + strings.Repeat("0", 16) + "-01":       false,
		"00-" + trace + "-" + parent:                                false,
		"00-" + trace[1:] + "-" + parent + "-01":                    false,
		"":                                                          false,
		"00-" + trace + "-" + parent + "-01\n":                      false,
		"Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1":        false,
		"00-4bf92f3577b34da6a3ce929d0e0e473g-" + parent + "-01":     false,
		"00-" + trace + "-" + parent + "-01, 00-" + trace + "-x-01": false,
	} {
		api.Do("GET", "/healthz", "", "Traceparent: "+sent)
		if got := api.lines()[0]["trace_id"]; (got == trace) != valid || !valid && got != nil {
			t.Errorf("%q: trace_id %v", sent, got)
		}
	}
}
