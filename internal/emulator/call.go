package emulator

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// domain is the name that the API goes by, as if it were a custom domain.
const domain = "localhost"

// timeLayout is how both kinds of API write the time of a request: the one of the Common Log Format.
const timeLayout = "02/Jan/2006:15:04:05 -0700"

// call is one request as the gateway sees it.
type call struct {
	r       *http.Request
	at      time.Time
	short   string // what an HTTP API calls the request; a REST API has it as the extended id
	long    string // what a REST API calls it
	ip      string
	header  http.Header // what reaches the function
	encoded string      // the path as it was sent, without the stage
	path    string      // the same, decoded
	stage   string
	routed  bool // whether there is a route for the path
	body    []byte
	claims  map[string]any // nil where nobody was asked
}

// newCall looks at all of a request but its body.
func newCall(r *http.Request, stage string) *call {
	c := &call{r: r, at: time.Now().UTC(), short: shortID(), long: uuid(), stage: stage}
	c.ip, _, _ = net.SplitHostPort(r.RemoteAddr)
	c.path, c.encoded = r.URL.Path, r.URL.EscapedPath()
	if sent, _, _ := strings.Cut(r.RequestURI, "?"); strings.HasPrefix(sent, "/") {
		c.encoded = sent // before net/url had its way
	}
	c.routed = strings.HasPrefix(c.path, "/")
	if stage != "" && c.routed {
		c.path, c.routed = cutStage(c.path, stage)
		c.encoded, _ = cutStage(c.encoded, stage)
	}
	c.header = passedOn(r.Header)
	c.header.Set("Host", r.Host)
	c.header.Set("X-Forwarded-For", strings.Join(append(slices.Clone(r.Header["X-Forwarded-For"]), c.ip), ", "))
	// The gateway is reached over HTTPS alone, and so its functions never see another.
	c.header.Set("X-Forwarded-Proto", "https")
	c.header.Set("X-Forwarded-Port", "443")
	if c.header.Get("X-Amzn-Trace-Id") == "" {
		c.header.Set("X-Amzn-Trace-Id", traceID())
	}
	return c
}

// cutStage takes the stage off a path.
func cutStage(path, stage string) (string, bool) {
	rest, found := strings.CutPrefix(path, "/"+stage)
	if rest == "" {
		rest = "/"
	}
	return rest, found && rest[0] == '/'
}

// hopByHop are the headers that are for the gateway alone (RFC 9110, section 7.6.1), in both directions.
var hopByHop = []string{"Connection", "Expect", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
	"Proxy-Connection",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// passedOn returns the headers without those that are for the gateway.
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

// route returns the route that the path takes, and what its parameter matched: all but the slashes at both ends.
func route(path string) (template string, parameters map[string]string) {
	if path == "/" {
		return "/", nil
	}
	if rest := strings.TrimSuffix(path[1:], "/"); rest != "" {
		parameters = map[string]string{"proxy": rest}
	}
	return "/{proxy+}", parameters
}

// headerSize returns the bytes that count for the limit: the request line, and the values of the headers.
func headerSize(r *http.Request) int {
	size := len(r.Method) + len(r.RequestURI) + len(r.Proto) + 2 + len(r.Host)
	for _, values := range r.Header {
		for _, value := range values {
			size += len(value)
		}
	}
	return size
}

// parameter is one of a query's, decoded.
type parameter struct{ name, value string }

// parameters reads a query. It is parted where part says. What cannot be decoded is taken as it stands.
func parameters(query string, part func(rune) bool) []parameter {
	var all []parameter
	for pair := range strings.FieldsFuncSeq(query, part) {
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
