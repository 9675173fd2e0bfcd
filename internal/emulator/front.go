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
	// headerLimit is the most that the request line and the values of the headers may have together.
	headerLimit = 10240
	// bodyLimit is the most that a body may have.
	bodyLimit = 10 << 20
)

// Front is the gateway in front of a function. It answers requests as API Gateway does: an HTTP API with payload 2.0,
// or a REST API (payload 1.0) behind a custom domain without a base path. Both have the routes ANY / and ANY
// /{proxy+}.
type Front struct {
	// Authorize says who sent a request, as an API's authorizer does before the function is asked: its claims go into
	// the event, its error is a 401. Default nil: anyone is let through. OPTIONS always is: a browser's preflight
	// brings nothing to sign in with.
	Authorize func(*http.Request) (claims map[string]any, err error)
	// Stage is what the client has in front of each path, without slashes, as with an API's own address in place of a
	// custom domain: "dev" for /dev/notes. Default "": nothing.
	Stage string
	// Logger takes a line for each request that the gateway itself answers with an error. Default nil: none.
	Logger *slog.Logger

	api    api
	invoke func(context.Context, []byte) ([]byte, error)
}

// api is one of the two kinds of API.
type api interface {
	// id returns the name of a request.
	id(*call) string
	// event returns the event of a request. One that cannot be made is a *refused.
	event(*call) (any, error)
	// response reads the function's answer. What it cannot read is an error.
	response(*call, []byte) (*response, error)
	// refusal returns the gateway's own answer to what went wrong.
	refusal(*call, fault) *response
	// wait is how long the gateway waits for the function.
	wait() time.Duration
}

// response is what a client gets.
type response struct {
	status int
	header http.Header
	body   []byte
}

// fault is what the gateway finds wrong, with a request or with the function.
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

// NewFront returns the gateway in front of invoke, such as that of a [Pool]. The payload is "2.0" or "1.0"; any other
// is an error.
func NewFront(payload string, invoke func(ctx context.Context, event []byte) ([]byte, error)) (*Front, error) {
	f := &Front{invoke: invoke}
	switch payload {
	case "2.0":
		f.api = httpAPI{}
	case "1.0":
		f.api = restAPI{}
	default:
		return nil, fmt.Errorf("payload is %q: it is 2.0 (an HTTP API) or 1.0 (a REST API)", payload)
	}
	return f, nil
}

// ServeHTTP answers one request.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := newCall(r, f.Stage)
	res, err := f.answer(c)
	if fault, ok := errors.AsType[*refused](err); ok {
		if f.Logger != nil {
			f.Logger.WarnContext(r.Context(), "the gateway answers in place of the function", "gateway_request_id", f.api.id(c),
				"method", r.Method, "path", r.URL.Path, "cause", err.Error())
		}
		res = f.api.refusal(c, fault.fault)
	}
	res.write(w, r.Method)
}

// refused is a request that the gateway answers itself.
type refused struct {
	fault
	cause string
}

func (e *refused) Error() string { return e.cause }

// answer returns what the function answers. The error is a *refused.
func (f *Front) answer(c *call) (*response, error) {
	if size := headerSize(c.r); size > headerLimit {
		return nil,
			&refused{headersTooLarge,
				fmt.Sprintf("the request line and the headers have %d bytes, more than %d", size, headerLimit)}
	}
	if !c.routed {
		return nil, &refused{noRoute, "no route has this path"}
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
	out, err := f.ask(c)
	if err != nil {
		return nil, err
	}
	res, err := f.api.response(c, out)
	if err != nil {
		return nil, &refused{functionFailed, "the answer is not one that the gateway can read: " + err.Error()}
	}
	return res, nil
}

// ask lets the function answer, for as long as the gateway waits. The function knows nothing of that: it goes on when
// the gateway has given up, or the client has gone.
func (f *Front) ask(c *call) ([]byte, error) {
	e, err := f.api.event(c)
	if err != nil {
		return nil, err
	}
	var event bytes.Buffer
	enc := json.NewEncoder(&event)
	enc.SetEscapeHTML(false) // the size counts
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
		return nil, &refused{timeout, fmt.Sprintf("the function did not answer within the gateway's %v", f.api.wait())}
	case <-c.r.Context().Done():
		return nil, &refused{timeout, "the client is gone"}
	}
}

// write sends the response. Where an answer has no body, none is sent.
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
		_, _ = w.Write(res.body) // a client that is gone is no fault
	}
}
