package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"slipway/internal/resource"
)

// kind is what a route does. The OpenAPI document describes a route by it.
type kind int

const (
	kindList kind = iota
	kindCreate
	kindGet
	kindPatch
	kindPut
	kindDelete
	kindBulkPatch
	kindBulkDelete
	kindRoot
	kindHealth
	kindReady
	kindOpenAPI
	kindDocs
	kindAsset
)

// route is one method of one path. HEAD stands beside every GET and OPTIONS on
// every path; they are made from these.
type route struct {
	method string
	path   string // as Gin writes it: /users/:id/posts
	kind   kind
	// table is the one whose rows are read or written; nil for the service's own
	// routes.
	table *resource.Table
	// parent and relation are set below a row: of /users/:id/posts they are users,
	// and the posts of a user.
	parent   *resource.Table
	relation *resource.Relation
	handle   func(*gin.Context) error
}

// allRoutes are all that is served: the same for each table, and its relations
// that are many.
func (a *api) allRoutes() []route {
	routes := []route{
		{method: http.MethodGet, path: "/", kind: kindRoot, handle: a.root},
		{method: http.MethodGet, path: "/healthz", kind: kindHealth, handle: a.healthz},
		{method: http.MethodGet, path: "/readyz", kind: kindReady, handle: a.readyz},
		{method: http.MethodGet, path: "/openapi.json", kind: kindOpenAPI, handle: a.openapi},
		{method: http.MethodGet, path: "/docs", kind: kindDocs, handle: a.docs},
		{method: http.MethodGet, path: "/docs/:file", kind: kindAsset, handle: a.docsAsset},
	}
	for _, t := range a.Tables {
		r := newEndpoint(a, t)
		all, one := "/"+t.Name, "/"+t.Name+"/:id"
		routes = append(routes,
			route{method: http.MethodGet, path: all, kind: kindList, table: t, handle: r.list},
			route{method: http.MethodPost, path: all, kind: kindCreate, table: t, handle: r.create},
			route{method: http.MethodPatch, path: all, kind: kindBulkPatch, table: t, handle: r.bulkPatch},
			route{method: http.MethodDelete, path: all, kind: kindBulkDelete, table: t, handle: r.bulkDelete},
			route{method: http.MethodGet, path: one, kind: kindGet, table: t, handle: r.get},
			route{method: http.MethodPut, path: one, kind: kindPut, table: t, handle: r.put},
			route{method: http.MethodPatch, path: one, kind: kindPatch, table: t, handle: r.patch},
			route{method: http.MethodDelete, path: one, kind: kindDelete, table: t, handle: r.delete},
		)
		for _, rel := range t.Relations {
			if !rel.Many {
				continue
			}
			below := newEndpoint(a, rel.Table)
			below.parent, below.relation = a.Store.Table(t), rel
			path := one + "/" + rel.Name
			routes = append(routes,
				route{method: http.MethodGet, path: path, kind: kindList, table: rel.Table, parent: t, relation: rel,
					handle: below.list},
				route{method: http.MethodPost, path: path, kind: kindCreate, table: rel.Table, parent: t, relation: rel,
					handle: below.create},
			)
		}
	}
	return routes
}

// methods is the order in which Allow names them.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodOptions}

// register returns the routes to Gin, with HEAD and OPTIONS. It goes method by method: Gin names those of a 405 in
// the order in which it met them.
func (a *api) register(engine *gin.Engine) {
	allowed := map[string][]string{}
	for _, r := range a.routes {
		allowed[r.path] = append(allowed[r.path], r.method)
		if r.method == http.MethodGet {
			allowed[r.path] = append(allowed[r.path], http.MethodHead)
		}
	}
	for _, method := range methods[:len(methods)-1] {
		for _, r := range a.routes {
			if r.method == method || r.method == http.MethodGet && method == http.MethodHead {
				engine.Handle(method, r.path, a.handle(a.guarded(r, method)))
			}
		}
	}
	for path, of := range allowed {
		slices.SortFunc(of, func(x, y string) int { return slices.Index(methods, x) - slices.Index(methods, y) })
		allow := strings.Join(append(of, http.MethodOptions), ", ")
		engine.OPTIONS(path, func(c *gin.Context) {
			c.Writer.Header().Set("Allow", allow)
			c.Status(http.StatusNoContent)
		})
	}
}
