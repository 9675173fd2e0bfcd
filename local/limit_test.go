package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"slipway/internal/emulator"
)

// TestHeaderLimit: the server rejects a request line or headers over API Gateway's limit with a problem response. The
// limit is the same as that of the gateway of "local lambda".
func TestHeaderLimit(t *testing.T) {
	t.Parallel()
	const limit = 10240
	s := start(t, t.TempDir())
	address := strings.TrimPrefix(s.url, "http://")
	front, err := emulator.NewFront("2.0", func(context.Context, []byte) ([]byte, error) {
		return []byte(`{"statusCode":200}`), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	gateway := &http.Server{Handler: front}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = gateway.Serve(listener) }() // until it is closed
	t.Cleanup(func() { gateway.Close() })

	const host = "api.example.com"
	// line returns a request line of size bytes. headers returns a request whose line and header values have size bytes.
	line := func(size int) string {
		return "GET /healthz?" + strings.Repeat("x", size-len("GET /healthz? HTTP/1.1")) + " HTTP/1.1\r\nHost: " + host
	}
	headers := func(size int) string {
		cookie := strings.Repeat("x", size-len("GET /healthz HTTP/1.1b")-len(host))
		return "GET /healthz HTTP/1.1\r\nHost: " + host + "\r\nA: b\r\nCookie: " + cookie
	}
	for _, c := range []struct {
		name, request string
		status        int
	}{
		{"headers at the limit", headers(limit), 200},
		{"a byte more", headers(limit + 1), 431},
		{"headers far over it", headers(500_000), 431},
		{"a line that leaves space for the host only", line(limit - len(host)), 200},
		{"a byte more", line(limit - len(host) + 1), 431},
		{"a line at the limit", line(limit), 431},
		{"a line over it", line(limit + 1), 414},
		{"a line far over it", line(500_000), 414},
	} {
		res, body := sendRaw(t, address, c.request)
		if res.StatusCode != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, res.StatusCode, body, c.status)
		}
		atGateway, _ := sendRaw(t, listener.Addr().String(), c.request)
		if (atGateway.StatusCode == 431) != (c.status > 400) {
			t.Errorf("%s: %d here, %d at the gateway", c.name, res.StatusCode, atGateway.StatusCode)
		}
		if c.status == 200 {
			continue
		}
		var problem struct {
			Status    int
			Title     string
			Detail    string
			RequestID string `json:"request_id"`
		}
		if err := json.Unmarshal([]byte(body), &problem); err != nil ||
			problem.Status != c.status || problem.Title != http.StatusText(c.status) ||
			!strings.Contains(problem.Detail, fmt.Sprint(limit)) || problem.RequestID != res.Header.Get("X-Request-Id") ||
			res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %v %s", c.name, res.Header, body)
		}
	}
}

// sendRaw sends the text of a request unchanged, and returns the response and its body.
func sendRaw(t *testing.T, address, request string) (*http.Response, string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request+"\r\nConnection: \r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}
