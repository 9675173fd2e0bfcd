package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"slipway/internal/query"
	"slipway/internal/resource"
	"slipway/internal/store"
)

// create answers a POST with one row or with an array of rows, all of which are
// written or none.
func (r *endpoint) create(c *gin.Context) error {
	var fixed []resource.Value
	if r.relation != nil {
		id, err := rowID(c)
		if err != nil {
			return err
		}
		fixed = []resource.Value{{Field: r.relation.Field, Value: id}}
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
	rows, array, err := r.model.DecodeRows(body, fixed...)
	if err != nil {
		return err
	}
	answer, replayed, err := r.write(c, key, body, rows, array)
	if err != nil {
		return r.createError(err, array)
	}
	header := c.Writer.Header()
	if replayed {
		header.Set("Idempotency-Replayed", "true")
	}
	if answer.Location != "" { // of a single row
		header.Set("Location", r.api.BasePath(c.Request.Context())+answer.Location)
		header.Set("ETag", etag([]byte(answer.Body)))
	}
	return sendJSON(c, http.StatusCreated, []byte(answer.Body))
}

// write writes the rows, once where there is a key, and says what to answer.
func (r *endpoint) write(
	c *gin.Context, key string, body []byte, rows *resource.Rows, array bool,
) (store.StoredResponse, bool, error) {
	ctx := c.Request.Context()
	describe := func() store.StoredResponse {
		if array {
			return store.StoredResponse{Body: string(r.whole.AppendAll(nil, rows))}
		}
		return store.StoredResponse{
			Body:     string(r.whole.Append(nil, rows, 0)),
			Location: "/" + r.model.Name + "/" + strconv.FormatInt(r.model.ID(rows.Row(0)), 10),
		}
	}
	if key == "" {
		err := r.rows.Create(ctx, rows)
		if err != nil {
			return store.StoredResponse{}, false, err
		}
		return describe(), false, nil
	}
	caller := strconv.AppendQuote(nil, c.GetString(callerKey)) // another caller's equal key is another key
	id := sha256.Sum256(append(caller, key...))
	request := sha256.Sum256(append([]byte(c.Request.URL.Path+"\n"), body...))
	return r.rows.CreateIdempotent(ctx,
		store.IdempotencyKey{ID: hex.EncodeToString(id[:]), Request: hex.EncodeToString(request[:])}, rows,
		describe)
}

// createError says which row of an array is at fault. Below a row that is not
// there nothing is: its id was not the body's.
func (r *endpoint) createError(err error, array bool) error {
	e, ok := err.(*store.Error)
	switch {
	case !ok:
		return err
	case r.relation != nil && e.Kind == store.MissingParent && len(e.Fields) == 1 && e.Fields[0] == r.relation.Field:
		return errNoRow
	case array && e.Row >= 0:
		return &elementError{e, e.Row}
	}
	return err
}

// elementError is an error of one row of an array.
type elementError struct {
	err *store.Error
	row int
}

func (e *elementError) Error() string { return fmt.Sprintf("[%d]: %v", e.row, e.err) }
func (e *elementError) Unwrap() error { return e.err }

// maxKey is how long an Idempotency-Key may be.
const maxKey = 255

// idempotencyKey reads the header (draft-ietf-httpapi-idempotency-key-header).
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
		return "", fault("repeated", fmt.Sprintf("is given %d times", len(values)))
	}
	key := values[0]
	if key == "" || len(key) > maxKey {
		return "", fault("out_of_range", fmt.Sprintf("must have 1 to %d characters", maxKey))
	}
	for _, b := range []byte(key) {
		if b < ' ' || b > '~' {
			return "", fault("invalid_text", "must be printable ASCII")
		}
	}
	return key, nil
}
