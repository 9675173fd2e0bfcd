package main

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/oidctest"
)

// as sends a request with a token ("" for none) and returns the response and its text.
func (s *server) as(token, method, path, body string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := s.client.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, path, err, &s.log)
	}
	defer res.Body.Close()
	var text strings.Builder
	if err := res.Write(&text); err != nil {
		s.t.Fatal(err)
	}
	return res, text.String()
}

// says waits until the server has printed line.
func (s *server) says(t *testing.T, line string) {
	t.Helper()
	waitFor(t, "the server to say "+line, func() bool { return strings.Contains(s.output.String(), line) })
}

// TestAuthByAddress: on loopback no token is required, on any other address one is. AUTH overrides both.
func TestAuthByAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		addr, auth string
		status     int
		says       string
	}{
		{"127.0.0.1:0", "", 200, "auth    off on loopback (AUTH=required turns it on)"},
		{"localhost:0", "", 200, "auth    off on loopback"},
		{"[::1]:0", "", 200, "auth    off on loopback"},
		{"127.0.0.1:0", "off", 200, "auth    off\n"},
		{"127.0.0.1:0", "required", 401, `auth    accepts local tokens: go run ./local token --scope "read write"`},
		{":0", "", 401, "auth    accepts local tokens"},
		{"0.0.0.0:0", "", 401, "auth    accepts local tokens"},
		{":0", "off", 200, "auth    off, and ADDR is not loopback"},
	} {
		t.Run(c.addr+" "+c.auth, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := start(t, dir, "ADDR="+c.addr, "AUTH="+c.auth)
			_, port, err := net.SplitHostPort(strings.TrimPrefix(s.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(c.addr, "::1") {
				s.url = "http://127.0.0.1:" + port
			}
			s.says(t, c.says)
			s.must(c.status, "GET", "/notes", "")
			s.must(http.StatusOK, "GET", "/healthz", "")
			if _, err := os.Stat(filepath.Join(dir, keyFile)); (err == nil) != (c.status == 401) {
				t.Errorf("%s: %v", keyFile, err)
			}
		})
	}
}

// TestToken: the command prints only the token. The token allows what its scopes say, until it expires, and only on
// this machine.
func TestToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir, "AUTH=required")
	token := func(dir string, args ...string) string {
		t.Helper()
		got := runLocal(t, dir, nil, append([]string{"token"}, args...)...)
		if got.code != 0 || got.stderr != "" || strings.Count(got.stdout, "\n") != 1 || strings.Count(got.stdout, ".") != 2 ||
			strings.Contains(got.stdout, " ") {
			t.Fatalf("%d %q %q", got.code, got.stdout, got.stderr)
		}
		return strings.TrimSpace(got.stdout)
	}
	both := token(dir, "--scope", "read write", "--subject", "ada", "--expires", "1h")
	for _, c := range []struct {
		name, token string
		read, write int
	}{
		{"none", "", 401, 401},
		{"both", both, 200, 201},
		{"by default", token(dir), 200, 403},
		{"write", token(dir, "--scope", "write"), 403, 201},
		{"nothing", token(dir, "--scope", ""), 403, 403},
		{"another machine's", token(t.TempDir(), "--scope", "read write"), 401, 401},
		{"nonsense", "open.sesame.x", 401, 401},
	} {
		if res, got := s.as(c.token, "GET", "/notes", ""); res.StatusCode != c.read {
			t.Errorf("%s reads: %s, want %d", c.name, got, c.read)
		}
		if res, got := s.as(c.token, "POST", "/notes", `{"title":"x"}`); res.StatusCode != c.write {
			t.Errorf("%s writes: %s, want %d", c.name, got, c.write)
		}
	}
	short := token(dir, "--expires", "1s")
	waitFor(t, "the token to expire", func() bool {
		res, text := s.as(short, "GET", "/notes", "")
		return res.StatusCode == 401 && strings.Contains(text, "has expired")
	})
	if code := s.terminate(); code != 0 || strings.Contains(s.log.String()+s.output.String(), both) ||
		strings.Contains(s.log.String(), "ada") {
		t.Errorf("exit code %d, or the token is shown:\n%s%s", code, &s.output, &s.log)
	}
	s = start(t, dir, "AUTH=required")
	if res, got := s.as(both, "GET", "/notes", ""); res.StatusCode != 200 {
		t.Errorf("after a restart: %s", got)
	}
}

// TestIssuer: with AUTH_ISSUER the server accepts the tokens of the issuer and rejects local tokens.
func TestIssuer(t *testing.T) {
	t.Parallel()
	issuer := oidctest.Start(t)
	servers, dir := map[string]*server{}, t.TempDir()
	for _, c := range oidctest.Callers {
		s := servers[c.Prefix]
		if s == nil {
			s = start(t, dir, "AUTH_ISSUER="+issuer.URL, "AUTH_AUDIENCE="+oidctest.Audience, "AUTH_SCOPE_PREFIX="+c.Prefix)
			s.says(t, "auth    accepts tokens of "+issuer.URL)
			servers[c.Prefix] = s
		}
		token := ""
		if c.Claims != nil {
			token = issuer.Token(c.Claims)
		}
		if res, got := s.as(token, "GET", "/notes", ""); res.StatusCode != c.Read {
			t.Errorf("%s reads: %s, want %d", c.Name, got, c.Read)
		}
		if res, got := s.as(token, "POST", "/notes", `{"title":"x"}`); res.StatusCode != c.Write {
			t.Errorf("%s writes: %s, want %d", c.Name, got, c.Write)
		}
	}
	own := strings.TrimSpace(runLocal(t, dir, nil, "token", "--scope", "read write").stdout)
	if res, got := servers[""].as(own, "GET", "/notes", ""); res.StatusCode != 401 {
		t.Errorf("a local token: %s", got)
	}
}

// TestAuthDoc runs the commands of docs/auth.md and compares their output with the document.
func TestAuthDoc(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir, "AUTH=required")
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	steps := strings.Split("\n"+marked(t, "../docs/auth.md")["auth"], "\n$ ")[1:]
	if len(steps) < 5 {
		t.Fatalf("docs/auth.md has %d steps", len(steps))
	}
	here := strings.NewReplacer("localhost:3000", strings.TrimPrefix(s.url, "http://"), "go run ./local", path)
	for _, step := range steps {
		command, want, _ := strings.Cut(step, "\n")
		cmd := exec.CommandContext(t.Context(), "sh", "-c", here.Replace(command))
		cmd.Dir = dir
		got, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s(it needs sh and curl)", command, err, got)
		}
		text := strings.ReplaceAll(strings.TrimSpace(string(got)), "\r", "")
		if a, b := changing.ReplaceAllString(text, "*"), changing.ReplaceAllString(strings.TrimSpace(want), "*"); a != b {
			t.Errorf("%s\ngives %s\nnot   %s", command, a, b)
		}
	}
}
