package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/resource"
)

// description has the parts of an operation in the document.
type description struct {
	id, summary, text string
	parameters        array
	body              object // media types
	success           int
	response          object // the response for success
	created           object // the response for 201, if it is another than success
	// others are the other statuses of responses.
	others []int
}

// The statuses that many operations share.
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

// describe returns the description of a route.
func (d *document) describe(r route) description {
	switch r.kind {
	case kindList, kindCreate, kindBulkPatch, kindBulkDelete:
		return d.describeMany(r)
	case kindGet, kindPatch, kindPut, kindDelete:
		return d.describeOne(r)
	case kindLink, kindUnlink:
		return d.describeLink(r)
	}
	return d.describeService(r)
}

// describeService returns the description of a route that belongs to no table.
func (d *document) describeService(r route) description {
	x := description{success: http.StatusOK, others: ofAny}
	ifNoneMatch := d.parameter("If-None-Match")
	switch r.kind {
	case kindRoot:
		x.id, x.summary = "getIndex", "List the tables and the documents"
		x.text = "Redirects a client that prefers HTML in `Accept`, such as a browser, to the documentation page."
		x.response = response("The paths of the tables and documents", jsonContent(d.schema("Index")))
		x.others = statuses(ofAny, []int{http.StatusFound})
	case kindHealth:
		x.id, x.summary = "getHealth", "Check that the process is running"
		x.text = "Does not check the database."
		x.response = response("The process is running", jsonContent(d.schema("Status")))
	case kindReady:
		x.id, x.summary = "getReadiness", "Check that the database is reachable and has the schema of this build"
		x.response = response("The database is ready", jsonContent(d.schema("Status")))
		x.others = ofDatabase
	case kindOpenAPI:
		x.id, x.summary = "getOpenAPI", "Read this document"
		x.response = response("The document", jsonContent(object{{"type", "object"}}))
	case kindDocs:
		x.id, x.summary = "getDocs", "Read this document as an interactive page"
		x.parameters = array{ifNoneMatch}
		x.response = response("The page", object{{"text/html", object{}}}, "ETag")
		x.others = statuses(ofAny, ofTag)
	case kindAsset:
		x.id, x.summary = "getDocsFile", "Read a file of the documentation page"
		x.parameters = array{fileParameter(), ifNoneMatch}
		x.response = response("The file", object{{"text/*", object{}}}, "ETag")
		x.others = statuses(ofAny, ofTag, ofRow)
	default:
		panic("httpapi: no description for the kind of " + r.method + " " + r.path)
	}
	return x
}

// describeMany returns the description of a route of a whole table or of a relation.
func (d *document) describeMany(r route) description {
	t, many := r.table, plural(r.table.Name)
	rows, scope := strings.ReplaceAll(t.Name, "_", " "), ""
	if r.parent != nil {
		many, scope = relatedName(r), " of one "+strings.ToLower(singular(r.parent))
	}
	switch r.kind {
	case kindList:
		return description{
			id: "list" + many, summary: "List " + rows + scope,
			text: "Newest first by default. With `page`, the response has X-Total-Count. Without it, `Link` has the next " +
				"page.",
			parameters: d.listParameters(r), success: http.StatusOK,
			response: response("The rows", jsonContent(d.row(t, "List")), "Link", "X-Total-Count"),
			others:   statuses(ofDatabase, ofParent(r), ofParameters),
		}
	case kindCreate:
		headers := []string{"Location", "ETag", "Idempotency-Replayed"}
		if len(t.Key) == 0 {
			headers = headers[2:]
		}
		return description{
			id: "create" + many, summary: "Create " + rows + scope,
			text:       "The body is one row or an array. All rows are created, or none.",
			parameters: array{d.parameter("Idempotency-Key")},
			body:       jsonContent(ref("schemas", d.createName(r, "OneOrMany"))), success: http.StatusCreated,
			response: response("A row for one row, an array for an array", jsonContent(d.row(t, "OneOrMany")), headers...),
			others:   statuses(ofDatabase, ofBody, ofParent(r), ofConflict),
		}
	case kindBulkPatch:
		return description{
			id: "update" + many, summary: "Update all " + rows + " that match",
			text:       "The body is a JSON merge patch (RFC 7396) for each row. " + bulkText,
			parameters: d.bulkParameters(t), body: d.patchBody(t), success: http.StatusOK,
			response: d.shared("Affected"),
			others:   statuses(ofDatabase, ofBody, ofConflict),
		}
	}
	return description{
		id: "delete" + many, summary: "Delete all " + rows + " that match",
		text:       bulkText,
		parameters: d.bulkParameters(t), success: http.StatusOK,
		response: d.shared("Affected"),
		others:   statuses(ofDatabase, ofParameters, ofConflict),
	}
}

const bulkText = "Runs in one transaction. Requires a filter or `all=true`."

