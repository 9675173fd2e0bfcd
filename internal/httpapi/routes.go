package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"slipway/internal/resource"
)

// kind is the operation of a route. It selects the route's description in the OpenAPI document.
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
	kindLink
	kindUnlink
	kindRoot
	kindHealth
	kindReady
	kindOpenAPI
	kindDocs
	kindAsset
)

// route is one method of one path. HEAD and OPTIONS have no routes of their own:
// register adds HEAD for each GET, and OPTIONS for each path.
type route struct {
	method string
	path   string // as Gin writes it: /users/:id/posts
	kind   kind
	// table is the table whose rows are read or written; nil for other routes.
	table *resource.Table
	// parent and relation are set for a relation: users and posts of /users/:id/posts.
	parent   *resource.Table
	relation *resource.Relation
	handle   func(*gin.Context) error
}

// allRoutes returns the routes of the service, of each table, and of each relation to
// many rows.
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
		routes = append(routes, a.tableRoutes(t)...)
	}
	return routes
}

// tableRoutes returns the routes of a table and of its relations to many rows. A table without a
// key has only those to list and to create rows.
func (a *api) tableRoutes(t *resource.Table) []route {
	r := newEndpoint(a, t)
	all, one := "/"+t.Name, "/"+t.Name+"/:id"
	routes := []route{
		{method: http.MethodGet, path: all, kind: kindList, table: t, handle: r.list},
		{method: http.MethodPost, path: all, kind: kindCreate, table: t, handle: r.create},
	}
	if len(t.Key) == 0 {
		return routes
	}
	routes = append(routes,
		route{method: http.MethodPatch, path: all, kind: kindBulkPatch, table: t, handle: r.bulkPatch},
		route{method: http.MethodDelete, path: all, kind: kindBulkDelete, table: t, handle: r.bulkDelete},
		route{method: http.MethodGet, path: one, kind: kindGet, table: t, handle: r.get},
		route{method: http.MethodPut, path: one, kind: kindPut, table: t, handle: r.put},
		route{method: http.MethodPatch, path: one, kind: kindPatch, table: t, handle: r.patch},
		route{method: http.MethodDelete, path: one, kind: kindDelete, table: t, handle: r.delete},
	)
	for _, rel := range t.Relations {
		if rel.Many {
			routes = append(routes, a.relationRoutes(t, rel, one+"/"+rel.Name)...)
		}
	}
	// Gin answers other methods of a read-only table with 405.
	return slices.DeleteFunc(routes, func(r route) bool {
		return r.table != nil && r.table.ReadOnly && r.method != http.MethodGet
	})
}

// relationRoutes returns the routes of a relation of t to many rows.
func (a *api) relationRoutes(t *resource.Table, rel *resource.Relation, path string) []route {
	r := newEndpoint(a, rel.Table)
	r.parent, r.of, r.relation = a.Store.Table(t), t, rel
	base := route{table: rel.Table, parent: t, relation: rel}
	add := func(method, path string, kind kind, handle func(*gin.Context) error) route {
		x := base
		x.method, x.path, x.kind, x.handle = method, path, kind, handle
		return x
	}
	list := add(http.MethodGet, path, kindList, r.list)
	if rel.Through == nil {
		return []route{list, add(http.MethodPost, path, kindCreate, r.create)}
	}
	return []route{list,
		add(http.MethodPut, path+"/:other", kindLink, r.link),
		add(http.MethodDelete, path+"/:other", kindUnlink, r.unlink),
	}
}

// methods are the supported methods, in the order of the Allow header.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodOptions}

// register adds the routes to the engine, with HEAD and OPTIONS. It adds them method by
// method, because the Allow header of Gin's 405 has the order of registration.
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
