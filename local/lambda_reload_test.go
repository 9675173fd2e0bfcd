package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog/project"
)

// TestLambdaReload changes an embedded file, adds a source file that does not compile, fixes it, and changes another
// one. The responses always come from the last code that compiled, and no request fails in between.
func TestLambdaReload(t *testing.T) {
	t.Parallel()
	dir := project.Copy(t, apiFiles...)
	s := startLambda(t, dir, dbtest.MySQL(t), "--concurrency=4")
	stop := make(chan struct{})
	var load sync.WaitGroup
	var asked atomic.Int64
	for range 2 {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(30 * time.Millisecond): // some requests in every phase are enough
				}
				if res, body, err := s.do("GET", "/notes", ""); err != nil || res.StatusCode != http.StatusOK {
					t.Errorf("a request in between: %v %s", err, body)
					return
				}
				asked.Add(1)
			}
		})
	}
	health := filepath.Join(dir, "internal/httpapi/httpapi.go")
	change := func(file, from, to string) {
		t.Helper()
		edit(t, file, func(text string) string { return strings.Replace(text, from, to, 1) })
	}
	responds := func(path, want string) {
		t.Helper()
		waitFor(t, path+" to return "+want, func() bool {
			_, body := s.must(http.StatusOK, "GET", path, "")
			return strings.Contains(body, want)
		})
	}
	responds("/healthz", `{"status":"ok"}`)
	change(filepath.Join(dir, "internal/httpapi/docs/index.html"), "<title>slipway API</title>", "<title>embedded</title>")
	responds("/docs", "<title>embedded</title>")

	// A test file, which must not start a build, and a new source file, which does not compile.
	if err := os.WriteFile(filepath.Join(dir, "internal/resource/new_test.go"),
		[]byte("package resource\n\nvar broken int = true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "functions/api/new.go"),
		[]byte("package main\n\nfunc init() { println(broken) }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the compiler's error", func() bool {
		text := s.output.String()
		return strings.Contains(text, "undefined: broken") && strings.HasSuffix(text, "the previous code stays in use\n")
	})
	responds("/docs", "<title>embedded</title>")
	responds("/healthz", `{"status":"ok"}`)
	change(filepath.Join(dir, "functions/api/new.go"), `println(broken)`, `println("a new file")`)
	change(health, `{"status": "ok"}`, `{"status": "fixed"}`)
	responds("/healthz", `{"status":"fixed"}`)
	responds("/docs", "<title>embedded</title>")
	waitFor(t, "the new file", func() bool {
		s.must(http.StatusOK, "GET", "/healthz", "")
		// The new code may log before the command prints "swapped".
		return strings.Contains(s.log.String(), "a new file") && strings.Count(s.output.String(), "swapped") >= 2
	})
	close(stop)
	load.Wait()
	if n := strings.Count(s.output.String(), "swapped"); n != 2 || asked.Load() == 0 {
		t.Errorf("swapped %d times, %d requests in between:\n%s", n, asked.Load(), &s.output)
	}
	if code := s.terminate(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, &s.output)
	}
}

// TestFingerprint: the fingerprint changes when a source file is created, written, or deleted, and not for other files.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "pkg/below"), 0o700); err != nil {
		t.Fatal(err)
	}
	r := &reloader{root: root, folders: []string{root, filepath.Join(root, "pkg")}}
	for _, c := range []struct {
		name, path, text string
		other            bool
	}{
		{"a new file", "pkg/a.go", "package pkg", true},
		{"the same again", "", "", false},
		{"a file that was written", "pkg/a.go", "package other", true},
		{"a file that is embedded", "pkg/page.html", "<b>", true},
		{"a test", "pkg/a_test.go", "package pkg", false},
		{"a file in a subfolder", "pkg/below/b.go", "package below", false},
		{"go.sum", "go.sum", "x", true},
		{"another file of the project's folder", "README.md", "x", false},
	} {
		before := r.fingerprint()
		if c.path != "" {
			if err := os.WriteFile(filepath.Join(root, c.path), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if other := r.fingerprint() != before; other != c.other {
			t.Errorf("%s: another fingerprint: %v", c.name, other)
		}
	}
	before := r.fingerprint()
	if err := os.RemoveAll(filepath.Join(root, "pkg")); err != nil || r.fingerprint() == before {
		t.Errorf("a folder that was deleted: %v", err)
	}
}
