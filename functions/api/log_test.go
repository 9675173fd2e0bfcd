package main

import (
	"slices"
	"strings"
	"testing"
)

// TestLogLevel: LOG_LEVEL applies to the log lines of requests and of package gateway.
func TestLogLevel(t *testing.T) {
	t.Parallel()
	// The body is not valid base64, so the gateway returns 400.
	const refused = `{"version":"2.0","rawPath":"/notes","body":"%","isBase64Encoded":true,` +
		`"requestContext":{"http":{"method":"POST"}}}`
	for level, want := range map[string][]string{
		"":      {"request refused", "request"},
		"warn":  {"request refused"},
		"error": nil,
	} {
		s := start(t, "mysql://root@127.0.0.1:1/app", "LOG_LEVEL="+level)
		out, err := s.Invoke(t.Context(), []byte(refused))
		if err != nil || !strings.Contains(string(out), `"statusCode":400`) {
			t.Fatalf("%s %v", out, err)
		}
		s.must(200, "GET", "/healthz", "")
		s.must(503, "GET", "/readyz", "") // an error is logged at every level
		want = append(want, "ERROR")
		lines := strings.Split(strings.TrimSpace(s.lines(len(want))), "\n")
		if !slices.EqualFunc(lines, want, func(line, word string) bool { return strings.Contains(line, `":"`+word+`"`) }) {
			t.Errorf("LOG_LEVEL=%s: %q, want %q", level, lines, want)
		}
	}
}
