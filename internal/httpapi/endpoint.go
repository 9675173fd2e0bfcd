package httpapi

import (
	"context"
	"net/http"
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
	of       *resource.Table // the table of the parent
	relation *resource.Relation
}

func newEndpoint(a *api, t *resource.Table) *endpoint {
	r := &endpoint{api: a, model: t, rows: a.Store.Table(t), query: query.Table{Name: t.Name}, whole: t.View(nil)}
	for _, f := range t.Fields {
		r.query.Fields = append(r.query.Fields, queryField(f, r.rows.Ordered(f)))
	}
	r.query.NoKey = len(t.Key) == 0
	for _, f := range t.Order() {
		if r.rows.Ordered(f) || !r.query.NoKey {
			r.query.Key = append(r.query.Key, f.Name)
		}
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
	key, err := rowKey(c, r.model)
	if err != nil {
		return err
	}
	q, err := r.query.ParseOne(c.Request.URL.RawQuery)
	if err != nil {
		return err
	}
	from := reader(c, r.rows)
	rows, err := from.Get(c.Request.Context(), key)
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

func (r *endpoint) patch(c *gin.Context) error {
	key, body, err := r.changed(c)
	if err != nil {
		return err
	}
	values, err := r.model.DecodeChanges(body, key)
	if err != nil {
		return err
	}
	rows, err := r.rows.Update(c.Request.Context(), key, values, r.precondition(c))
	if err != nil {
		return err
	}
	return r.sendRow(c, http.StatusOK, rows)
}

// put replaces a row. If the client chooses the key, it creates a row that is missing.
func (r *endpoint) put(c *gin.Context) error {
	key, body, err := r.changed(c)
	if err != nil {
		return err
	}
	values, err := r.model.DecodeReplacement(body, key)
	if err != nil {
		return err
	}
	ctx, check := c.Request.Context(), r.precondition(c)
	if r.model.Auto != nil {
		rows, err := r.rows.Update(ctx, key, values, check)
		if err != nil {
			return err
		}
		return r.sendRow(c, http.StatusOK, rows)
	}
	rows, created, err := r.rows.Put(ctx, key, values, check)
	if err != nil {
		return err
	}
	if !created {
		return r.sendRow(c, http.StatusOK, rows)
	}
	c.Writer.Header().Set("Location", r.api.BasePath(ctx)+r.model.Path(rows.Key(0)))
	return r.sendRow(c, http.StatusCreated, rows)
}

// changed returns the key and the body of a request that changes a row.
func (r *endpoint) changed(c *gin.Context) (resource.Key, []byte, error) {
	key, err := rowKey(c, r.model)
	if err != nil {
		return nil, nil, err
	}
	if err := query.ParseNone(c.Request.URL.RawQuery); err != nil {
		return nil, nil, err
	}
	body, err := readJSON(c)
	return key, body, err
}

// sendRow writes a response with a row and its ETag.
func (r *endpoint) sendRow(c *gin.Context, status int, rows *resource.Rows) error {
	row := r.whole.Append(nil, rows, 0)
	c.Writer.Header().Set("ETag", etag(row))
	return sendJSON(c, status, row)
}

func (r *endpoint) delete(c *gin.Context) error {
	key, err := rowKey(c, r.model)
	if err != nil {
		return err
	}
	if err := query.ParseNone(c.Request.URL.RawQuery); err != nil {
		return err
	}
	if err := r.rows.Delete(c.Request.Context(), key, r.precondition(c)); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// rowKey returns the key of a row of t in the path. Text that is not a valid key is errNoRow.
func rowKey(c *gin.Context, t *resource.Table) (resource.Key, error) {
	key, ok := t.ParseKey(c.Param("id"))
	if !ok {
		return nil, errNoRow
	}
	return key, nil
}
