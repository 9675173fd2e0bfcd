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

// Limits for the JSON of a response, in bytes.
const (
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html says 6 MB; Lambda's error message has this
	// number.
	lambdaLimit = 6_291_556
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
	loadBalancerLimit = 1 << 20
)

// limit returns the maximum size of a response to this event, in bytes.
func (e *event) limit() int {
	if e.kind == loadBalancer {
		return loadBalancerLimit
	}
	return lambdaLimit
}

// tooLarge returns the detail of the problem for a response over the limit. After a write, it tells the client that the
// write was successful.
func (e *event) tooLarge(method string, status int) string {
	limit := "Lambda's limit of 6 MB"
	if e.kind == loadBalancer {
		limit = "the load balancer's limit of 1 MB"
	}
	detail := "The response exceeds " + limit +
		": request fewer rows (per_page) or fewer members (fields)."
	if method != http.MethodGet && method != http.MethodHead && status < 300 {
		detail += " The request was successful; only its response could not be sent."
	}
	return detail
}

// response has the members of all response formats. Members that a format does not have are omitted.
type response struct {
	StatusCode        int                 `json:"statusCode"`
	StatusDescription string              `json:"statusDescription,omitempty"`
	Headers           map[string]string   `json:"headers,omitempty"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders,omitempty"`
	Cookies           []string            `json:"cookies,omitempty"`
	Body              string              `json:"body"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

// response returns the recorded response as JSON in the format of the event's source. The writers of the library
// convert the headers, and encode a body in base64 if it is not valid UTF-8.
func (e *event) response(w *recorder) ([]byte, error) {
	a := response{StatusCode: w.status}
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

// replay writes the recorded response to a writer of the library. It sets the headers last, because the library guesses
// a Content-Type.
func (w *recorder) replay(to http.ResponseWriter) {
	to.WriteHeader(w.status)
	if w.body.Len() > 0 {
		_, _ = to.Write(w.body.Bytes()) // to memory
	}
	clear(to.Header())
	maps.Copy(to.Header(), w.header)
}

// singleValues returns headers with one value each, for an event without multi-value headers. It joins values with
// commas (RFC 9110, section 5.3). Only Set-Cookie must not be joined (RFC 6265, section 3): its further values have the
// same name in another case, which is another member of the JSON and the same header for a client.
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

// setCookie returns the i-th spelling of Set-Cookie: the bits of i change the case of its letters. There are 512.
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
