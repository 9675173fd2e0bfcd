package httpapi

import (
	"fmt"
	"net/http"
	"slices"

	"slipway/internal/resource"
)

// sharedHeaders returns the response headers in the components.
func sharedHeaders() object {
	text := object{{"type", "string"}}
	return object{
		{"X-Request-Id", responseHeader("The id of the request, as in the log", text)},
		{"ETag", responseHeader("The ETag of a single row, for If-Match and If-None-Match. Missing with `include`", text)},
		{"Location", responseHeader("The path of the new row, or of the page. Missing for an array",
			object{{"type", "string"}, {"format", "uri-reference"}})},
		{"Link", responseHeader("Other pages (RFC 8288): `next`; with `page` also `prev`, `first` and `last`", text)},
		{"X-Total-Count", responseHeader("The number of rows on all pages",
			object{{"type", "integer"}, {"format", "int64"}, {"minimum", 0}})},
		{"Idempotency-Replayed", responseHeader("This is the response to an earlier request with this Idempotency-Key",
			object{{"type", "string"}, {"enum", array{"true"}}})},
		{"Retry-After", responseHeader("Seconds to wait before a retry", object{{"type", "integer"}, {"minimum", 0}})},
	}
}

func responseHeader(text string, schema object) object {
	return object{{"description", text}, {"schema", schema}}
}

// response returns a response. Content may be nil.
func response(text string, content object, headers ...string) object {
	r := object{{"description", text}, {"headers", headerRefs(headers...)}}
	if content != nil {
		r = append(r, member{"content", content})
	}
	return r
}

func headerRefs(names ...string) object {
	refs := object{{"X-Request-Id", ref("headers", "X-Request-Id")}}
	for _, name := range names {
		refs = append(refs, member{name, ref("headers", name)})
	}
	return refs
}

// furtherStatus is a response that all operations share.
type furtherStatus struct {
	status  int
	text    string
	headers []string
}

// furtherStatuses are the responses that do not depend on Auth.
var furtherStatuses = []furtherStatus{
	{http.StatusFound, "Redirects to the documentation page", []string{"Location"}},
	{http.StatusNotModified, "The ETag matches If-None-Match", []string{"ETag"}},
	{http.StatusBadRequest, "A parameter or header is unknown, repeated or invalid, or the body is not JSON", nil},
	{http.StatusNotFound, "Row or path not found", nil},
	{http.StatusConflict, "A unique value is taken, other rows reference the row, more rows match than `max_affected`, " +
		"or the first request with this Idempotency-Key is still running", []string{"Retry-After"}},
	{http.StatusPreconditionFailed, "The row does not match If-Match", nil},
	{http.StatusRequestEntityTooLarge, "The body has more than %d bytes", nil},
	{http.StatusRequestURITooLong, "The request line is too long. A gateway may return a body of its own", nil},
	{http.StatusUnsupportedMediaType, "The Content-Type is not JSON in UTF-8, or the body has a Content-Encoding", nil},
	{http.StatusUnprocessableEntity, "The body is JSON but has invalid values, or the Idempotency-Key was already used " +
		"for a different request", nil},
	{http.StatusRequestHeaderFieldsTooLarge, "The headers are too large. A gateway may return a body of its own", nil},
	{http.StatusInternalServerError, "Internal error: the log has the cause under `request_id`", nil},
	{http.StatusServiceUnavailable, "The database is unavailable or busy, or does not have the schema of this build",
		[]string{"Retry-After"}},
	{http.StatusGatewayTimeout, "The request exceeded its time limit", nil},
}

// furtherResponse returns a reference to the response for a status. A response to HEAD
// has no body.
func (d *document) furtherResponse(status int, method string) object {
	if method != http.MethodHead {
		return d.shared(statusName(status))
	}
	d.counts = statuses(d.counts, []int{status})
	return d.shared("Count" + statusName(status))
}

// sharedResponses returns the responses in the components.
func (d *document) sharedResponses(tables []*resource.Table, maxBodyBytes int64) object {
	var all object
	for _, t := range tables {
		if len(t.Key) == 0 {
			continue
		}
		row := response("The row. After a write: as this request stored it", jsonContent(d.row(t, "")), "ETag")
		all = append(all, member{d.rowResponse(t), row})
	}
	all = append(all,
		member{d.responseName("Affected"), response("The number of rows that matched", jsonContent(d.schema("Affected")))},
		member{d.responseName("Deleted"), response("The row is deleted", nil)})
	known := furtherStatuses
	if d.auth != nil {
		known = slices.Concat(known, authStatuses)
	}
	problem := object{{"application/problem+json", object{{"schema", d.schema("Problem")}}}}
	for _, x := range known {
		body := problem
		if x.status < http.StatusBadRequest {
			body = nil
		}
		if x.status == http.StatusRequestEntityTooLarge {
			x.text = fmt.Sprintf(x.text, maxBodyBytes)
		}
		all = append(all, member{d.responseName(statusName(x.status)), response(x.text, body, x.headers...)})
		if slices.Contains(d.counts, x.status) {
			all = append(all, member{d.responseName("Count" + statusName(x.status)), response(x.text, nil, x.headers...)})
		}
	}
	return all
}
