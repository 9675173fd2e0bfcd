package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// The gateway's limits are the same for both kinds of API.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
const (
	// headerLimit is the maximum size of the request line and the header values together, in bytes.
	headerLimit = 10240
	// bodyLimit is the maximum size of a body, in bytes.
	bodyLimit = 10 << 20
)

// Front is the gateway of a function. It behaves as API Gateway: as an HTTP API with payload 2.0, or as a REST API
// (payload 1.0) with a custom domain without a base path. Both have the routes ANY / and ANY /{proxy+}.
type Front struct {
	// Authorize is the authorizer. Its claims are added to the event; its error is a 401 response. It is not called for
	// OPTIONS, because browsers send preflight requests without a token. Default: nil, no authorizer.
	Authorize func(*http.Request) (claims map[string]any, err error)
	// Stage is the first segment of each path, without slashes, as in the default URL of an API: "dev" for /dev/notes.
	// Default: "", no stage.
	Stage string
	// Logger logs each error response of the gateway. Default: nil, no log.
	Logger *slog.Logger

	api    api
	invoke func(context.Context, []byte) ([]byte, error)
}

// api is one of the two kinds of API.
type api interface {
	// id returns the ID of a request.
	id(*call) string
	// event returns the event of a request. The error is a *refused.
	event(*call) (any, error)
	// response converts the result of the function to a response.
	response(*call, []byte) (*response, error)
	// refusal returns the error response of the gateway for a fault.
	refusal(*call, fault) *response
	// wait returns the timeout of the gateway for the function.
	wait() time.Duration
}

// response is the response to a client.
type response struct {
	status int
	header http.Header
	body   []byte
}

// fault is an error of the request or of the function.
type fault int

const (
	noRoute fault = iota
	unauthorized
	headersTooLarge
	bodyTooLarge
	eventTooLarge
	badRequest
	functionFailed
	throttled
	timeout
)

// NewFront returns the gateway for the function invoke, such as [Pool.Invoke]. The payload must be "2.0" or "1.0".
func NewFront(payload string, invoke func(ctx context.Context, event []byte) ([]byte, error)) (*Front, error) {
	f := &Front{invoke: invoke}
	switch payload {
	case "2.0":
		f.api = httpAPI{}
	case "1.0":
		f.api = restAPI{}
	default:
		return nil, fmt.Errorf("payload is %q: it must be 2.0 (an HTTP API) or 1.0 (a REST API)", payload)
	}
	return f, nil
}

// ServeHTTP handles one request.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := newCall(r, f.Stage)
	res, err := f.respond(c)
	if fault, ok := errors.AsType[*refused](err); ok {
		if f.Logger != nil {
			f.Logger.WarnContext(r.Context(), "error response of the gateway", "gateway_request_id", f.api.id(c),
				"method", r.Method, "path", r.URL.Path, "cause", err.Error())
		}
		res = f.api.refusal(c, fault.fault)
	}
	res.write(w, r.Method)
}

// refused is the error for a request that gets an error response of the gateway.
type refused struct {
	fault
	cause string
}

func (e *refused) Error() string { return e.cause }

// respond returns the response of the function. The error is a *refused.
func (f *Front) respond(c *call) (*response, error) {
	if size := headerSize(c.r); size > headerLimit {
		return nil,
			&refused{headersTooLarge,
				fmt.Sprintf("the request line and the headers have %d bytes, more than %d", size, headerLimit)}
	}
	if !c.routed {
		return nil, &refused{noRoute, "the path has no route"}
	}
	if f.Authorize != nil && c.r.Method != http.MethodOptions {
		claims, err := f.Authorize(c.r)
		if err != nil {
			return nil, &refused{unauthorized, err.Error()}
		}
		c.claims = claims
	}
	var err error
	if c.body, err = io.ReadAll(io.LimitReader(c.r.Body, bodyLimit+1)); err != nil {
		return nil, &refused{badRequest, "reading the body: " + err.Error()}
	}
	if len(c.body) > bodyLimit {
		return nil, &refused{bodyTooLarge, fmt.Sprintf("the body has more than %d bytes", bodyLimit)}
	}
	out, err := f.call(c)
	if err != nil {
		return nil, err
	}
	res, err := f.api.response(c, out)
	if err != nil {
		return nil, &refused{functionFailed, "the gateway cannot read the result of the function: " + err.Error()}
	}
	return res, nil
}

// call invokes the function and waits until the timeout of the gateway. As in AWS, the function continues after the
// timeout, and after the client has disconnected.
func (f *Front) call(c *call) ([]byte, error) {
	e, err := f.api.event(c)
	if err != nil {
		return nil, err
	}
	var event bytes.Buffer
	enc := json.NewEncoder(&event)
	enc.SetEscapeHTML(false) // escapes would increase the size
	if err := enc.Encode(e); err != nil {
		return nil, &refused{functionFailed, err.Error()}
	}
	type result struct {
		out []byte
		err error
	}
	done := make(chan result, 1)
	go func() {
		out, err := f.invoke(context.WithoutCancel(c.r.Context()), bytes.TrimSuffix(event.Bytes(), []byte("\n")))
		done <- result{out, err}
	}()
	limit := time.NewTimer(f.api.wait())
	defer limit.Stop()
	select {
	case got := <-done:
		switch {
		case got.err == nil:
			return got.out, nil
		case errors.Is(got.err, ErrThrottled):
			return nil, &refused{throttled, got.err.Error()}
		case errors.Is(got.err, ErrTooLarge):
			return nil, &refused{eventTooLarge, got.err.Error()}
		default:
			return nil, &refused{functionFailed, got.err.Error()}
		}
	case <-limit.C:
		return nil, &refused{timeout, fmt.Sprintf("the function did not respond within the gateway's limit of %v",
			f.api.wait())}
	case <-c.r.Context().Done():
		return nil, &refused{timeout, "the client disconnected"}
	}
}

// write sends the response. It omits the body for HEAD, 204, and 304.
func (res *response) write(w http.ResponseWriter, method string) {
	h := w.Header()
	for name, values := range res.header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	bare := method == http.MethodHead || res.status == http.StatusNoContent || res.status == http.StatusNotModified
	if !bare {
		h.Set("Content-Length", fmt.Sprint(len(res.body)))
	}
	w.WriteHeader(res.status)
	if !bare {
		_, _ = w.Write(res.body) // the client may have disconnected
	}
}
