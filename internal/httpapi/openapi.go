package httpapi

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"slipway/internal/resource"
)

// apiVersion is the version of the API in the OpenAPI document.
const apiVersion = "0.1.0"

// openapi returns the OpenAPI document. Its servers entry is the base path of the request,
// so that it works behind a stage.
func (a *api) openapi(c *gin.Context) error {
	base := a.BasePath(c.Request.Context())
	if base == "" {
		base = "/"
	}
	b := bytes.TrimSuffix(a.document(), []byte("}"))
	b = appendJSON(append(bytes.Clone(b), `,"servers":`...), array{object{{"url", base}}})
	return sendJSON(c, http.StatusOK, append(b, '}'))
}

// document is the state while an OpenAPI document is created.
type document struct {
	auth *Auth
	// ids are the names of the operations. components are the names of schemas, parameters
	// and responses together, because some generators create a type for each of them.
	ids, components names
	// counts are the statuses that HEAD operations refer to. Their responses have no body.
	counts []int
}

// openAPI returns an OpenAPI 3.1 document of the routes, without servers. It derives paths
// and schemas from the routes and their tables, so that the document matches the API. The
// document suits client generators: see docs/clients.md.
func openAPI(routes []route, maxBodyBytes int64, auth *Auth) []byte {
	d := &document{auth: auth}
	var tables []*resource.Table
	tags := array{}
	for _, r := range routes {
		if r.kind == kindList && r.parent == nil {
			tables = append(tables, r.table)
			tags = append(tags, object{{"name", r.table.Name}})
			d.rowName(r.table, "") // reserves the name before other components are named
		}
	}
	tags = append(tags, object{{"name", serviceTag}, {"description", "Health, index and documentation"}})
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

// serviceTag is the tag of the operations that belong to no table.
const serviceTag = "service"

const introduction = "The path of a table is its name. JSON names are column names. " +
	"Times are RFC 3339, in UTC, with the fractional digits of the column.\n\n" +
	"**Lists** are filtered by `field[op]=value`, such as `title[contains]=boat`. `field=value` is short for " +
	"`field[eq]=value`, except for a field with the name of another parameter. Filters are combined with AND. " +
	"NULL matches only `null`. Parameters that are lists, such as `sort`, may be repeated (`sort=a&sort=b`) or " +
	"separated by commas (`sort=a,b`). Without `page`, follow `Link: <…>; rel=\"next\"` to get more rows. " +
	"`HEAD` returns the number of rows.\n\n" +
	"**Rows** in responses have all members, unless `fields` selects some. `include` adds relations.\n\n" +
	"**Writes** of many rows are atomic. Read-only members in a body are ignored. `If-Match` with the `ETag` of a " +
	"row prevents lost updates. `Idempotency-Key` makes it safe to retry a `POST`.\n\n" +
	"**Errors** are problem documents (RFC 9457). `errors` names each invalid parameter and member. " +
	"Unknown parameters, and repeated parameters that are not lists, are errors.\n\n" +
	"Every response has `X-Request-Id`: the value from the request, or a new one. Every path with `GET` supports " +
	"`HEAD`. `OPTIONS` returns the supported methods in `Allow`. To read a row right after a write, send " +
	"`Cache-Control: no-cache`: the `GET` then reads from the primary database."

// paths returns the path items, in the order of the routes.
func (d *document) paths(routes []route) object {
	var paths object
	at := map[string]int{}
	for _, r := range routes {
		path := pathTemplate(r.path)
		i, known := at[path]
		if !known {
			i = len(paths)
			at[path] = i
			paths = append(paths, member{path, d.pathItem(r)})
		}
		item := append(paths[i].value.(object), member{strings.ToLower(r.method), d.operation(r, r.method)})
		// HEAD of a list has its own operation, because it counts rows.
		if r.kind == kindList {
			item = append(item, member{"head", d.operation(r, http.MethodHead)})
		}
		paths[i].value = item
	}
	return paths
}

// pathTemplate converts a path of Gin to one of OpenAPI: /notes/:id → /notes/{id}.
func pathTemplate(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			parts[i] = "{" + name + "}"
		} else {
			parts[i] = url.PathEscape(part)
		}
	}
	return strings.Join(parts, "/")
}

// pathItem returns the members that all operations of a path share: the parameters in the path.
func (d *document) pathItem(r route) object {
	if !strings.Contains(r.path, "/:id") {
		return nil
	}
	row := r.table
	if r.parent != nil {
		row = r.parent
	}
	parameters := array{d.keyParameter(row, "id")}
	if strings.Contains(r.path, "/:other") {
		parameters = append(parameters, d.keyParameter(r.table, "other"))
	}
	return object{{"parameters", parameters}}
}

// operation returns the operation of one method of a route.
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
	responses := object{{strconv.Itoa(x.success), x.response}}
	if x.created != nil {
		responses = append(responses, member{strconv.Itoa(http.StatusCreated), x.created})
	}
	for _, status := range statuses(x.others, ofHeader) {
		responses = append(responses, member{strconv.Itoa(status), d.furtherResponse(status, method)})
	}
	return append(o, member{"responses", responses})
}
