package httpapi

import (
	"net/http"
	"net/url"
	"strings"
)

// normalPaths is a handler that normalizes the path of a request with [normalPath], so
// that equivalent paths (RFC 3986) reach the same route.
type normalPaths struct{ next http.Handler }

func (h normalPaths) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// net/url sets RawPath only if the default encoding of Path differs from it.
	if r.URL.RawPath == "" {
		h.next.ServeHTTP(w, r)
		return
	}
	u := *r.URL
	if u.RawPath = normalPath(u.RawPath); u.RawPath == (&url.URL{Path: u.Path}).EscapedPath() {
		u.RawPath = ""
	}
	u.RawPath = asInRoutes(u.RawPath)
	normal := *r
	normal.URL = &u
	h.next.ServeHTTP(w, &normal)
}

// normalPath normalizes the percent-encodings of an encoded path (RFC 3986, sections 6.2.2.1
// and 6.2.2.2): it decodes unreserved characters and writes the other encodings, such as
// %2F, in upper case. A % without two hexadecimal digits does not change.
func normalPath(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	normal := make([]byte, 0, len(path))
	for i := 0; i < len(path); i++ {
		if path[i] != '%' || i+2 >= len(path) || !isHex(path[i+1]) || !isHex(path[i+2]) {
			normal = append(normal, path[i])
			continue
		}
		if c := unhex(path[i+1])<<4 | unhex(path[i+2]); isUnreserved(c) {
			normal = append(normal, c)
		} else {
			normal = append(normal, '%', upper(path[i+1]), upper(path[i+2]))
		}
		i += 2
	}
	return string(normal)
}

// asInRoutes decodes what the name of a table in a route may have: blanks, and bytes of letters
// that are not ASCII. It encodes +, which Gin decodes as a blank.
func asInRoutes(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		switch encoded := path[i] == '%' && i+2 < len(path) && isHex(path[i+1]) && isHex(path[i+2]); {
		case path[i] == '+':
			b.WriteString("%2B")
		case encoded && (path[i+1:i+3] == "20" || path[i+1] >= '8'):
			b.WriteByte(unhex(path[i+1])<<4 | unhex(path[i+2]))
			i += 2
		default:
			b.WriteByte(path[i])
		}
	}
	return b.String()
}

// isUnreserved reports whether c is unreserved (RFC 3986, section 2.3).
func isUnreserved(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte("-._~", c) >= 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// unhex returns the value of a hexadecimal digit.
func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return upper(c) - 'A' + 10
}
