package httpapi

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
)

// answerMargin is what is kept of a deadline to end the statement and to write
// the answer that says so, at most half of what there is: after Lambda's own
// deadline nobody would hear it.
const answerMargin = time.Second

const requestIDHeader = "X-Request-Id"

// observe is around every request: it gives it an id and a deadline, turns a
// panic into a 500, and writes the one log line.
func (a *api) observe(c *gin.Context) {
	start := time.Now()
	id := requestID(c.Request.Header.Get(requestIDHeader))
	c.Writer.Header().Set(requestIDHeader, id)

	parent := c.Request.Context()
	deadline := start.Add(a.Timeout)
	if d, ok := parent.Deadline(); ok {
		if d = d.Add(-min(answerMargin, d.Sub(start)/2)); d.Before(deadline) {
			deadline = d
		}
	}
	ctx, cancel := context.WithDeadline(parent, deadline)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	if c.Request.Body != nil && c.Request.Body != http.NoBody {
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, a.MaxBodyBytes)
	}

	defer func() {
		p := recover()
		if p == http.ErrAbortHandler {
			panic(p) // net/http's own way to drop a connection
		}
		if p != nil {
			err := &panicError{p, debug.Stack()}
			_ = c.Error(err)
			if !c.Writer.Written() {
				writeProblem(c, err)
			}
		}
		a.log(c, parent, id, time.Since(start))
	}()
	c.Next()
}

// limitHeader refuses a request whose line and header values have more than
// MaxHeaderBytes: with 414 where the line alone has, else with 431. It counts as API
// Gateway does.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
func (a *api) limitHeader(c *gin.Context) {
	if a.MaxHeaderBytes == 0 {
		return
	}
	line, all := headerSize(c.Request)
	switch limit := a.MaxHeaderBytes; {
	case all <= limit:
		return
	case line > limit:
		writeProblem(c, &statusError{http.StatusRequestURITooLong,
			fmt.Sprintf("The request line must have at most %d bytes", limit)})
	default:
		writeProblem(c, &statusError{http.StatusRequestHeaderFieldsTooLarge,
			fmt.Sprintf("The request line and the values of the headers must have at most %d bytes together", limit)})
	}
	c.Abort()
}

// headerSize returns the bytes of the request line, and of it and all header values.
func headerSize(r *http.Request) (line, all int) {
	line = len(r.Method) + len(r.RequestURI) + len(r.Proto) + 2
	all = line + len(r.Host) // net/http takes Host out of the headers
	for _, values := range r.Header {
		for _, value := range values {
			all += len(value)
		}
	}
	return line, all
}

// log writes the line of a request. It holds no bodies and no query values.
func (a *api) log(c *gin.Context, ctx context.Context, id string, took time.Duration) {
	status := c.Writer.Status()
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	if !a.Logger.Enabled(ctx, level) {
		return
	}
	// The peer as the gateway or the listener saw it: headers can be written by
	// anyone.
	client, _, err := net.SplitHostPort(c.Request.RemoteAddr)
	if err != nil {
		client = c.Request.RemoteAddr
	}
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs,
		slog.String("request_id", id),
		slog.String("gateway_request_id", a.GatewayRequestID(ctx)),
		slog.String("method", c.Request.Method),
		slog.String("path", c.Request.URL.Path),
		slog.String("route", c.FullPath()),
		slog.Int("status", status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.String("client_ip", client),
	)
	if trace := a.traceID(ctx, c.Request.Header); trace != "" {
		attrs = append(attrs, slog.String("trace_id", trace))
	}
	// What the client did wrong is in the answer; the rest is for us.
	if last := c.Errors.Last(); last != nil && status >= http.StatusInternalServerError {
		attrs = append(attrs, slog.String("error", last.Err.Error()))
		if p, ok := last.Err.(*panicError); ok {
			attrs = append(attrs, slog.String("stack", string(p.stack)))
		}
	}
	a.Logger.LogAttrs(ctx, level, "request", attrs...)
}

// requestID takes over an id that a client sent where it is fit to be one, so
// that a request can be followed through several services, and makes one
// otherwise.
func requestID(sent string) string {
	if sent == "" || len(sent) > 128 {
		return rand.Text()
	}
	for _, b := range []byte(sent) {
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '-', b == '_', b == '.', b == ':',
			b == '=':
		default:
			return rand.Text()
		}
	}
	return sent
}

// panicError is a panic on its way to the log.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }
