package httpapi_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/test/dbtest/blog"
)

// TestSwaggerUI checks the checksums of the files of swagger-ui-dist 5.35.0.
func TestSwaggerUI(t *testing.T) {
	t.Parallel()
	const version = "5.35.0"
	for name, want := range map[string]string{
		"swagger-ui-bundle.js.gz":          "942e6424651db3a09f5a820c2bf585474ce8546335017a2b4384119b59e2309c",
		"swagger-ui.css.gz":                "e41035a14ea8be1734f96d0585cd72f6f9c1e9c081a904c67f4eacce0e46200c",
		"LICENSE":                          "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30",
		"NOTICE":                           "0d20d1adef18aee3f40dd258172155521ce702ac445cb5f7b7d60ed32dad2fb2",
		"swagger-ui-bundle.js.LICENSE.txt": "37eb6e7e59aed57b2c1acf076574b818ea07b74265717e0bd67b59e0baf9abbb",
	} {
		content, err := os.ReadFile(filepath.Join("docs", name))
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
			t.Errorf("docs/%s is not from swagger-ui-dist %s: its SHA-256 is %x", name, version, sum)
		}
	}
	source, err := os.ReadFile("docs.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(source), "swagger-ui-dist "+version) {
		t.Errorf("the comment in docs.go lacks the version %s", version)
	}
}

// TestDocs checks the headers of the page and its files, and that the page refers to these
// files only.
func TestDocs(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), nil)
	page := api.Must(http.StatusOK, "GET", "/docs", "")
	if policy := page.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none';") ||
		strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
		t.Errorf("Content-Security-Policy: %s", policy)
	}
	paths := []string{"/docs"}
	for _, link := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page.Body, -1) {
		if link[1] != "data:," && link[1] != "openapi.json" {
			paths = append(paths, "/"+link[1])
		}
	}
	if len(paths) != 5 || strings.Contains(page.Body, "//") || strings.Contains(page.Body, "<style") ||
		strings.Contains(page.Body, " style=") {
		t.Errorf("the page refers to %q\n%s", paths, page.Body)
	}
	for _, path := range append(paths, "/docs/LICENSE", "/docs/NOTICE", "/docs/swagger-ui-bundle.js.LICENSE.txt") {
		got := api.Must(http.StatusOK, "GET", path, "")
		contentType := "text/plain"
		for suffix, is := range map[string]string{"docs": "text/html", ".js": "text/javascript", ".css": "text/css"} {
			if strings.HasSuffix(path, suffix) {
				contentType = is
			}
		}
		tag := got.Header.Get("ETag")
		if got.Header.Get("Content-Type") != contentType+"; charset=utf-8" ||
			got.Header.Get("X-Content-Type-Options") != "nosniff" || got.Header.Get("Cache-Control") == "" || tag == "" ||
			got.Body == "" {
			t.Errorf("%s: %v", path, got.Header)
		}
		if again := api.Must(http.StatusNotModified, "GET", path, "", "If-None-Match: "+tag); again.Body != "" ||
			again.Header.Get("ETag") != tag {
			t.Errorf("%s again: %v", path, again.Header)
		}
		if head := api.Must(http.StatusOK, "HEAD", path, ""); head.Body != "" || head.Header.Get("ETag") != tag {
			t.Errorf("HEAD %s: %v", path, head.Header)
		}
	}
	for _, path := range []string{"/docs/", "/docs/nothing", "/docs/index.html", "/docs/swagger-ui.css.gz",
		"/docs/..%2Fdocs.go", "/docs/page.js/"} {
		api.Must(http.StatusNotFound, "GET", path, "")
	}
	api.Must(http.StatusMethodNotAllowed, "POST", "/docs", "{}")
}

// TestDocsEncoding checks that compressed files are sent compressed to clients that accept
// gzip, and uncompressed to others.
func TestDocsEncoding(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), nil)
	for accept, compressed := range map[string]bool{
		"gzip": true, "gzip, deflate, br": true, "br, GZIP;q=0.5": true, "*": true, "*;q=0, gzip": true,
		"": false, "br": false, "identity": false, "gzip;q=0": false, "*, gzip;q=0.0": false, "*;q=0": false, "xgzip": false,
	} {
		got := api.Must(http.StatusOK, "GET", "/docs/swagger-ui.css", "", "Accept-Encoding: "+accept)
		if is := got.Header.Get("Content-Encoding") == "gzip"; is != compressed ||
			got.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %v", accept, got.Header)
		}
		text := got.Body
		if compressed {
			r, err := gzip.NewReader(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			plain, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			text = string(plain)
		}
		if len(text) < 100_000 || !strings.Contains(text, ".swagger-ui") {
			t.Errorf("%q: %d bytes that are not a style sheet", accept, len(text))
		}
	}
	// The ETags differ, so that a cache does not mix both forms.
	plain := api.Do("GET", "/docs/swagger-ui.css", "").Header.Get("ETag")
	if packed := api.Do("GET", "/docs/swagger-ui.css", "", "Accept-Encoding: gzip").Header.Get("ETag"); packed == plain {
		t.Errorf("both forms have the ETag %s", plain)
	}
}