// describeOne returns the description of a route of one row.
func (d *document) describeOne(r route) description {
	t, one := r.table, singular(r.table)
	name := strings.ToLower(one)
	whole := ref("responses", d.rowResponse(t))
	switch r.kind {
	case kindGet:
		return description{
			id: "get" + one, summary: "Read one " + name,
			text:       "With `fields`, the ETag is still that of the whole row. With `include`, there is no ETag.",
			parameters: append(d.rowParameters(t), d.parameter("If-None-Match"), d.parameter("Cache-Control")),
			success:    http.StatusOK, response: whole,
			others: statuses(ofDatabase, ofTag, ofParameters, ofRow),
		}
	case kindPatch:
		return description{
			id: "update" + one, summary: "Update one " + name,
			text:       "The body is a JSON merge patch (RFC 7396): absent members do not change.",
			parameters: d.preconditions(), body: d.patchBody(t), success: http.StatusOK, response: whole,
			others: statuses(ofDatabase, ofBody, ofUnique(t), ofPrecondition),
		}
	case kindPut:
		if t.Auto == nil {
			return d.describePut(t)
		}
		return description{
			id: "replace" + one, summary: "Replace one " + name,
			text:       "Absent members take their defaults. A PUT does not create rows, because the server assigns ids.",
			parameters: d.preconditions(), body: jsonContent(d.row(t, "Create")), success: http.StatusOK, response: whole,
			others: statuses(ofDatabase, ofBody, ofUnique(t), ofPrecondition),
		}
	}
	return description{
		id: "delete" + one, summary: "Delete one " + name,
		parameters: d.preconditions(), success: http.StatusNoContent,
		response: d.shared("Deleted"),
		others:   statuses(ofDatabase, ofReferences(t), ofParameters, ofPrecondition),
	}
}

// describePut describes the PUT of a row whose key the client chooses.
func (d *document) describePut(t *resource.Table) description {
	one := singular(t)
	return description{
		id: "replace" + one, summary: "Replace or create one " + strings.ToLower(one),
		text:       "Absent members take their defaults. Members of the key must be absent, or equal to the path.",
		parameters: append(d.preconditions(), d.parameter("If-None-Match-Put")), body: jsonContent(d.row(t, "Replace")),
		success: http.StatusOK, response: ref("responses", d.rowResponse(t)),
		created: response("The new row", jsonContent(d.row(t, "")), "ETag", "Location"),
		others:  statuses(ofDatabase, ofBody, ofUnique(t), ofPrecondition),
	}
}

// describeLink describes a PUT or a DELETE of a link between two rows.
func (d *document) describeLink(r route) description {
	one, other := singular(r.parent), singular(r.table)
	verb, text := "link", "Does nothing if they are linked."
	if r.kind == kindUnlink {
		verb, text = "unlink", "Does nothing if they are not linked."
	}
	return description{
		id:      verb + one + plural(r.relation.Name),
		summary: plural(verb) + " a " + strings.ToLower(one) + " and one of its " + r.relation.Name, text: text,
		success: http.StatusNoContent, response: response("The "+strings.ToLower(one)+" and the "+strings.ToLower(other)+
			" are "+verb+"ed", nil),
		others: statuses(ofDatabase, ofRow, ofParameters),
	}
}

// describeCount returns the description of the HEAD of a list.
func (d *document) describeCount(r route) description {
	x := d.describe(r)
	x.id = strings.Replace(x.id, "list", "count", 1)
	x.summary = strings.Replace(x.summary, "List", "Count", 1)
	x.text = "Returns the headers of the list, with X-Total-Count."
	x.response = response("X-Total-Count is the number of rows that match", nil, "X-Total-Count", "Link")
	return x
}

// ofParent returns the statuses of a missing parent: 404 for a relation, else none.
func ofParent(r route) []int {
	if r.parent == nil {
		return nil
	}
	return ofRow
}

// ofUnique returns the statuses of a duplicate value in a change of one row: 409 if the table has unique fields that a
// change can write, unlike those of the key.
func ofUnique(t *resource.Table) []int {
	for _, u := range t.Uniques {
		if slices.ContainsFunc(u.Fields, func(f *resource.Field) bool { return !f.InKey && !f.ReadOnly }) {
			return ofConflict
		}
	}
	return nil
}

// ofReferences returns the statuses of a delete of a referenced row: 409 if foreign keys
// reference the table.
func ofReferences(t *resource.Table) []int {
	if slices.ContainsFunc(t.Relations, func(r *resource.Relation) bool { return r.Many }) {
		return ofConflict
	}
	return nil
}

// statuses returns the sorted union of sets of statuses.
func statuses(sets ...[]int) []int {
	together := slices.Concat(sets...)
	slices.Sort(together)
	return slices.Compact(together)
}
