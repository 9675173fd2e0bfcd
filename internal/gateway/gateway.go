// Package gateway stands between AWS Lambda's events and an [http.Handler]. It takes whatever the function is behind
// (an API Gateway HTTP API with payload 2.0 or 1.0, a REST API, a function URL, an Application Load Balancer), tells
// them apart by the JSON itself, and answers each in its own shape. It may import no other package: it does not know
// what the handler is, and the handler learns of it only by [BasePath], [RequestID], [TraceID] and [Authorized].
//
// The conversion goes through the core package of aws-lambda-go-api-proxy. Its faults (version 0.16.2) are mended here
// and only here.
//
// Of the request:
//   - the remote address has no port, and behind a load balancer there is none at all;
//   - headers are split at their commas, so that an ETag, a date or a key arrives in pieces;
//   - the path is parsed as part of a URL: a '%' fails the invocation, a '?' starts a query, a "%2F" another segment;
//   - an escaped query from a load balancer is escaped once more, and that of a REST API comes in random order;
//   - stages and base paths stay in front of the path;
//   - several cookies become several Cookie headers (RFC 9113, section 8.2.3, joins them with "; ");
//   - the Host header is ignored, an empty method becomes GET, and the context of the invocation is lost;
//   - what cannot be converted is a function error, which a client sees as 502;
//   - a REST API is let to ask for compressed answers, which it cannot pass on.
//
// Of the response:
//   - a handler that writes nothing is an error, where net/http answers 200;
//   - the last status wins instead of the first, and headers may change after it;
//   - an empty write makes a 204 "text/plain", and a Content-Type that was taken out on purpose is guessed again;
//   - HEAD, 204 and 304 keep a body, and an answer of 1xx ends the response;
//   - a load balancer is told "OK" where it wants "200 OK", and always gets multi-value headers, which it ignores
//     unless its target group asks for them;
//   - only the writer of payload 1.0 can flush;
//   - '<', '>' and '&' are written with six bytes each, and nothing watches the size limit.
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

// ErrUnsupportedEvent is what [Handler.Invoke] returns for an event that is none of those in the package comment: a
// schedule, a queue, a WebSocket, an authorizer, or no JSON at all. It carries nothing of the event.
var ErrUnsupportedEvent = errors.New("gateway: this event is none that the function can answer: " +
	"an API Gateway HTTP API (payload 2.0 or 1.0), an API Gateway REST API, " +
	"a Lambda function URL or an Application Load Balancer")

// Handler answers Lambda events with an http.Handler. It is a lambda.Handler of aws-lambda-go, holds no state of its
// own, and may be used by many goroutines at once.
type Handler struct {
	handler http.Handler
}

// New returns a Handler that answers every event with h: lambda.Start(gateway.New(h)).
func New(h http.Handler) *Handler {
	return &Handler{handler: h}
}

// Invoke turns the event in payload into a request, lets the handler answer it, and gives the answer in the shape
// that the sender of the event takes. The request's context descends from ctx, so that the deadline of the invocation
// reaches the handler.
//
// An event that came from a client always gets an answer: 400 when its method or its body is malformed or when the
// answer is too big for Lambda, 500 when the handler panics, all as RFC 9457 problems. The only error for a caller to
// meet is [ErrUnsupportedEvent].
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
		return e.answer(problem(e.method(), http.StatusBadRequest, refused.Error(), f.requestID, nil))
	}
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}

	w := serve(g.handler, r, f.requestID)
	out, err := e.answer(w)
	if err != nil || len(out) <= e.limit() {
		return out, err
	}
	slog.WarnContext(ctx, "answer too big", "gateway_request_id", f.requestID, "method", r.Method,
		"status", w.status, "bytes", len(out), "limit", e.limit())
	return e.answer(problem(r.Method, http.StatusBadRequest, e.tooBig(r.Method, w.status), f.requestID, w.header))
}

// serve lets h answer r. A panic that nothing else has recovered becomes a 500, so that the client gets an answer and
// the sandbox lives on; what was written before it is thrown away.
func serve(h http.Handler, r *http.Request, requestID string) (w *recorder) {
	w = newRecorder(r.Method)
	defer func() {
		if cause := recover(); cause != nil {
			slog.ErrorContext(r.Context(), "panic", "gateway_request_id", requestID, "method", r.Method,
				"path", r.URL.Path, "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			w = problem(r.Method, http.StatusInternalServerError, "The server failed to answer this request.",
				requestID, w.live)
		}
	}()
	h.ServeHTTP(w, r)
	w.finish()
	return w
}

// facts are what the gateway knows of a request and an http.Request has no place for.
type facts struct {
	base      string // BasePath
	route     string // the path without it, as the gateway wrote it
	requestID string // RequestID

	authorizer authorizer // Authorized
}

type factsKey struct{}

var aTraceID = regexp.MustCompile("^1-[0-9a-f]{8}-[0-9a-f]{24}$")

// TraceID returns the trace that X-Ray has this invocation in, such as
// "1-5759e988-bd862e3fe1be46a994272793", or "" where there is none. It reads what
// aws-lambda-go puts into the context of an invocation.
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

// BasePath returns what stood in front of the path that the handler sees: an API's stage ("/dev"), a custom domain's
// base path ("/v1"), both, or nothing. It begins with a slash, does not end with one, is percent-encoded as RFC 3986
// wants it, and belongs in front of every path that a client is to follow. Without a gateway it is "".
func BasePath(ctx context.Context) string {
	f, _ := ctx.Value(factsKey{}).(facts)
	return f.base
}

// RequestID returns the name under which the gateway logs this request: API Gateway's and the function URL's
// requestContext.requestId, or the load balancer's X-Amzn-Trace-Id; failing these Lambda's own id of the invocation.
// Without a gateway it is "".
func RequestID(ctx context.Context) string {
	f, _ := ctx.Value(factsKey{}).(facts)
	return f.requestID
}
