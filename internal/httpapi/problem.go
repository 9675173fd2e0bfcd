package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"slipway/internal/query"
	"slipway/internal/resource"
	"slipway/internal/store"
)

// problem is a problem document (RFC 9457). Error repeats Detail, for clients of the
// Flask application that slipway replaces.
type problem struct {
	Type      string  `json:"type"`
	Title     string  `json:"title"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail"`
	RequestID string  `json:"request_id"`
	Error     string  `json:"error"`
	Errors    []fault `json:"errors,omitempty"`
}

// fault describes one error in a request. Field is a member of the body, Param a
// parameter or header; both are empty if the error is in the body as a whole.
type fault struct {
	Field  string `json:"field,omitempty"`
	Param  string `json:"param,omitempty"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// statusError is an error with an HTTP status that is not an error of a table.
type statusError struct {
	status int
	detail string
}

func (e *statusError) Error() string { return e.detail }

// methodError is a request with a method that its path does not support.
type methodError struct{ method string }

func (e *methodError) Error() string { return "Method " + e.method + " is not supported at this path" }

var (
	errNoRoute = &statusError{http.StatusNotFound, "Path not found"}
	errNoRow   = &store.Error{Kind: store.NotFound}
)

// statusClientGone is the status in the log when the client has closed the connection.
// nginx uses the same number.
const statusClientGone = 499

// kinds maps the kind of a store error to a response. The texts are for clients; the
// cause is in the log only.
var kinds = map[store.Kind]struct {
	status int
	// ofField follows the label of each field that the store names. detail is used if
	// it names none; param is the parameter or header that is invalid.
	ofField, detail, param string
}{
	store.NotFound: {status: http.StatusNotFound, detail: "Row not found"},
	store.TooMany:  {status: http.StatusConflict, param: "max_affected"},
	store.TooLarge: {status: http.StatusBadRequest, param: "per_page",
		detail: "The response exceeds Lambda's limit of 6 MB: request fewer rows (per_page) or fewer members (fields)"},
	store.KeyReused: {status: http.StatusUnprocessableEntity, param: "Idempotency-Key",
		detail: "This Idempotency-Key was already used for a different request: send a new key"},
	store.KeyBusy: {status: http.StatusConflict, param: "Idempotency-Key",
		detail: "The first request with this Idempotency-Key is still running: try again later"},
	store.NoKeyTable: {status: http.StatusServiceUnavailable, param: "Idempotency-Key",
		detail: "Idempotency-Key requires the table idempotency_keys, which is missing: apply the migration that creates " +
			"it, or send the request without the header"},
	store.Unreadable: {http.StatusConflict, "has a stored value that its type does not allow: another program wrote it. " +
		"Correct it in the database, or omit the field with fields", "", ""},
	store.Duplicate:   {http.StatusConflict, "is already taken", "A value that must be unique is already taken", ""},
	store.HasChildren: {status: http.StatusConflict, detail: "Other rows reference this row"},
	store.CascadeTooDeep: {status: http.StatusConflict, detail: "The change cascades through more levels of references " +
		"than the database supports: delete the rows of the deepest levels first"},
	store.MissingParent: {http.StatusUnprocessableEntity, "references a row that does not exist",
		"A referenced row does not exist", ""},
	store.NotNull: {http.StatusUnprocessableEntity, "must not be null", "A value must not be null", ""},
	store.Check: {status: http.StatusUnprocessableEntity,
		detail: "The row violates a check constraint or a trigger of the database"},
	store.TooLong:    {http.StatusUnprocessableEntity, "is too long", "A value is too long", ""},
	store.OutOfRange: {http.StatusUnprocessableEntity, "is out of range", "A value is out of range", ""},
	store.WrongType:  {http.StatusUnprocessableEntity, "has an invalid type", "A value has an invalid type", ""},
	store.Incomparable: {status: http.StatusBadRequest, detail: "A filter has a value that its column cannot store, " +
		"such as a character outside of the column's character set"},
	store.StatementTooLarge: {status: http.StatusRequestEntityTooLarge,
		detail: "The request exceeds the database's size limit for one statement: send fewer rows or shorter values"},
	store.QueryTooLarge: {status: http.StatusBadRequest,
		detail: "The query needs more memory than the database allows: sort by fields with shorter values, or send fewer " +
			"filters"},
	store.Busy:        {status: http.StatusServiceUnavailable, detail: "The database is busy: try again"},
	store.Unavailable: {status: http.StatusServiceUnavailable, detail: "The database is unavailable: try again later"},
	store.Schema: {status: http.StatusServiceUnavailable, detail: "The database does not have the schema that this " +
		"build expects: apply all migrations"},
	store.Deadline: {status: http.StatusGatewayTimeout, detail: "The request exceeded its time limit"},
	store.Canceled: {status: statusClientGone, detail: "The client closed the connection"},
}

// problemOf returns the problem for an error, without Type, Title and RequestID. An
// error of an unknown type is a bug: the result is a 500 without its text.
func problemOf(err error) problem {
	var (
		status  *statusError
		method  *methodError
		syntax  *resource.SyntaxError
		invalid *resource.InvalidError
		params  *query.Error
		stored  *store.Error
		element *elementError
		tooBig  *http.MaxBytesError
		auth    *authError
		issuer  *issuerError
		media   *mediaTypeError
		unmet   *preconditionError
	)
	switch {
	case errors.As(err, &unmet):
		return problem{Status: http.StatusPreconditionFailed, Detail: unmet.Error(),
			Errors: []fault{{Param: unmet.header, Code: "precondition", Detail: unmet.Error()}}}
	case errors.As(err, &auth):
		return problem{Status: auth.status, Detail: auth.detail,
			Errors: []fault{{Param: "Authorization", Code: auth.code, Detail: auth.detail}}}
	case errors.As(err, &issuer):
		return problem{Status: http.StatusServiceUnavailable,
			Detail: "The token cannot be verified, because its issuer is unavailable: try again later"}
	case errors.As(err, &status):
		return problem{Status: status.status, Detail: status.detail}
	case errors.As(err, &media):
		return problem{Status: http.StatusUnsupportedMediaType, Detail: media.detail,
			Errors: []fault{{Param: media.header, Code: "unsupported", Detail: media.detail}}}
	case errors.As(err, &method):
		return problem{Status: http.StatusMethodNotAllowed, Detail: method.Error()}
	case errors.As(err, &tooBig):
		return problemOfBody(http.StatusRequestEntityTooLarge, "too_large",
			fmt.Sprintf("The body must have at most %d bytes", tooBig.Limit))
	case errors.As(err, &syntax):
		return problemOfBody(http.StatusBadRequest, "syntax", syntax.Detail)
	case errors.As(err, &invalid):
		p := problem{Status: http.StatusUnprocessableEntity}
		for _, f := range invalid.Faults {
			p.Errors = append(p.Errors, fault{Field: f.Field, Code: f.Code, Detail: f.Detail})
		}
		return p.withSummary()
	case errors.As(err, &params):
		p := problem{Status: http.StatusBadRequest}
		for _, x := range params.Problems {
			p.Errors = append(p.Errors, fault{Param: x.Param, Code: x.Code, Detail: x.Detail})
		}
		return p.withSummary()
	case errors.As(err, &element):
		return problemOfStore(element.err, fmt.Sprintf("[%d]", element.row))
	case errors.As(err, &stored):
		return problemOfStore(stored, "")
	}
	return problem{Status: http.StatusInternalServerError,
		Detail: "Internal error: the log has the cause under this request_id"}
}

// problemOfBody returns the problem for an error in the body as a whole.
func problemOfBody(status int, code, detail string) problem {
	return problem{Status: status, Detail: detail, Errors: []fault{{Code: code, Detail: detail}}}
}

// problemOfStore returns the problem for an error of the store. Element is the place of
// the row in an array, such as [3], and empty for a single row.
func problemOfStore(e *store.Error, element string) problem {
	known, ok := kinds[e.Kind]
	if !ok {
		return problemOf(nil)
	}
	p := problem{Status: known.status, Detail: known.detail}
	if e.Kind == store.TooMany {
		p.Detail = fmt.Sprintf("The number of rows that match (%d) exceeds max_affected: nothing was changed", e.Count)
	}
	if e.Constraint != "" {
		p.Detail = fmt.Sprintf("The row violates the check constraint %s", e.Constraint)
	}
	if e.Kind == store.Check {
		p.Errors = []fault{{Code: string(e.Kind), Detail: p.Detail}}
	}
	if known.param != "" {
		p.Errors = []fault{{Param: known.param, Code: string(e.Kind), Detail: p.Detail}}
	}
	add := func(f *resource.Field, sentence string) {
		x := fault{Field: f.Name, Code: string(e.Kind), Detail: sentence}
		if element != "" {
			x.Field, x.Detail = element+"."+f.Name, element+": "+sentence
		}
		p.Errors = append(p.Errors, x)
	}
	for _, f := range e.Fields {
		add(f, f.Label()+" "+known.ofField)
	}
	for _, set := range e.Sets {
		names := make([]string, len(set))
		for i, f := range set {
			names[i] = f.Name
		}
		for _, f := range set {
			add(f, "The combination of "+strings.Join(names, " and ")+" "+known.ofField)
		}
	}
	if p.Errors != nil {
		return p.withSummary()
	}
	return p
}

// withSummary returns p with a Detail that joins the details of all faults, each once.
func (p problem) withSummary() problem {
	var details []string
	for _, f := range p.Errors {
		if len(details) == 0 || details[len(details)-1] != f.Detail {
			details = append(details, f.Detail)
		}
	}
	p.Detail = strings.Join(details, "; ")
	return p
}

// writeProblem writes the problem for an error. Every error response comes from it.
func writeProblem(c *gin.Context, err error) {
	// A handler may have set headers of a success before it failed.
	for _, name := range []string{"ETag", "Link", "Location", "X-Total-Count"} {
		c.Writer.Header().Del(name)
	}
	p := problemOf(err)
	p.Type = "about:blank"
	p.Title = http.StatusText(p.Status)
	if p.Status == statusClientGone {
		p.Title = "Client Closed Request"
	}
	p.RequestID = c.Writer.Header().Get(requestIDHeader)
	p.Error = p.Detail
	var stored *store.Error
	if p.Status == http.StatusServiceUnavailable || errors.As(err, &stored) && stored.Kind == store.KeyBusy {
		c.Writer.Header().Set("Retry-After", "1")
	}
	if auth, ok := errors.AsType[*authError](err); ok {
		c.Writer.Header().Set("WWW-Authenticate", auth.challenge)
	}
	body, err := json.Marshal(p)
	if err != nil { // impossible: only strings and numbers
		panic(err)
	}
	write(c, p.Status, "application/problem+json", body)
}
