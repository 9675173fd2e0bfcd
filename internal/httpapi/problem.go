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

// problem is an RFC 9457 problem. Error says what Detail says, for clients of the
// Flask application that this one can take the place of.
type problem struct {
	Type      string  `json:"type"`
	Title     string  `json:"title"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail"`
	RequestID string  `json:"request_id"`
	Error     string  `json:"error"`
	Errors    []fault `json:"errors,omitempty"`
}

// fault names one thing at fault: a member of the body or a parameter.
type fault struct {
	Field  string `json:"field,omitempty"`
	Param  string `json:"param,omitempty"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// statusError is an error of HTTP itself, found before any table is asked.
type statusError struct {
	status int
	detail string
}

func (e *statusError) Error() string { return e.detail }

// methodError is a method that a route does not have.
type methodError struct{ method string }

func (e *methodError) Error() string { return e.method + " is not a method of this route" }

var (
	errNoRoute = &statusError{http.StatusNotFound, "There is nothing at this path"}
	errNoRow   = &store.Error{Kind: store.NotFound}
)

// statusClientGone is what the log shows when nobody waits for the answer any
// more; the number is nginx's.
const statusClientGone = 499

// kinds is what becomes of an error of the store. The sentences are for a client;
// the cause stays in the log.
var kinds = map[store.Kind]struct {
	status int
	// ofField is said of a field, behind its name, where the store names one;
	// detail is said otherwise, of the parameter or header that is at fault.
	ofField, detail, param string
}{
	store.NotFound: {status: http.StatusNotFound, detail: "There is no row with this id"},
	store.TooMany:  {status: http.StatusConflict, param: "max_affected"},
	store.TooLarge: {status: http.StatusBadRequest, param: "per_page",
		detail: "The answer would pass Lambda's 6 MB: ask for fewer rows (per_page) or fewer members (fields)"},
	store.KeyReused: {status: http.StatusUnprocessableEntity, param: "Idempotency-Key",
		detail: "This Idempotency-Key came with another request before: a new request needs a new key"},
	store.KeyBusy: {status: http.StatusConflict, param: "Idempotency-Key",
		detail: "The first request with this Idempotency-Key is still under way: try again later"},
	store.NoKeyTable: {status: http.StatusServiceUnavailable, param: "Idempotency-Key",
		detail: "Idempotency-Key needs the table idempotency_keys, which this database does not have: apply the migration " +
			"that creates it, or send the request without the header"},
	store.Duplicate:   {http.StatusConflict, "is already taken", "A value that must be unique is already taken", ""},
	store.HasChildren: {status: http.StatusConflict, detail: "Other rows still refer to this one"},
	store.CascadeTooDeep: {status: http.StatusConflict, detail: "The change would reach rows that refer to each other " +
		"in more levels than the database follows: delete the last ones first"},
	store.MissingParent: {http.StatusUnprocessableEntity, "names a row that does not exist",
		"A row that is referred to does not exist", ""},
	store.NotNull: {http.StatusUnprocessableEntity, "must not be null", "A value is null that must not be", ""},
	store.Check: {status: http.StatusUnprocessableEntity,
		detail: "The database refuses the row by a rule of its own"},
	store.TooLong:    {http.StatusUnprocessableEntity, "is too long", "A value is too long", ""},
	store.OutOfRange: {http.StatusUnprocessableEntity, "is out of range", "A value is out of range", ""},
	store.WrongType: {http.StatusUnprocessableEntity, "has a value of the wrong type", "A value has the wrong type",
		""},
	store.Incomparable: {status: http.StatusBadRequest, detail: "A filter has a value that its field cannot hold, " +
		"such as a character that is not in the column's character set"},
	store.StatementTooLarge: {status: http.StatusRequestEntityTooLarge,
		detail: "The request has more bytes than the database takes in one statement: send fewer rows at once, or shorter " +
			"values"},
	store.QueryTooLarge: {status: http.StatusBadRequest,
		detail: "The query takes more memory than the database allows: sort by fields with shorter values, or send fewer " +
			"filters"},
	store.Busy:        {status: http.StatusServiceUnavailable, detail: "The database is busy: try again"},
	store.Unavailable: {status: http.StatusServiceUnavailable, detail: "The database does not answer: try again later"},
	store.Schema: {status: http.StatusServiceUnavailable, detail: "The database does not have the schema that this " +
		"build expects: its migrations are not all applied"},
	store.Deadline: {status: http.StatusGatewayTimeout, detail: "The request took longer than it may"},
	store.Canceled: {status: statusClientGone, detail: "The client went away"},
}

// problemOf turns an error into what a client is told. What is not known is a
// bug: 500, and not a word of it.
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
		return problem{Status: http.StatusServiceUnavailable, Detail: "Whether the token is good cannot be found out: its " +
			"issuer does not answer. Try again later"}
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
		return p.summed()
	case errors.As(err, &params):
		p := problem{Status: http.StatusBadRequest}
		for _, x := range params.Problems {
			p.Errors = append(p.Errors, fault{Param: x.Param, Code: x.Code, Detail: x.Detail})
		}
		return p.summed()
	case errors.As(err, &element):
		return problemOfStore(element.err, fmt.Sprintf("[%d]", element.row))
	case errors.As(err, &stored):
		return problemOfStore(stored, "")
	}
	return problem{Status: http.StatusInternalServerError, Detail: "Something went wrong here; the log has it under " +
		"this request_id"}
}

// problemOfBody is a fault of the body as a whole.
func problemOfBody(status int, code, detail string) problem {
	return problem{Status: status, Detail: detail, Errors: []fault{{Code: code, Detail: detail}}}
}

func problemOfStore(e *store.Error, element string) problem {
	known, ok := kinds[e.Kind]
	if !ok {
		return problemOf(nil)
	}
	p := problem{Status: known.status, Detail: known.detail}
	if e.Kind == store.TooMany {
		p.Detail = fmt.Sprintf("max_affected is less than the number of rows that match (%d): nothing was changed", e.Count)
	}
	if e.Constraint != "" {
		p.Detail = fmt.Sprintf("The row violates the check %s", e.Constraint)
	}
	if e.Kind == store.Check {
		p.Errors = []fault{{Code: string(e.Kind), Detail: p.Detail}}
	}
	if known.param != "" {
		p.Errors = []fault{{Param: known.param, Code: string(e.Kind), Detail: p.Detail}}
	}
	for _, f := range e.Fields {
		sentence := f.Label() + " " + known.ofField
		if element == "" {
			p.Errors = append(p.Errors, fault{Field: f.Name, Code: string(e.Kind), Detail: sentence})
		} else {
			p.Errors = append(p.Errors,
				fault{Field: element + "." + f.Name, Code: string(e.Kind), Detail: element + ": " + sentence})
		}
	}
	if p.Errors != nil {
		return p.summed()
	}
	return p
}

// summed makes one sentence of all faults.
func (p problem) summed() problem {
	details := make([]string, len(p.Errors))
	for i, f := range p.Errors {
		details[i] = f.Detail
	}
	p.Detail = strings.Join(details, "; ")
	return p
}

// writeProblem is the one writer of errors.
func writeProblem(c *gin.Context, err error) {
	for _, name := range []string{"ETag", "Link", "Location", "X-Total-Count"} {
		c.Writer.Header().Del(name) // of the answer that it would have been
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
	if err != nil { // strings and numbers: it cannot be
		panic(err)
	}
	write(c, p.Status, "application/problem+json", body)
}
