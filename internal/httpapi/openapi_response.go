package httpapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// sharedHeaders are the headers of answers that say something of their own.
func sharedHeaders() object {
	return object{
		{"X-Request-Id", responseHeader("The id of the request, in the log too", object{{"type", "string"}})},
		{"ETag", responseHeader("What If-Match and If-None-Match compare. Of rows, a single one has it, without `include`", object{{"type", "string"}})},
		{"Location", responseHeader("Where the new row is, not for an array; or where the page is",
			object{{"type", "string"}, {"format", "uri-reference"}})},
		{"Link", responseHeader("The way onward (RFC 8288): `next`; with `page` also `prev`, `first` and `last`", object{{"type", "string"}})},
		{"X-Total-Count", responseHeader("How many rows match, all pages together", object{{"type", "integer"}, {"format", "int64"}, {"minimum", 0}})},
		{"Idempotency-Replayed", responseHeader("There when the answer is that of an earlier request with this Idempotency-Key", object{{"type", "string"}, {"enum", array{"true"}}})},
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

// furtherStatus is an answer that means the same everywhere.
type furtherStatus struct {
	status  int
	text    string
	headers []string
}

// furtherStatuses are those that there are in any case.
var furtherStatuses = []furtherStatus{
	{status: http.StatusFound, text: "A browser goes on to the page", headers: []string{"Location"}},
	{status: http.StatusNotModified, text: "It is still what the ETag in If-None-Match stands for", headers: []string{"ETag"}},
	{status: http.StatusBadRequest, text: "A parameter or header is unknown, given twice or not what it has to be, or the body is not JSON"},
	{status: http.StatusNotFound, text: "There is no such row or path"},
	{status: http.StatusConflict, text: "A unique value is taken, other rows refer to the row, more rows match than `max_affected`, or the first request with this Idempotency-Key is under way", headers: []string{"Retry-After"}},
	{status: http.StatusPreconditionFailed, text: "The row is not the one that If-Match asks for"},
	{status: http.StatusRequestEntityTooLarge, text: "The body has more than %d bytes"},
	{status: http.StatusUnsupportedMediaType,
		text: "The Content-Type is not JSON in UTF-8, or the body has a Content-Encoding"},
	{status: http.StatusUnprocessableEntity, text: "The body is JSON, but not valid; or the Idempotency-Key came with another request before"},
	{status: http.StatusInternalServerError, text: "A fault of the service, in its log under `request_id`"},
	{status: http.StatusServiceUnavailable, text: "The database cannot be reached, is busy, or has not the schema of this build", headers: []string{"Retry-After"}},
	{status: http.StatusGatewayTimeout, text: "The request took longer than it may"},
}

// furtherResponse is what an operation has for one of these statuses. An answer to
// HEAD has no body, and so cannot say more.
func furtherResponse(status int, method string) object {
	if method != http.MethodHead {
		return ref("responses", statusName(status))
	}
	for _, x := range slices.Concat(furtherStatuses, authResponses) {
		if x.status == status {
			return response(x.text, nil, x.headers...)
		}
	}
	panic("httpapi: the document says nothing of the status " + http.StatusText(status))
}

// statusName is the name of a component: NotFound.
func statusName(status int) string {
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}

// sharedResponses are all that operations refer to: errors, for the most part.
func sharedResponses(maxBodyBytes int64) object {
	known := slices.Clone(furtherStatuses)
	for i, x := range known {
		if x.status == http.StatusRequestEntityTooLarge {
			known[i].text = fmt.Sprintf(x.text, maxBodyBytes)
		}
	}
	return describedStatuses(known)
}

func describedStatuses(known []furtherStatus) object {
	var all object
	for _, x := range known {
		var body object
		if x.status >= http.StatusBadRequest {
			body = object{{"application/problem+json", object{{"schema", ref("schemas", "Problem")}}}}
		}
		all = append(all, member{statusName(x.status), response(x.text, body, x.headers...)})
	}
	return all
}
