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

// responseMargin is the time before the deadline of the context that is reserved for
// ending the statement and for writing the 504. It is at most half of the time left.
const responseMargin = time.Second

const requestIDHeader = "X-Request-Id"

// observe sets the id, the deadline and the body limit of a request, turns a panic into
// a 500, and writes the log line.
func (a *api) observe(c *gin.Context) {
	start := time.Now()
	id := requestID(c.Request.Header.Get(requestIDHeader))
	c.Writer.Header().Set(requestIDHeader, id)

	parent := c.Request.Context()
	deadline := start.Add(a.Timeout)
	if d, ok := parent.Deadline(); ok {
		if d = d.Add(-min(responseMargin, d.Sub(start)/2)); d.Before(deadline) {
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
			panic(p) // net/http recovers it and closes the connection
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

// limitHeader refuses a request whose line and header values exceed MaxHeaderBytes: with
// 414 if the line alone exceeds it, else with 431. It counts bytes as API Gateway does.
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
			fmt.Sprintf("The request line and the header values must have at most %d bytes in total", limit)})
	}
	c.Abort()
}

// headerSize returns the size of the request line, and of the line with all header values.
func headerSize(r *http.Request) (line, all int) {
	line = len(r.Method) + len(r.RequestURI) + len(r.Proto) + 2
	all = line + len(r.Host) // net/http removes Host from the headers
	for _, values := range r.Header {
		for _, value := range values {
			all += len(value)
		}
	}
	return line, all
}

// log writes the log line of a request. It contains no bodies and no query values.
func (a *api) log(c *gin.Context, ctx context.Context, id string, took time.Duration) {
	status := c.Writer.Status()
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	if !a.Logger.Enabled(ctx, level) {
		return
	}
	// The address is from the gateway or the listener, because a client can forge headers.
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
	// Only errors of the server: the response has the details of client errors.
	if last := c.Errors.Last(); last != nil && status >= http.StatusInternalServerError {
		attrs = append(attrs, slog.String("error", last.Err.Error()))
		if p, ok := last.Err.(*panicError); ok {
			attrs = append(attrs, slog.String("stack", string(p.stack)))
		}
	}
	a.Logger.LogAttrs(ctx, level, "request", attrs...)
}

// requestID returns the id that the client sent, if it has at most 128 characters and all
// of them are allowed, else a new id. Clients use it to trace a request through services.
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

// panicError is a recovered panic, for the log.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }
