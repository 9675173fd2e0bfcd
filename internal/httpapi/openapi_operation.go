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
	// others are the further statuses that an answer may have.
	others []int
}

// The statuses that many operations may come to.
var (
	ofAny          = []int{http.StatusInternalServerError}
	ofDatabase     = []int{http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
	ofParameters   = []int{http.StatusBadRequest}
	ofBody         = []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}
	ofRow          = []int{http.StatusNotFound}
	ofTag          = []int{http.StatusNotModified}
	ofConflict     = []int{http.StatusConflict}
	ofPrecondition = []int{http.StatusNotFound, http.StatusPreconditionFailed}
)

// describe says what a route does. The methods of one kind differ in their
// table only.
func describe(r route) description {
	switch r.kind {
	case kindRoot:
		d := describeService("getIndex", "The tables, and where the documents are",
			"A browser, which prefers HTML in `Accept`, is redirected to the page.",
			nil, http.StatusFound, http.StatusInternalServerError)
		d.answer = response("Where everything is", jsonContent(ref("schemas", "Index")))
		return d
	case kindHealth:
		return describeService("getHealth", "Whether the process serves", "It says nothing of the database.",
			ref("schemas", "Status"), ofAny...)
	case kindReady:
		return describeService("getReadiness", "Whether the database answers, with the schema of this build", "",
			ref("schemas", "Status"), ofDatabase...)
	case kindOpenAPI:
		return describeService("getOpenAPI", "This document", "", object{{"type", "object"}}, ofAny...)
	case kindDocs:
		d := describeService("getDocs", "This document as an interactive page", "", nil, http.StatusNotModified, http.StatusInternalServerError)
		d.parameters = array{ref("parameters", "If-None-Match")}
		d.answer = response("The page", object{{"text/html", object{}}}, "ETag")
		return d
	case kindAsset:
		d := describeService("getDocsFile", "A file of the page", "", nil, http.StatusNotModified, http.StatusNotFound, http.StatusInternalServerError)
		d.parameters = array{fileParameter(), ref("parameters", "If-None-Match")}
		d.answer = response("The file", object{{"text/*", object{}}}, "ETag")
		return d
	}
	return describeTable(r)
}

func describeService(id, summary, text string, schema object, others ...int) description {
	d := description{id: id, summary: summary, text: text, success: http.StatusOK, others: others}
	if schema != nil {
		d.answer = response("It is so", jsonContent(schema))
	}
	return d
}

func describeTable(r route) description {
	t, one, many := r.table, singular(r.table), plural(r.table.Name)
	rows := strings.ReplaceAll(t.Name, "_", " ")
	row := strings.ToLower(one)
	input, below := one+"Create", ""
	if r.parent != nil {
		many = singular(r.parent) + plural(r.relation.Name)
		input = many + "Create"
		below = " of one " + strings.ToLower(singular(r.parent))
	}
	whole := ref("schemas", one)
	switch r.kind {
	case kindList:
		return description{
			id: "list" + many, summary: "List " + rows + below,
			text:       "Newest first unless told. With `page` the answer counts; without it, `Link` leads onward.",
			parameters: listParameters(r), success: http.StatusOK,
			answer: response("The rows", jsonContent(arrayOf(ref("schemas", one+"View"))), "Link", "X-Total-Count"),
			others: statuses(ofDatabase, belowRow(r), ofParameters),
		}
	case kindCreate:
		return description{
			id: "create" + many, summary: "Create " + rows + below,
			text:       "One row, or an array of rows, all of which are written or none.",
			parameters: array{ref("parameters", "Idempotency-Key")},
			body:       jsonContent(oneOrMany(ref("schemas", input))), success: http.StatusCreated,
			answer: response("What was created: a row for a row, an array for an array", jsonContent(oneOrMany(whole)), "Location", "ETag", "Idempotency-Replayed"),
			others: statuses(ofDatabase, ofBody, belowRow(r), ofConflict),
		}
	case kindGet:
		return description{
			id: "get" + one, summary: "Read one " + row,
			text:       "The ETag is that of the whole row, also where `fields` shows less. With `include` there is none.",
			parameters: append(rowParameters(t), ref("parameters", "If-None-Match"), ref("parameters", "Cache-Control")), success: http.StatusOK,
			answer: response("The "+row, jsonContent(ref("schemas", one+"View")), "ETag"),
			others: statuses(ofDatabase, ofTag, ofParameters, ofRow),
		}
	case kindPatch:
		return description{
			id: "update" + one, summary: "Change one " + row,
			text:       "A JSON merge patch (RFC 7396): only the members that are sent change.",
			parameters: preconditions(), body: patchBody(one), success: http.StatusOK,
			answer: response("The "+row+" as it is then", jsonContent(whole), "ETag"),
			others: statuses(ofDatabase, ofBody, taken(t), ofPrecondition),
		}
	case kindPut:
		return description{
			id: "replace" + one, summary: "Replace one " + row,
			text:       "Absent members take their defaults. The ids are the server's: a PUT creates nothing.",
			parameters: preconditions(), body: jsonContent(ref("schemas", one+"Create")), success: http.StatusOK,
			answer: response("The "+row+" as it is then", jsonContent(whole), "ETag"),
			others: statuses(ofDatabase, ofBody, taken(t), ofPrecondition),
		}
	case kindDelete:
		return description{
			id: "delete" + one, summary: "Delete one " + row,
			parameters: preconditions(), success: http.StatusNoContent,
			answer: response("It is gone", nil),
			others: statuses(ofDatabase, referred(t), ofParameters, ofPrecondition),
		}
	case kindBulkPatch:
		return description{
			id: "update" + many, summary: "Change all " + rows + " that match",
			text:       "A JSON merge patch (RFC 7396) for each of them. " + bulkText,
			parameters: bulkParameters(t), body: patchBody(one), success: http.StatusOK,
			answer: response("How many matched", jsonContent(ref("schemas", "Affected"))),
			others: statuses(ofDatabase, ofBody, ofConflict),
		}
	case kindBulkDelete:
		return description{
			id: "delete" + many, summary: "Delete all " + rows + " that match",
			text:       bulkText,
			parameters: bulkParameters(t), success: http.StatusOK,
			answer: response("How many matched", jsonContent(ref("schemas", "Affected"))),
			others: statuses(ofDatabase, ofParameters, ofConflict),
		}
	}
	panic("httpapi: " + r.method + " " + r.path + " is of a kind that is not described")
}

const bulkText = "All or none, in one transaction. Without a filter it takes `all=true`."

// describeCount is the HEAD of a list.
func describeCount(r route) description {
	d := describe(r)
	d.id = strings.Replace(d.id, "list", "count", 1)
	d.summary = strings.Replace(d.summary, "List", "Count", 1)
	d.text = "The headers of the list, with `X-Total-Count`."
	d.answer = response("How many rows match is in X-Total-Count", nil, "X-Total-Count", "Link")
	return d
}

// belowRow: below a row that is not there nothing is.
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

// referred: only to a row of a table that others refer to others refer.
func referred(t *resource.Table) []int {
	if slices.ContainsFunc(t.Relations, func(r *resource.Relation) bool { return r.Many }) {
		return ofConflict
	}
	return nil
}

// statuses gives those of several sets, each once, in order.
func statuses(sets ...[]int) []int {
	together := slices.Concat(sets...)
	slices.Sort(together)
	return slices.Compact(together)
}
