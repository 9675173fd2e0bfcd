package httpapi

import (
	"bytes"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"slipway/internal/resource"
)

// apiVersion is the version of what is served, as the OpenAPI document tells it.
const apiVersion = "0.1.0"

// openapi gives the document. It names the server by what stands before the path
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

// openAPI describes routes as OpenAPI 3.1, without servers. All that can be is
// taken from the routes and their tables, so that the document cannot say
// anything but what is served.
func openAPI(routes []route, maxBodyBytes int64, auth *Auth) []byte {
	var tables []*resource.Table
	tags := array{}
	for _, r := range routes {
		if r.kind == kindList && r.parent == nil {
			tables = append(tables, r.table)
			tags = append(tags, object{{"name", r.table.Name}})
		}
	}
	tags = append(tags, object{{"name", serviceTag}, {"description", "What is not a table"}})
	components := object{
		{"schemas", sharedSchemas(tables, routes)},
		{"parameters", sharedParameters(tables)},
		{"headers", sharedHeaders()},
		{"responses", sharedResponses(maxBodyBytes)},
	}
	if auth != nil {
		components = withAuth(components, auth)
	}
	return appendJSON(nil, object{
		{"openapi", "3.1.1"},
		{"info", object{
			{"title", "slipway"},
			{"version", apiVersion},
			{"description", introduction},
			{"license", object{{"name", "MIT"}, {"identifier", "MIT"}}},
		}},
		{"tags", tags},
		{"paths", paths(routes, auth)},
		{"components", components},
	})
}

// serviceTag is under what the routes of no table stand.
const serviceTag = "service"

const introduction = "Every table is served at its name. JSON names are the column names; times are RFC 3339, in UTC, with microseconds.\n\n" +
	"**Lists** are filtered by `field=value` and `field[op]=value`, where `op` is one of `eq`, `ne`, `gt`, `gte`, `lt`, `lte`, " +
	"`in`, `nin` and `null`, and for texts also `like` (with `%` and `_`), `starts` and `contains`. All filters hold. A NULL matches only `null`. " +
	"Without `page`, follow `Link: <…>; rel=\"next\"` to go on; a `HEAD` counts.\n\n" +
	"**Writes** of many rows happen whole or not at all. `If-Match` with the `ETag` of a row keeps two writers apart; " +
	"`Idempotency-Key` makes a `POST` safe to repeat.\n\n" +
	"**Errors** are problems (RFC 9457), and `errors` in them names each parameter and member at fault. " +
	"An unknown parameter is an error, and so is one that is given twice, unless it is a list: `sort=a&sort=b` is `sort=a,b`.\n\n" +
	"Every answer carries `X-Request-Id`: the one that the request brought, or a new one. `HEAD` stands beside every `GET`, and " +
	"`OPTIONS` on every path says in `Allow` what there is. After a write, `Cache-Control: no-cache` on a `GET` reads where rows are written."

// paths gives the operations, path by path in the order of the routes.
func paths(routes []route, auth *Auth) object {
	var paths object
	at := map[string]int{}
	for _, r := range routes {
		path := pathTemplate(r.path)
		i, known := at[path]
		if !known {
			i = len(paths)
			at[path] = i
			paths = append(paths, member{path, pathItem(r.path)})
		}
		item := append(paths[i].value.(object), member{strings.ToLower(r.method), operation(r, r.method, auth)})
		// The HEAD of a list is how one counts; any other is a GET without its body.
		if r.kind == kindList {
			item = append(item, member{"head", operation(r, http.MethodHead, auth)})
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
func pathItem(path string) object {
	if strings.Contains(path, "/:id") {
		return object{{"parameters", array{ref("parameters", "id")}}}
	}
	return nil
}

// singular is the name of a table's row, as in getNote.
func singular(t *resource.Table) string { return reflect.TypeOf(t.New()).Elem().Name() }

// plural is the name of many rows, as in listNotes: of a table or a relation.
func plural(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// operation describes one method of a route.
func operation(r route, method string, auth *Auth) object {
	d := describe(r)
	if method == http.MethodHead {
		d = describeCount(r)
	}
	tag := serviceTag
	if r.table != nil {
		tag = r.table.Name
	}
	if r.parent != nil {
		tag = r.parent.Name
	}
	o := object{{"operationId", d.id}, {"tags", array{tag}}, {"summary", d.summary}}
	if d.text != "" {
		o = append(o, member{"description", d.text})
	}
	if d.parameters != nil {
		o = append(o, member{"parameters", d.parameters})
	}
	if d.body != nil {
		o = append(o, member{"requestBody", object{{"required", true}, {"content", d.body}}})
	}
	if auth != nil && r.table != nil {
		o = append(o, security(method, auth))
		d.others = statuses(d.others, ofAuth)
	}
	responses := object{{strconv.Itoa(d.success), d.answer}}
	for _, status := range d.others {
		responses = append(responses, member{strconv.Itoa(status), furtherResponse(status, method)})
	}
	return append(o, member{"responses", responses})
}
