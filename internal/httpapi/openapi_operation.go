package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/resource"
)

// description is what the document says of an operation.
type description struct {
	id, summary, text string
	parameters        array
	body              object // media types
	success           int
	answer            object
	// others are the further statuses that a response may have.
	others []int
}

// The statuses that many operations may come to.
var (
	ofAny        = []int{http.StatusInternalServerError}
	ofHeader     = []int{http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge}
	ofDatabase   = []int{http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
	ofParameters = []int{http.StatusBadRequest}
	ofBody       = []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
		http.StatusUnprocessableEntity}
	ofRow          = []int{http.StatusNotFound}
	ofTag          = []int{http.StatusNotModified}
	ofConflict     = []int{http.StatusConflict}
	ofPrecondition = []int{http.StatusNotFound, http.StatusPreconditionFailed}
)

// describe says what a route does. The methods of one kind differ in their
// table only.
func (d *document) describe(r route) description {
	switch r.kind {
	case kindList, kindCreate, kindBulkPatch, kindBulkDelete:
		return d.describeMany(r)
	case kindGet, kindPatch, kindPut, kindDelete:
		return d.describeOne(r)
	}
	return d.describeService(r)
}

// describeService describes a route of no table.
func (d *document) describeService(r route) description {
	x := description{success: http.StatusOK, others: ofAny}
	ifNoneMatch := d.parameter("If-None-Match")
	switch r.kind {
	case kindRoot:
		x.id, x.summary = "getIndex", "The tables, and where the documents are"
		x.text = "A browser, which prefers HTML in `Accept`, is redirected to the page."
		x.answer = response("Where everything is", jsonContent(d.schema("Index")))
		x.others = statuses(ofAny, []int{http.StatusFound})
	case kindHealth:
		x.id, x.summary = "getHealth", "Whether the process serves"
		x.text = "It says nothing of the database."
		x.answer = response("It serves", jsonContent(d.schema("Status")))
	case kindReady:
		x.id, x.summary = "getReadiness", "Whether the database is reachable, with the schema of this build"
		x.answer = response("It is", jsonContent(d.schema("Status")))
		x.others = ofDatabase
	case kindOpenAPI:
		x.id, x.summary = "getOpenAPI", "This document"
		x.answer = response("The document", jsonContent(object{{"type", "object"}}))
	case kindDocs:
		x.id, x.summary = "getDocs", "This document as an interactive page"
		x.parameters = array{ifNoneMatch}
		x.answer = response("The page", object{{"text/html", object{}}}, "ETag")
		x.others = statuses(ofAny, ofTag)
	case kindAsset:
		x.id, x.summary = "getDocsFile", "A file of the page"
		x.parameters = array{fileParameter(), ifNoneMatch}
		x.answer = response("The file", object{{"text/*", object{}}}, "ETag")
		x.others = statuses(ofAny, ofTag, ofRow)
	default:
		panic("httpapi: " + r.method + " " + r.path + " is of a kind that is not described")
	}
	return x
}

// describeMany describes a route of a whole table, or of the rows below one row.
func (d *document) describeMany(r route) description {
	t, many := r.table, plural(r.table.Name)
	rows, below := strings.ReplaceAll(t.Name, "_", " "), ""
	if r.parent != nil {
		many, below = belowName(r), " of one "+strings.ToLower(singular(r.parent))
	}
	switch r.kind {
	case kindList:
		return description{
			id: "list" + many, summary: "List " + rows + below,
			text:       "Newest first unless sorted. With `page` the response counts; without it, `Link` has the next page.",
			parameters: d.listParameters(r), success: http.StatusOK,
			answer: response("The rows", jsonContent(d.row(t, "List")), "Link", "X-Total-Count"),
			others: statuses(ofDatabase, belowRow(r), ofParameters),
		}
	case kindCreate:
		return description{
			id: "create" + many, summary: "Create " + rows + below,
			text:       "One row, or an array of rows: all of them are written, or none.",
			parameters: array{d.parameter("Idempotency-Key")},
			body:       jsonContent(ref("schemas", d.createName(r, "OneOrMany"))), success: http.StatusCreated,
			answer: response("A row for a row, an array for an array", jsonContent(d.row(t, "OneOrMany")),
				"Location", "ETag", "Idempotency-Replayed"),
			others: statuses(ofDatabase, ofBody, belowRow(r), ofConflict),
		}
	case kindBulkPatch:
		return description{
			id: "update" + many, summary: "Change all " + rows + " that match",
			text:       "A JSON merge patch (RFC 7396) for each of them. " + bulkText,
			parameters: d.bulkParameters(t), body: d.patchBody(t), success: http.StatusOK,
			answer: d.shared("Affected"),
			others: statuses(ofDatabase, ofBody, ofConflict),
		}
	}
	return description{
		id: "delete" + many, summary: "Delete all " + rows + " that match",
		text:       bulkText,
		parameters: d.bulkParameters(t), success: http.StatusOK,
		answer: d.shared("Affected"),
		others: statuses(ofDatabase, ofParameters, ofConflict),
	}
}

