// Package gateway converts AWS Lambda events to requests for an [http.Handler], and its responses to the format of the
// event's source. It supports API Gateway HTTP APIs (payload 2.0 and 1.0), REST APIs, function URLs, and Application
// Load Balancers, and detects the source from the event. It may not import other packages of slipway. The handler reads
// what the gateway knows of a request with [BasePath], [RequestID], [TraceID], and [Authorized].
//
// It uses the core package of aws-lambda-go-api-proxy and corrects the errors of that library (version 0.16.2).
//
// Errors of the library in requests:
//   - the remote address has no port, and it is missing behind a load balancer;
//   - headers are split at commas, which breaks ETags, dates, and keys;
//   - the path is parsed as part of a URL: '%' fails the invocation, '?' starts a query, "%2F" starts a segment;
//   - an escaped query from a load balancer is escaped again, and that of a REST API has a random order;
//   - stages and base paths stay in the path;
//   - several cookies become several Cookie headers (RFC 9113, section 8.2.3, joins them with "; ");
//   - the Host header is ignored, an empty method becomes GET, and the context of the invocation is lost;
//   - an event that cannot be converted is a function error, which a client sees as 502;
//   - a REST API keeps Accept-Encoding, although it cannot pass on compressed responses.
//
// Errors of the library in responses:
//   - a handler that writes nothing is an error, but net/http returns 200;
//   - the last status is used instead of the first, and headers may change after it;
//   - an empty write makes a 204 "text/plain", and a Content-Type that the handler removed is guessed again;
//   - HEAD, 204, and 304 keep a body, and a status of 1xx ends the response;
//   - a load balancer gets "OK" instead of "200 OK", and always gets multi-value headers, which it ignores unless its
//     target group has them turned on;
//   - only the writer of payload 1.0 can flush;
//   - '<', '>' and '&' are written with six bytes each, and the size limit is not checked.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
)

// ErrUnsupportedEvent is the error of [Handler.Invoke] for an event from another source: a schedule, a queue, a
// WebSocket, an authorizer, or invalid JSON. It contains no part of the event.
var ErrUnsupportedEvent = errors.New("gateway: unsupported event: the function accepts events of " +
	"an API Gateway HTTP API (payload 2.0 or 1.0), an API Gateway REST API, " +
	"a Lambda function URL, or an Application Load Balancer")

// Handler handles Lambda events with an http.Handler. It implements lambda.Handler of aws-lambda-go. It has no state
// and is safe for concurrent use.
type Handler struct {
	handler http.Handler
}

// New returns a Handler that handles every event with h. Use it as lambda.Start(gateway.New(h)).
func New(h http.Handler) *Handler {
	return &Handler{handler: h}
}

// Invoke converts the event in payload to a request, calls the handler, and returns the response in the format of the
// event's source. The context of the request is derived from ctx, so the handler sees the deadline of the invocation.
//
// Errors of a request are problem responses (RFC 9457): 400 if the method or the body is malformed, or if the response
// is too large for Lambda, and 500 if the handler panics. The only error that Invoke returns is [ErrUnsupportedEvent].
func (g *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	e, err := parseEvent(payload)
	if err != nil {
		return nil, err
	}
	header := e.header()
	f := e.facts(ctx, header)
	r, err := e.request(ctx, header, f)
	if refused, ok := errors.AsType[refusal](err); ok {
		slog.WarnContext(ctx, "request refused", "gateway_request_id", f.requestID, "reason", refused.Error())
		return e.response(problem(e.method(), http.StatusBadRequest, refused.Error(), f.requestID, nil))
	}
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}

	w := serve(g.handler, r, f.requestID)
	out, err := e.response(w)
	if err != nil || len(out) <= e.limit() {
		return out, err
	}
	slog.WarnContext(ctx, "response too large", "gateway_request_id", f.requestID, "method", r.Method,
		"status", w.status, "bytes", len(out), "limit", e.limit())
	return e.response(problem(r.Method, http.StatusBadRequest, e.tooLarge(r.Method, w.status), f.requestID, w.header))
}

// serve calls h with r. It recovers a panic and returns a 500 response, so that the client gets a response and the
// sandbox survives. It discards what h wrote before the panic.
func serve(h http.Handler, r *http.Request, requestID string) (w *recorder) {
	w = newRecorder(r.Method)
	defer func() {
		if cause := recover(); cause != nil {
			slog.ErrorContext(r.Context(), "panic", "gateway_request_id", requestID, "method", r.Method,
				"path", r.URL.Path, "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			w = problem(r.Method, http.StatusInternalServerError, "The server failed to handle this request.",
				requestID, w.live)
		}
	}()
	h.ServeHTTP(w, r)
	w.finish()
	return w
}

// facts are properties of a request that an http.Request has no field for.
type facts struct {
	base      string // BasePath
	route     string // the path without the base path, as in the event
	requestID string // RequestID

	authorizer authorizer // Authorized
}

type factsKey struct{}

var aTraceID = regexp.MustCompile("^1-[0-9a-f]{8}-[0-9a-f]{24}$")

// TraceID returns the X-Ray trace ID of this invocation, such as "1-5759e988-bd862e3fe1be46a994272793", or "" if there
// is none. It reads the value that aws-lambda-go sets in the context of an invocation.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
func TraceID(ctx context.Context) string {
	header, _ := ctx.Value("x-amzn-trace-id").(string)
	for part := range strings.SplitSeq(header, ";") {
		if root, ok := strings.CutPrefix(strings.TrimSpace(part), "Root="); ok && aTraceID.MatchString(root) {
			return root
		}
	}
	return ""
}

// BasePath returns the part of the path that the handler does not see: an API's stage ("/dev"), a custom domain's base
// path ("/v1"), both, or "". It begins with a slash, does not end with one, and is percent-encoded (RFC 3986). Put it
// before every path in a response. Without a gateway it is "".
func BasePath(ctx context.Context) string {
	f, _ := ctx.Value(factsKey{}).(facts)
	return f.base
}

// RequestID returns the ID of this request in the log of the gateway: requestContext.requestId of API Gateway and
// function URLs, or X-Amzn-Trace-Id of a load balancer. If both are missing, it is Lambda's request ID. Without a
// gateway it is "".
func RequestID(ctx context.Context) string {
	f, _ := ctx.Value(factsKey{}).(facts)
	return f.requestID
}
