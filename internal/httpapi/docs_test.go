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
	page := api.must(http.StatusOK, "GET", "/docs", "")
	if policy := page.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none';") ||
		strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
		t.Errorf("Content-Security-Policy: %s", policy)
	}
	paths := []string{"/docs"}
	for _, link := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page.body, -1) {
		if link[1] != "data:," && link[1] != "openapi.json" {
			paths = append(paths, "/"+link[1])
		}
	}
	if len(paths) != 5 || strings.Contains(page.body, "//") || strings.Contains(page.body, "<style") ||
		strings.Contains(page.body, " style=") {
		t.Errorf("the page refers to %q\n%s", paths, page.body)
	}
	for _, path := range append(paths, "/docs/LICENSE", "/docs/NOTICE", "/docs/swagger-ui-bundle.js.LICENSE.txt") {
		got := api.must(http.StatusOK, "GET", path, "")
		contentType := "text/plain"
		for suffix, is := range map[string]string{"docs": "text/html", ".js": "text/javascript", ".css": "text/css"} {
			if strings.HasSuffix(path, suffix) {
				contentType = is
			}
		}
		tag := got.header.Get("ETag")
		if got.header.Get("Content-Type") != contentType+"; charset=utf-8" ||
			got.header.Get("X-Content-Type-Options") != "nosniff" || got.header.Get("Cache-Control") == "" || tag == "" ||
			got.body == "" {
			t.Errorf("%s: %v", path, got.header)
		}
		if again := api.must(http.StatusNotModified, "GET", path, "", "If-None-Match: "+tag); again.body != "" ||
			again.header.Get("ETag") != tag {
			t.Errorf("%s again: %v", path, again.header)
		}
		if head := api.must(http.StatusOK, "HEAD", path, ""); head.body != "" || head.header.Get("ETag") != tag {
			t.Errorf("HEAD %s: %v", path, head.header)
		}
	}
	for _, path := range []string{"/docs/", "/docs/nothing", "/docs/index.html", "/docs/swagger-ui.css.gz",
		"/docs/..%2Fdocs.go", "/docs/page.js/"} {
		api.must(http.StatusNotFound, "GET", path, "")
	}
	api.must(http.StatusMethodNotAllowed, "POST", "/docs", "{}")
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
		got := api.must(http.StatusOK, "GET", "/docs/swagger-ui.css", "", "Accept-Encoding: "+accept)
		if is := got.header.Get("Content-Encoding") == "gzip"; is != compressed ||
			got.header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %v", accept, got.header)
		}
		text := got.body
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
	plain := api.do("GET", "/docs/swagger-ui.css", "").header.Get("ETag")
	if packed := api.do("GET", "/docs/swagger-ui.css", "", "Accept-Encoding: gzip").header.Get("ETag"); packed == plain {
		t.Errorf("both forms have the ETag %s", plain)
	}
}
