package httpapi

import (
	"fmt"
	"net/http"
	"slices"

	"slipway/internal/resource"
)

// sharedHeaders are the headers of responses that say something of their own.
func sharedHeaders() object {
	text := object{{"type", "string"}}
	return object{
		{"X-Request-Id", responseHeader("The id of the request, in the log too", text)},
		{"ETag", responseHeader("What If-Match and If-None-Match compare. A single row has it, without `include`", text)},
		{"Location", responseHeader("Where the new row is, not for an array; or where the page is",
			object{{"type", "string"}, {"format", "uri-reference"}})},
		{"Link", responseHeader("Further pages (RFC 8288): `next`; with `page` also `prev`, `first` and `last`", text)},
		{"X-Total-Count", responseHeader("How many rows match, all pages together",
			object{{"type", "integer"}, {"format", "int64"}, {"minimum", 0}})},
		{"Idempotency-Replayed", responseHeader("The response is that of an earlier request with this Idempotency-Key",
			object{{"type", "string"}, {"enum", array{"true"}}})},
		{"Retry-After", responseHeader("After how many seconds to try again", object{{"type", "integer"}, {"minimum", 0}})},
	}
}

func responseHeader(text string, schema object) object {
	return object{{"description", text}, {"schema", schema}}
}

// response describes a response that is no error.
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

// furtherStatus is a response that means the same everywhere.
type furtherStatus struct {
	status  int
	text    string
	headers []string
}

// furtherStatuses are those that there are without auth too.
var furtherStatuses = []furtherStatus{
	{http.StatusFound, "A browser goes on to the page", []string{"Location"}},
	{http.StatusNotModified, "The ETag in If-None-Match is still the current one", []string{"ETag"}},
	{http.StatusBadRequest, "A parameter or header is unknown, repeated or invalid, or the body is not JSON", nil},
	{http.StatusNotFound, "There is no such row or path", nil},
	{http.StatusConflict, "A unique value is taken, other rows refer to the row, more rows match than `max_affected`, " +
		"or the first request with this Idempotency-Key is running", []string{"Retry-After"}},
	{http.StatusPreconditionFailed, "The row is not the one that If-Match asks for", nil},
	{http.StatusRequestEntityTooLarge, "The body has more than %d bytes", nil},
	{http.StatusRequestURITooLong, "The request line is too long. A gateway may return a body of its own", nil},
	{http.StatusUnsupportedMediaType, "The Content-Type is not JSON in UTF-8, or the body has a Content-Encoding", nil},
	{http.StatusUnprocessableEntity, "The body is JSON, but not valid; or the Idempotency-Key was sent with another " +
		"request before", nil},
	{http.StatusRequestHeaderFieldsTooLarge, "The headers are too large. A gateway may return a body of its own", nil},
	{http.StatusInternalServerError, "A fault of the service, in its log under `request_id`", nil},
	{http.StatusServiceUnavailable, "The database is unreachable or busy, or does not have the schema of this build",
		[]string{"Retry-After"}},
	{http.StatusGatewayTimeout, "The request took longer than it may", nil},
}

// furtherResponse is what an operation has for one of these statuses. A response to
// HEAD has no body.
func (d *document) furtherResponse(status int, method string) object {
	if method != http.MethodHead {
		return d.shared(statusName(status))
	}
	d.counts = statuses(d.counts, []int{status})
	return d.shared("Count" + statusName(status))
}

// sharedResponses are all that operations refer to.
func (d *document) sharedResponses(tables []*resource.Table, maxBodyBytes int64) object {
	var all object
	for _, t := range tables {
		row := response("The row: after a write, as this request left it", jsonContent(d.row(t, "")), "ETag")
		all = append(all, member{d.rowResponse(t), row})
	}
	all = append(all,
		member{d.responseName("Affected"), response("How many matched", jsonContent(d.schema("Affected")))},
		member{d.responseName("Deleted"), response("It is deleted", nil)})
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
