package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"slipway/internal/query"
	"slipway/internal/resource"
	"slipway/internal/store"
)

// endpoint serves one table, or the rows of it that belong to one row of another.
type endpoint struct {
	api   *api
	model *resource.Table
	rows  *store.Table
	query query.Table
	whole *resource.View
	// parent and relation are set below a row: of /users/7/posts, users and the
	// posts of a user.
	parent   *store.Table
	relation *resource.Relation
}

func newEndpoint(a *api, t *resource.Table) *endpoint {
	types := map[resource.Type]query.Type{
		resource.Text: query.Text, resource.Integer: query.Integer, resource.Number: query.Number,
		resource.Boolean: query.Boolean, resource.Time: query.Time,
	}
	r := &endpoint{api: a, model: t, rows: a.Store.Table(t), query: query.Table{Name: t.Name}, whole: t.View(nil)}
	for _, f := range t.Fields {
		r.query.Fields = append(r.query.Fields, query.Field{Name: f.Name, Type: types[f.Type], Nullable: f.Nullable})
	}
	for _, rel := range t.Relations {
		r.query.Includes = append(r.query.Includes, rel.Name)
	}
	return r
}

// reader is where a GET reads. A client that must see what it has just written
// says so as HTTP does (RFC 9111, section 5.2.1.4).
func reader(c *gin.Context, t *store.Table) *store.Table {
	for directive := range strings.SplitSeq(c.Request.Header.Get("Cache-Control"), ",") {
		if strings.EqualFold(strings.TrimSpace(directive), "no-cache") {
			return t.Primary()
		}
	}
	return t
}

func (r *endpoint) get(c *gin.Context) error {
	id, err := rowID(c)
	if err != nil {
		return err
	}
	q, err := r.query.ParseOne(c.Request.URL.RawQuery)
	if err != nil {
		return err
	}
	from := reader(c, r.rows)
	rows, err := from.Get(c.Request.Context(), id)
	if err != nil {
		return err
	}
	// With a relation inlined an answer is more than the row: the row's tag would
	// not tell when the rest has changed.
	if q.Include == nil {
		row := r.whole.Append(nil, rows, 0)
		tag := etag(row)
		c.Writer.Header().Set("ETag", tag)
		if anyTag(c.Request.Header.Values("If-None-Match"), tag, weakly) {
			c.Status(http.StatusNotModified)
			return nil
		}
		if q.Fields == nil {
			return sendFitting(c, row)
		}
	}
	view, err := r.view(c.Request.Context(), from, q.Fields, q.Include, rows)
	if err != nil {
		return err
	}
	return sendFitting(c, view.Append(nil, rows, 0))
}

// view is how rows are shown: one statement for each relation that is inlined.
func (r *endpoint) view(
	ctx context.Context, from *store.Table, fields, include []string, rows *resource.Rows,
) (*resource.View, error) {
	if fields == nil && include == nil {
		return r.whole, nil
	}
	var included []*resource.Included
	for _, name := range include {
		in, err := from.Include(ctx, r.model.Relation(name), rows)
		if err != nil {
			return nil, err
		}
		included = append(included, in)
	}
	return r.model.View(fields, included...), nil
}

func (r *endpoint) patch(c *gin.Context) error { return r.change(c, r.model.DecodeChanges) }

func (r *endpoint) put(c *gin.Context) error { return r.change(c, r.model.DecodeReplacement) }

// change answers a PATCH and a PUT: they differ in what absent members mean.
func (r *endpoint) change(c *gin.Context, decode func([]byte) ([]resource.Value, error)) error {
	id, err := rowID(c)
	if err != nil {
		return err
	}
	if err := query.ParseNone(c.Request.URL.RawQuery); err != nil {
		return err
	}
	body, err := readJSON(c)
	if err != nil {
		return err
	}
	values, err := decode(body)
	if err != nil {
		return err
	}
	rows, err := r.rows.Update(c.Request.Context(), id, values, r.precondition(c))
	if err != nil {
		return err
	}
	row := r.whole.Append(nil, rows, 0)
	c.Writer.Header().Set("ETag", etag(row))
	return sendJSON(c, http.StatusOK, row)
}

func (r *endpoint) delete(c *gin.Context) error {
	id, err := rowID(c)
	if err != nil {
		return err
	}
	if err := query.ParseNone(c.Request.URL.RawQuery); err != nil {
		return err
	}
	if err := r.rows.Delete(c.Request.Context(), id, r.precondition(c)); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// rowID reads the id of the path. What no row can have as its id is a row that
// is not there.
func rowID(c *gin.Context) (int64, error) {
	text := c.Param("id")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != text {
		return 0, errNoRow
	}
	return id, nil
}
