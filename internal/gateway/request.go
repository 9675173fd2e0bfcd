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

// accessor creates the http.Request with the method and the body, which are the same for every source. The other
// accessors of the library read the host from the environment variable GO_API_HOST.
var accessor core.RequestAccessorALB

// refusal is the error for an event that is not a valid HTTP request. Its text is for the client.
type refusal string

func (r refusal) Error() string { return string(r) }

// request converts the event to the http.Request that net/http would create. Its context is derived from ctx and
// contains f. It uses header without a copy. The error is a refusal if the request is invalid.
func (e *event) request(ctx context.Context, header http.Header, f facts) (*http.Request, error) {
	method := e.method()
	if !isToken(method) {
		return nil, refusal("The method of the request is not a valid HTTP method.")
	}
	body := e.Body
	if e.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil, refusal("The body of the request is not valid base64.")
		}
		body = string(decoded)
	}
	// A constant path, because the library parses the path of the event as part of a URL.
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
	header.Del("Host") // as in net/http
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

// header returns the event's headers with unchanged values, and the cookies of payload 2.0 as Cookie.
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
		// By default, a REST API sends a binary response to the client in base64, so responses must not be compressed.
		// https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
		h.Del("Accept-Encoding")
	}
	return h
}

// rawQuery returns the query in encoded form. Payload 2.0 contains it as the client sent it. API Gateway decodes the
// parameters of payload 1.0, so they are encoded again; a load balancer does not decode them. Both lose the order of
// parameters with different names, so they are sorted by name.
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

// isToken reports whether s is a token (RFC 9110, section 5.6.2), as a method must be.
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
