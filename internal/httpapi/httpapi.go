// Package httpapi serves tables over HTTP with Gin: generic routes for any table, the
// OpenAPI document, and problem documents (RFC 9457) for errors.
//
// It may import store, query and resource, but no package of a database or of Lambda.
// [Options] has functions for what depends on a gateway.
package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"slipway/internal/resource"
	"slipway/internal/store"
)

// Options are the settings of [New].
type Options struct {
	// Store reads and writes the tables. Required.
	Store *store.Store
	// Tables are the tables to serve.
	Tables []*resource.Table
	// SchemaVersion is the version of the migration that /readyz requires.
	SchemaVersion string
	// Logger receives one line per request. Required.
	Logger *slog.Logger
	// MaxBodyBytes is the maximum size of a request body. Required.
	MaxBodyBytes int64
	// MaxHeaderBytes is the maximum size of the request line and the header values
	// together. Set it if there is no gateway with such a limit. Default 0: no limit.
	MaxHeaderBytes int
	// Timeout is the maximum duration of a request. Default 29 s, the limit of API
	// Gateway. An earlier deadline of the request's context applies as well.
	Timeout time.Duration
	// BasePath returns the prefix that the gateway removes from the path of a request,
	// such as a stage. Default: no prefix.
	BasePath func(context.Context) string
	// CORSOrigins are the origins that browsers may call from. Default none.
	CORSOrigins []string
	// Auth decides which requests may access the tables. Default nil: all requests.
	Auth *Auth
	// GatewayRequestID returns the gateway's id of a request, for the log. Default: "".
	GatewayRequestID func(context.Context) string
	// TraceID returns the id of the trace that a request belongs to, or "". Default: the
	// trace-id of the header traceparent (W3C Trace Context).
	TraceID func(context.Context) string
}

const defaultTimeout = 29 * time.Second

// New returns the handler of the whole API.
func New(o Options) http.Handler {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	none := func(context.Context) string { return "" }
	if o.BasePath == nil {
		o.BasePath = none
	}
	if o.GatewayRequestID == nil {
		o.GatewayRequestID = none
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.RedirectTrailingSlash = false
	engine.UseRawPath = true             // a %2F does not separate segments
	engine.HandleMethodNotAllowed = true // Gin sets Allow

	a := &api{Options: o}
	engine.Use(a.observe, a.limitHeader)
	engine.NoRoute(a.handle(func(*gin.Context) error { return errNoRoute }))
	engine.NoMethod(a.handle(func(c *gin.Context) error { return &methodError{c.Request.Method} }))
	a.routes = a.allRoutes()
	a.document = sync.OnceValue(func() []byte { return openAPI(a.routes, a.MaxBodyBytes, a.Auth) })
	a.register(engine)
	return withCORS(o.CORSOrigins, normalPaths{engine})
}

type api struct {
	Options
	routes []route
	// document returns the OpenAPI document, which the first call creates.
	document func() []byte
}

// handle returns a handler for Gin that writes the error of h as a problem.
func (a *api) handle(h func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			_ = c.Error(err) // for the log line
			writeProblem(c, err)
		}
	}
}

// healthz reports that the process is running. It does not use the database.
func (a *api) healthz(c *gin.Context) error {
	return writeJSON(c, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz reports whether the database is reachable and has the schema of this build.
func (a *api) readyz(c *gin.Context) error {
	err := a.Store.Ready(c.Request.Context(), a.SchemaVersion)
	var notReady *store.Error
	if errors.As(err, &notReady) && notReady.Kind == store.Schema {
		return &statusError{http.StatusServiceUnavailable, "Not ready: " + notReady.Err.Error()}
	}
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, map[string]string{"status": "ok", "schema": a.SchemaVersion})
}
