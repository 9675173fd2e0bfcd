package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"slipway/internal/query"
	"slipway/internal/resource"
	"slipway/internal/store"
)

// create handles a POST of one row or of an array of rows. It writes all rows or none.
func (r *endpoint) create(c *gin.Context) error {
	fixed, err := r.scope(c)
	if err != nil {
		return err
	}
	if err := query.ParseNone(c.Request.URL.RawQuery); err != nil {
		return err
	}
	key, err := idempotencyKey(c)
	if err != nil {
		return err
	}
	body, err := readJSON(c)
	if err != nil {
		return err
	}
	for _, v := range fixed {
		if v.Value == nil {
			return &resource.InvalidError{Faults: []resource.Fault{{Field: v.Field.Name, Code: "null",
				Detail: v.Field.Label() + " is null in the row of the path, so that no row can reference it"}}}
		}
	}
	rows, array, err := r.model.DecodeRows(body, fixed...)
	if err != nil {
		return err
	}
	response, replayed, err := r.write(c, key, body, rows, array)
	if err != nil {
		return r.createError(err, array)
	}
	header := c.Writer.Header()
	if replayed {
		header.Set("Idempotency-Replayed", "true")
	}
	if !array && len(r.model.Key) > 0 {
		header.Set("Location", r.api.BasePath(c.Request.Context())+r.model.PathOf(response))
		header.Set("ETag", etag(response))
	}
	return sendJSON(c, http.StatusCreated, response)
}

// write writes the rows and returns the body of the response. With an idempotency key it may return
// the stored response of an earlier request instead: replayed is then true.
func (r *endpoint) write(
	c *gin.Context, key string, body []byte, rows *resource.Rows, array bool,
) (response []byte, replayed bool, err error) {
	ctx := c.Request.Context()
	describe := func() []byte {
		if array {
			return r.whole.AppendAll(nil, rows)
		}
		return r.whole.Append(nil, rows, 0)
	}
	if key == "" {
		if err := r.rows.Create(ctx, rows); err != nil {
			return nil, false, err
		}
		return describe(), false, nil
	}
	// The caller is part of the id: two callers may use the same key.
	caller := strconv.AppendQuote(nil, c.GetString(callerKey))
	id := sha256.Sum256(append(caller, key...))
	request := sha256.Sum256(append([]byte(c.Request.URL.Path+"\n"), body...))
	stored, replayed, err := r.rows.CreateIdempotent(ctx,
		store.IdempotencyKey{ID: hex.EncodeToString(id[:]), Request: hex.EncodeToString(request[:])}, rows,
		func() store.StoredResponse { return store.StoredResponse(describe()) })
	return []byte(stored), replayed, err
}

// createError returns an *elementError for an error in one row of an array. For a missing
// parent whose id comes from the path it returns a 404, because the body is valid.
func (r *endpoint) createError(err error, array bool) error {
	e, ok := err.(*store.Error)
	switch {
	case !ok:
		return err
	case r.relation != nil && e.Kind == store.MissingParent && r.onlyParent(e):
		return errNoRow
	case array && e.Row >= 0:
		return &elementError{e, e.Row}
	}
	return err
}

// onlyParent reports whether the row in the path is the only one that is missing.
func (r *endpoint) onlyParent(e *store.Error) bool {
	missing := slices.Concat(e.Sets...)
	return slices.Equal(append(missing, e.Fields...), r.relation.Key.Fields) && len(e.Sets) < 2
}

// elementError is an error in one row of an array.
type elementError struct {
	err *store.Error
	row int
}

func (e *elementError) Error() string { return fmt.Sprintf("[%d]: %v", e.row, e.err) }
func (e *elementError) Unwrap() error { return e.err }

// maxKey is the maximum length of an Idempotency-Key, in bytes.
const maxKey = 255

// idempotencyKey returns the value of the header Idempotency-Key, or "" if it is missing
// (draft-ietf-httpapi-idempotency-key-header). The error is a *[query.Error].
func idempotencyKey(c *gin.Context) (string, error) {
	values := c.Request.Header.Values("Idempotency-Key")
	if values == nil {
		return "", nil
	}
	fault := func(code, detail string) error {
		return &query.Error{
			Problems: []query.Problem{{Param: "Idempotency-Key", Code: code, Detail: "Idempotency-Key " + detail}}}
	}
	if len(values) > 1 {
		return "", fault("repeated", fmt.Sprintf("must be sent once, not %d times", len(values)))
	}
	key := values[0]
	if key == "" || len(key) > maxKey {
		return "", fault("out_of_range", fmt.Sprintf("must have 1 to %d characters", maxKey))
	}
	for _, b := range []byte(key) {
		if b < ' ' || b > '~' {
			return "", fault("invalid_text", "must have printable ASCII characters only")
		}
	}
	return key, nil
}
