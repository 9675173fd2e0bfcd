// Package httpapi serves tables over HTTP with Gin: one set of generic routes for
// any table, and one writer for every error.
//
// It knows store, query and resource. It knows neither SQL nor which database is
// behind the store, and nothing of Lambda: what a gateway knows of a request
// comes in as functions.
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

// Options is what [New] needs.
type Options struct {
	// Store holds the tables, and Tables says which are served.
	Store  *store.Store
	Tables []*resource.Table
	// SchemaVersion is the migration that /readyz looks for.
	SchemaVersion string
	// Logger gets one line a request.
	Logger *slog.Logger
	// MaxBodyBytes is the most a request's body may have.
	MaxBodyBytes int64
	// MaxHeaderBytes is the most that a request line and the values of its headers may
	// have together, for a listener without a gateway in front. Default 0: no limit.
	MaxHeaderBytes int
	// Timeout is how long a request may take; default 29 s, which is what API
	// Gateway waits. A deadline that the request's context brings along is kept
	// as well, with time left to answer.
	Timeout time.Duration
	// BasePath tells what stands before the path of a request, such as a stage;
	// default: nothing.
	BasePath func(context.Context) string
	// CORSOrigins are the origins that browsers may call from; default: none.
	CORSOrigins []string
	// Auth says who may do what; default: anyone everything, and nobody is asked.
	Auth *Auth
	// GatewayRequestID tells the gateway's own id of a request; default: none.
	GatewayRequestID func(context.Context) string
	// TraceID tells the trace that a request belongs to, or "". Default: the trace-id of
	// the header traceparent (W3C Trace Context).
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
	// No redirects to another spelling of a path, and a %2F stays inside its segment.
	engine.RedirectTrailingSlash = false
	engine.UseRawPath = true
	engine.HandleMethodNotAllowed = true // Gin names the methods in Allow

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
	// document is the OpenAPI document, made when it is first asked for.
	document func() []byte
}

// handle lets a handler return its error, which climbs to the one writer.
func (a *api) handle(h func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			_ = c.Error(err) // for the log line
			writeProblem(c, err)
		}
	}
}

// healthz says that the process serves, and nothing of the database.
func (a *api) healthz(c *gin.Context) error {
	return writeJSON(c, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether the database answers and has the schema of this build.
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
