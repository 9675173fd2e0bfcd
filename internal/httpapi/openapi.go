package httpapi

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"slipway/internal/resource"
)

// apiVersion is the version of what is served, as the OpenAPI document tells it.
const apiVersion = "0.1.0"

// openapi returns the document. It names the server by what stands before the path
// of this request, so that a client behind a stage can follow it.
func (a *api) openapi(c *gin.Context) error {
	base := a.BasePath(c.Request.Context())
	if base == "" {
		base = "/"
	}
	b := bytes.TrimSuffix(a.document(), []byte("}"))
	b = appendJSON(append(bytes.Clone(b), `,"servers":`...), array{object{{"url", base}}})
	return sendJSON(c, http.StatusOK, append(b, '}'))
}

// document is what the parts of an OpenAPI document share while they are made.
type document struct {
	auth *Auth
	// ids are the names of the operations. Components have one set of names for
	// schemas, parameters and responses: some generators make a type of each.
	ids, components names
	// counts are the statuses of HEAD: its responses have no bodies.
	counts []int
}

// openAPI describes routes as OpenAPI 3.1, without servers. All that can be is
// taken from the routes and their tables, so that the document cannot say
// anything but what is served. It is written for generated clients: see
// docs/clients.md.
func openAPI(routes []route, maxBodyBytes int64, auth *Auth) []byte {
	d := &document{auth: auth}
	var tables []*resource.Table
	tags := array{}
	for _, r := range routes {
		if r.kind == kindList && r.parent == nil {
			tables = append(tables, r.table)
			tags = append(tags, object{{"name", r.table.Name}})
			d.rowName(r.table, "") // rows come first: no other component takes the name of a row
		}
	}
	tags = append(tags, object{{"name", serviceTag}, {"description", "What is not a table"}})
	all := object{
		{"openapi", "3.1.1"},
		{"info", object{
			{"title", "slipway"},
			{"version", apiVersion},
			{"description", introduction},
			{"license", object{{"name", "MIT"}, {"identifier", "MIT"}}},
		}},
		{"tags", tags},
		{"paths", d.paths(routes)},
	}
	components := object{
		{"schemas", d.sharedSchemas(tables, routes)},
		{"parameters", d.sharedParameters(tables)},
		{"headers", sharedHeaders()},
		{"responses", d.sharedResponses(tables, maxBodyBytes)},
	}
	if auth != nil {
		components = d.withAuth(components)
	}
	return appendJSON(nil, append(all, member{"components", components}))
}

// serviceTag is under what the routes of no table stand.
const serviceTag = "service"

const introduction = "Every table is served at its name. JSON names are the column names; " +
	"times are RFC 3339, in UTC, with microseconds.\n\n" +
	"**Lists** are filtered by `field[op]=value`, such as `title[contains]=boat`; `field=value` is short for " +
	"`field[eq]=value`, except for a field that has the name of another parameter. Filters are combined with AND. " +
	"A NULL matches only `null`. Lists in the query, such as `sort`, may be repeated (`sort=a&sort=b`) or separated " +
	"by commas (`sort=a,b`). Without `page`, follow `Link: <…>; rel=\"next\"` for more rows; a `HEAD` counts.\n\n" +
	"**Rows** in responses have all their members, unless `fields` names those to return. `include` adds relations.\n\n" +
	"**Writes** of many rows happen whole or not at all. Bodies may have read-only members: they are ignored. " +
	"`If-Match` with the `ETag` of a row keeps two writers apart; `Idempotency-Key` makes a `POST` safe to repeat.\n\n" +
	"**Errors** are problems (RFC 9457), and `errors` in them names each parameter and member at fault. " +
	"An unknown parameter, and one that is repeated and is not a list, is an error.\n\n" +
	"Every response has `X-Request-Id`: the one of the request, or a new one. Every `GET` has a `HEAD`, and " +
	"`OPTIONS` returns the methods of a path in `Allow`. After a write, `Cache-Control: no-cache` on a `GET` reads " +
	"where rows are written."

// paths returns the operations, path by path in the order of the routes.
func (d *document) paths(routes []route) object {
	var paths object
	at := map[string]int{}
	for _, r := range routes {
		path := pathTemplate(r.path)
		i, known := at[path]
		if !known {
			i = len(paths)
			at[path] = i
			paths = append(paths, member{path, d.pathItem(r.path)})
		}
		item := append(paths[i].value.(object), member{strings.ToLower(r.method), d.operation(r, r.method)})
		// The HEAD of a list counts; any other is a GET without its body.
		if r.kind == kindList {
			item = append(item, member{"head", d.operation(r, http.MethodHead)})
		}
		paths[i].value = item
	}
	return paths
}

// pathTemplate writes a path of Gin's as OpenAPI does: /notes/:id → /notes/{id}.
func pathTemplate(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

// pathItem is what all operations of a path have in common.
func (d *document) pathItem(path string) object {
	if strings.Contains(path, "/:id") {
		return object{{"parameters", array{d.parameter("id")}}}
	}
	return nil
}

// operation describes one method of a route.
func (d *document) operation(r route, method string) object {
	x := d.describe(r)
	if method == http.MethodHead {
		x = d.describeCount(r)
	}
	tag := serviceTag
	if r.table != nil {
		tag = r.table.Name
	}
	if r.parent != nil {
		tag = r.parent.Name
	}
	o := object{{"operationId", d.ids.name(method+r.path, x.id)}, {"tags", array{tag}}, {"summary", x.summary}}
	if x.text != "" {
		o = append(o, member{"description", x.text})
	}
	if x.parameters != nil {
		o = append(o, member{"parameters", x.parameters})
	}
	if x.body != nil {
		o = append(o, member{"requestBody", object{{"required", true}, {"content", x.body}}})
	}
	if d.auth != nil && r.table != nil {
		o = append(o, security(method, d.auth))
		x.others = statuses(x.others, ofAuth)
	}
	responses := object{{strconv.Itoa(x.success), x.answer}}
	for _, status := range statuses(x.others, ofHeader) {
		responses = append(responses, member{strconv.Itoa(status), d.furtherResponse(status, method)})
	}
	return append(o, member{"responses", responses})
}
