package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/awslabs/aws-lambda-go-api-proxy/core"
)

// What an answer may weigh, as the JSON that leaves the function.
const (
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html says 6 MB; the error that Lambda answers
	// with names these bytes.
	lambdaLimit = 6_291_556
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
	loadBalancerLimit = 1 << 20
)

// limit returns the bytes that an answer to this event may have.
func (e *event) limit() int {
	if e.kind == loadBalancer {
		return loadBalancerLimit
	}
	return lambdaLimit
}

// tooBig says what to ask for instead of an answer over the limit. Whoever wrote has to know that it was done.
func (e *event) tooBig(method string, status int) string {
	whose := "Lambda's 6 MB"
	if e.kind == loadBalancer {
		whose = "the load balancer's 1 MB"
	}
	detail := "The answer would pass " + whose +
		": ask for fewer rows (per_page) or fewer members (fields)."
	if method != http.MethodGet && method != http.MethodHead && status < 300 {
		detail += " The request itself was carried out; only its answer could not be sent."
	}
	return detail
}

// answer is the union of the answers that the kinds of events take. Members that a kind does not know are left out.
type answer struct {
	StatusCode        int                 `json:"statusCode"`
	StatusDescription string              `json:"statusDescription,omitempty"`
	Headers           map[string]string   `json:"headers,omitempty"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders,omitempty"`
	Cookies           []string            `json:"cookies,omitempty"`
	Body              string              `json:"body"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

// answer returns what was recorded as the JSON for the sender of the event. The library's writers sort the headers by
// shape and encode a body in base64 if it is no valid UTF-8.
func (e *event) answer(w *recorder) ([]byte, error) {
	a := answer{StatusCode: w.status}
	switch e.kind {
	case httpAPI, functionURL:
		to := core.NewProxyResponseWriterV2()
		w.replay(to)
		out, err := to.GetProxyResponse()
		if err != nil {
			return nil, fmt.Errorf("gateway: %w", err)
		}
		a.Headers, a.Cookies, a.Body, a.IsBase64Encoded = out.Headers, out.Cookies, out.Body, out.IsBase64Encoded
	case httpAPIv1, restAPI:
		to := core.NewProxyResponseWriter()
		w.replay(to)
		out, err := to.GetProxyResponse()
		if err != nil {
			return nil, fmt.Errorf("gateway: %w", err)
		}
		a.MultiValueHeaders, a.Body, a.IsBase64Encoded = out.MultiValueHeaders, out.Body, out.IsBase64Encoded
	case loadBalancer:
		to := core.NewProxyResponseWriterALB()
		w.replay(to)
		out, err := to.GetProxyResponse()
		if err != nil {
			return nil, fmt.Errorf("gateway: %w", err)
		}
		a.MultiValueHeaders, a.Body, a.IsBase64Encoded = out.MultiValueHeaders, out.Body, out.IsBase64Encoded
		a.StatusDescription = strings.TrimSpace(fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)))
	}
	if a.MultiValueHeaders != nil && e.MultiValueHeaders == nil {
		a.Headers, a.MultiValueHeaders = singleValues(a.MultiValueHeaders), nil
	}

	var out bytes.Buffer
	out.Grow(len(a.Body) + len(a.Body)/8 + 512)
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(a); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// replay writes what was recorded to one of the library's writers. The headers go last: the library guesses a type.
func (w *recorder) replay(to http.ResponseWriter) {
	to.WriteHeader(w.status)
	if w.body.Len() > 0 {
		_, _ = to.Write(w.body.Bytes()) // into memory
	}
	clear(to.Header())
	maps.Copy(to.Header(), w.header)
}

// singleValues returns headers one value each, for an event that came without multi-value headers. Values are joined
// with commas, which is what a header given several times means (RFC 9110, section 5.3). Set-Cookie alone may not be
// joined (RFC 6265, section 3); its further values go under the same name in another mixture of cases, which is
// another member of the JSON and the same header to a client.
func singleValues(multi map[string][]string) map[string]string {
	single := make(map[string]string, len(multi))
	for name, values := range multi {
		if http.CanonicalHeaderKey(name) != "Set-Cookie" {
			single[name] = strings.Join(values, ",")
		}
	}
	for i, value := range multi["Set-Cookie"] {
		single[setCookie(i)] = value
	}
	return single
}

// setCookie returns the i-th way to write Set-Cookie: the bits of i turn the case of its letters. There are 512.
func setCookie(i int) string {
	name := []byte("Set-Cookie")
	for n := len(name) - 1; n >= 0 && i > 0; n-- {
		if name[n] != '-' {
			name[n] ^= byte(i&1) << 5
			i >>= 1
		}
	}
	return string(name)
}
