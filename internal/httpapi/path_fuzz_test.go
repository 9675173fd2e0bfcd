package httpapi

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func TestNormalPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/notes/1":             "/notes/1",
		"/n%6Ftes/%31":         "/notes/1",
		"/%2d%2e%5f%7e%41%7a":  "/-._~Az",
		"/a%2fb%2Fc":           "/a%2Fb%2Fc",
		"/%c3%a9":              "/%C3%A9",
		"/%256F":               "/%256F", // decoded once
		"/100%":                "/100%",
		"/%4":                  "/%4",
		"/%zz%6":               "/%zz%6",
		"/%%36F":               "/%6F", // the first % is not an encoding
		"/%21%24%26%27%3a%40+": "/%21%24%26%27%3A%40+",
	} {
		if got := normalPath(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

var letter = regexp.MustCompile("%[0-9A-Fa-f]{2}|[o1~]")

// FuzzNormalPath checks that the normal path is equivalent, and the same for all equivalent
// paths.
func FuzzNormalPath(f *testing.F) {
	for _, path := range []string{"/n%6Ftes/1", "/a%2fb", "/%c3%A9/%2e%2E", "/%25%36%46", "/a b\"+%2B", "//x%3f;"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.ParseRequestURI("/" + path)
		if err != nil || u.Host != "" || u.EscapedPath() == "" {
			return // net/http refuses it
		}
		var got *url.URL
		see := normalPaths{http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL })}
		serve := func(raw string) {
			decoded, err := url.PathUnescape(raw)
			if err != nil {
				t.Fatal(err)
			}
			r := &http.Request{URL: &url.URL{Path: decoded, RawPath: raw}}
			see.ServeHTTP(httptest.NewRecorder(), r)
			if got.Path != decoded {
				t.Fatalf("%q: decoded path %q", raw, got.Path)
			}
		}
		sent := u.EscapedPath()
		serve(sent)
		normal, escaped := normalPath(sent), got.EscapedPath()
		if escaped != normal && got.RawPath != "" {
			t.Fatalf("%q: %q, want %q", sent, escaped, normal)
		}
		if again := normalPath(normal); again != normal {
			t.Fatalf("%q: %q, then %q", sent, normal, again)
		}
		if strings.Count(strings.ToUpper(sent), "%2F") != strings.Count(normal, "%2F") {
			t.Fatalf("%q: %q has other segments", sent, normal)
		}
		// The same path with encodings in lower case and with encoded letters.
		other := letter.ReplaceAllStringFunc(sent, func(s string) string {
			if len(s) == 1 {
				return fmt.Sprintf("%%%02x", s[0])
			}
			return strings.ToLower(s)
		})
		serve(other)
		if got.EscapedPath() != escaped {
			t.Fatalf("%q and %q: %q and %q", sent, other, escaped, got.EscapedPath())
		}
	})
}
