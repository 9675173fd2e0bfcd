package emulator

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// domain is the domain name of the API in events, as if it were a custom domain.
const domain = "localhost"

// timeLayout is the format of the request time in events: that of the Common Log Format.
const timeLayout = "02/Jan/2006:15:04:05 -0700"

// call is one request to the gateway.
type call struct {
	r       *http.Request
	at      time.Time
	short   string // request ID of an HTTP API, extended request ID of a REST API
	long    string // request ID of a REST API
	ip      string
	header  http.Header // the headers for the function
	encoded string      // the path as the client sent it, without the stage
	path    string      // the decoded path, without the stage
	stage   string
	routed  bool // whether the path has a route
	body    []byte
	claims  map[string]any // nil without an authorizer
}

// newCall returns the call for a request, without its body.
func newCall(r *http.Request, stage string) *call {
	c := &call{r: r, at: time.Now().UTC(), short: shortID(), long: uuid(), stage: stage}
	c.ip, _, _ = net.SplitHostPort(r.RemoteAddr)
	c.path, c.encoded = r.URL.Path, r.URL.EscapedPath()
	if sent, _, _ := strings.Cut(r.RequestURI, "?"); strings.HasPrefix(sent, "/") {
		c.encoded = sent // not normalized by net/url
	}
	c.routed = strings.HasPrefix(c.path, "/")
	if stage != "" && c.routed {
		c.path, c.routed = cutStage(c.path, stage)
		c.encoded, _ = cutStage(c.encoded, stage)
	}
	c.header = passedOn(r.Header)
	c.header.Set("Host", r.Host)
	c.header.Set("X-Forwarded-For", strings.Join(append(slices.Clone(r.Header["X-Forwarded-For"]), c.ip), ", "))
	// API Gateway supports HTTPS only.
	c.header.Set("X-Forwarded-Proto", "https")
	c.header.Set("X-Forwarded-Port", "443")
	if c.header.Get("X-Amzn-Trace-Id") == "" {
		c.header.Set("X-Amzn-Trace-Id", traceID())
	}
	return c
}

// cutStage removes the stage from a path, and reports whether the path has the stage.
func cutStage(path, stage string) (string, bool) {
	rest, found := strings.CutPrefix(path, "/"+stage)
	if rest == "" {
		rest = "/"
	}
	return rest, found && rest[0] == '/'
}

// hopByHop are the headers that the gateway removes in both directions (RFC 9110, section 7.6.1).
var hopByHop = []string{"Connection", "Expect", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
	"Proxy-Connection",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// passedOn returns the headers without the hop-by-hop headers.
func passedOn(all http.Header) http.Header {
	h := all.Clone()
	for _, list := range all["Connection"] {
		for name := range strings.SplitSeq(list, ",") {
			h.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range hopByHop {
		h.Del(name)
	}
	return h
}

// route returns the route for the path, and its parameter: the path without the slashes at both ends.
func route(path string) (template string, parameters map[string]string) {
	if path == "/" {
		return "/", nil
	}
	if rest := strings.TrimSuffix(path[1:], "/"); rest != "" {
		parameters = map[string]string{"proxy": rest}
	}
	return "/{proxy+}", parameters
}

// headerSize returns the number of bytes for the limit: the request line and the values of the headers.
func headerSize(r *http.Request) int {
	size := len(r.Method) + len(r.RequestURI) + len(r.Proto) + 2 + len(r.Host)
	for _, values := range r.Header {
		for _, value := range values {
			size += len(value)
		}
	}
	return size
}

// parameter is one decoded parameter of a query.
type parameter struct{ name, value string }

// parameters parses a query with the given separators. Values that cannot be decoded stay unchanged.
func parameters(query string, separator func(rune) bool) []parameter {
	var all []parameter
	for pair := range strings.FieldsFuncSeq(query, separator) {
		name, value, _ := strings.Cut(pair, "=")
		all = append(all, parameter{decoded(name), decoded(value)})
	}
	return all
}

func decoded(s string) string {
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	return s
}