const bulkText = "All or none, in one transaction. Without a filter it needs `all=true`."

// describeOne describes a route of one row.
func (d *document) describeOne(r route) description {
	t, one := r.table, singular(r.table)
	name := strings.ToLower(one)
	whole := ref("responses", d.rowResponse(t))
	switch r.kind {
	case kindGet:
		return description{
			id: "get" + one, summary: "Read one " + name,
			text:       "The ETag is that of the whole row, with `fields` too. With `include` there is none.",
			parameters: append(d.rowParameters(t), d.parameter("If-None-Match"), d.parameter("Cache-Control")),
			success:    http.StatusOK, answer: whole,
			others: statuses(ofDatabase, ofTag, ofParameters, ofRow),
		}
	case kindPatch:
		return description{
			id: "update" + one, summary: "Change one " + name,
			text:       "A JSON merge patch (RFC 7396): only the members that are sent change.",
			parameters: d.preconditions(), body: d.patchBody(t), success: http.StatusOK, answer: whole,
			others: statuses(ofDatabase, ofBody, taken(t), ofPrecondition),
		}
	case kindPut:
		return description{
			id: "replace" + one, summary: "Replace one " + name,
			text:       "Absent members take their defaults. Ids are the server's: a PUT creates nothing.",
			parameters: d.preconditions(), body: jsonContent(d.row(t, "Create")), success: http.StatusOK, answer: whole,
			others: statuses(ofDatabase, ofBody, taken(t), ofPrecondition),
		}
	}
	return description{
		id: "delete" + one, summary: "Delete one " + name,
		parameters: d.preconditions(), success: http.StatusNoContent,
		answer: d.shared("Deleted"),
		others: statuses(ofDatabase, referred(t), ofParameters, ofPrecondition),
	}
}

// describeCount describes the HEAD of a list.
func (d *document) describeCount(r route) description {
	x := d.describe(r)
	x.id = strings.Replace(x.id, "list", "count", 1)
	x.summary = strings.Replace(x.summary, "List", "Count", 1)
	x.text = "The headers of the list, with `X-Total-Count`."
	x.answer = response("X-Total-Count has how many rows match", nil, "X-Total-Count", "Link")
	return x
}

// belowRow: only a path below a row can have a missing row.
func belowRow(r route) []int {
	if r.parent == nil {
		return nil
	}
	return ofRow
}

// taken: only a table with unique fields has values that are taken.
func taken(t *resource.Table) []int {
	if slices.ContainsFunc(t.Fields, func(f *resource.Field) bool { return f.Unique != "" }) {
		return ofConflict
	}
	return nil
}

// referred: only a row of a table that others refer to may be in use.
func referred(t *resource.Table) []int {
	if slices.ContainsFunc(t.Relations, func(r *resource.Relation) bool { return r.Many }) {
		return ofConflict
	}
	return nil
}

// statuses returns those of several sets, each once, in order.
func statuses(sets ...[]int) []int {
	together := slices.Concat(sets...)
	slices.Sort(together)
	return slices.Compact(together)
}
