package gateway

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
)

// accessor makes the http.Request. What is left for it, the method and the body, is the same for every kind of event,
// and of the library's accessors the load balancer's alone does not take its host from the variable GO_API_HOST.
var accessor core.RequestAccessorALB

// refusal is an event that came from a client but makes no HTTP request. Its text is for the client.
type refusal string

func (r refusal) Error() string { return string(r) }

// request returns the event as the http.Request that net/http would have made of it, with a context that descends
// from ctx and knows f. The header is taken over. The error is a refusal when the client is to be told.
func (e *event) request(ctx context.Context, header http.Header, f facts) (*http.Request, error) {
	method := e.method()
	if !isToken(method) {
		return nil, refusal("The request's method is not one of HTTP's.")
	}
	body := e.Body
	if e.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil, refusal("The request's body is not the base64 that it is said to be.")
		}
		body = string(decoded)
	}
	// A harmless path: the library would parse the event's own as part of a URL.
	r, err := accessor.EventToRequest(events.ALBTargetGroupRequest{HTTPMethod: method, Path: "/", Body: body})
	if err != nil {
		return nil, fmt.Errorf("converting the event: %w", err)
	}
	r = r.WithContext(context.WithValue(ctx, factsKey{}, f))

	r.Header = header
	r.Host = e.RequestContext.DomainName
	if host := header.Get("Host"); host != "" {
		r.Host = host
	}
	header.Del("Host") // net/http keeps it in r.Host alone
	if r.ContentLength > 0 || header.Get("Content-Length") != "" {
		header.Set("Content-Length", strconv.FormatInt(r.ContentLength, 10))
	}
	if ip := e.sourceIP(header); ip != "" {
		r.RemoteAddr = net.JoinHostPort(ip, "0")
	}

	r.URL = &url.URL{Scheme: "https", Host: r.Host, RawQuery: e.rawQuery()}
	setPath(r.URL, f.route, e.pathEncoded())
	r.RequestURI = r.URL.RequestURI()
	return r, nil
}

// header returns the event's headers, each value as the gateway gave it. Payload 2.0 has its cookies apart.
func (e *event) header() http.Header {
	h := make(http.Header, max(len(e.Headers), len(e.MultiValueHeaders))+1)
	if len(e.MultiValueHeaders) > 0 {
		for _, name := range slices.Sorted(maps.Keys(e.MultiValueHeaders)) {
			for _, value := range e.MultiValueHeaders[name] {
				h.Add(name, value)
			}
		}
	} else {
		for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
			h.Add(name, e.Headers[name])
		}
	}
	if len(e.Cookies) > 0 {
		h.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	if e.kind == restAPI {
		// A REST API passes what is binary on in base64, unless its settings name the type: nothing is compressed
		// for it. https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
		h.Del("Accept-Encoding")
	}
	return h
}

// rawQuery returns the query as a client could have sent it. Payload 2.0 has it as it was sent. API Gateway decodes
// the parameters of payload 1.0, which are encoded again; a load balancer does not, and they stay as they are. The
// order among parameters of different names is lost in both, so they are put in the order of their names.
func (e *event) rawQuery() string {
	if e.RawQueryString != "" {
		return e.RawQueryString
	}
	values := url.Values(e.MultiValueQuery)
	if len(values) == 0 {
		if len(e.Query) == 0 {
			return ""
		}
		values = make(url.Values, len(e.Query))
		for name, value := range e.Query {
			values.Set(name, value)
		}
	}
	if e.kind != loadBalancer {
		return values.Encode()
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			pairs = append(pairs, name+"="+value)
		}
	}
	return strings.Join(pairs, "&")
}

// isToken tells whether s is a token of RFC 9110, section 5.6.2, which is all a method has to be.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}
