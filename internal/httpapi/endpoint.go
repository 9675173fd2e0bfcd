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

// endpoint has the handlers of one table, or of a relation such as /users/7/posts.
type endpoint struct {
	api   *api
	model *resource.Table
	rows  *store.Table
	query query.Table
	whole *resource.View
	// parent and relation are set for a relation: users and posts of /users/7/posts.
	parent   *store.Table
	relation *resource.Relation
}

func newEndpoint(a *api, t *resource.Table) *endpoint {
	r := &endpoint{api: a, model: t, rows: a.Store.Table(t), query: query.Table{Name: t.Name}, whole: t.View(nil)}
	for _, f := range t.Fields {
		r.query.Fields = append(r.query.Fields, queryField(f, r.rows.Ordered(f)))
	}
	for _, rel := range t.Relations {
		r.query.Includes = append(r.query.Includes, rel.Name)
	}
	return r
}

// reader returns the table that a GET reads from: the primary database if the request has
// Cache-Control: no-cache (RFC 9111, section 5.2.1.4), else the replica if there is one.
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
	// A response with relations has no ETag: the row's ETag does not change with them.
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

// view returns a view with these fields (nil for all) and with these relations of the
// rows. It runs one statement per relation.
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

// change handles a PATCH or a PUT. decode returns the values to write for a body.
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

// rowID returns the id in the path. Text that is not a valid id is errNoRow.
func rowID(c *gin.Context) (int64, error) {
	text := c.Param("id")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != text {
		return 0, errNoRow
	}
	return id, nil
}
