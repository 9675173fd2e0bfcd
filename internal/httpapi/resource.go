package httpapi

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"slipway/internal/model"
	"slipway/internal/query"
	"slipway/internal/store"
)

// resource serves one table.
type resource struct {
	api    *api
	model  *model.Table
	rows   *store.Table
	fields []query.Field
}

func newResource(a *api, t *model.Table) *resource {
	types := map[model.Type]query.Type{
		model.Text: query.Text, model.Integer: query.Integer, model.Number: query.Number,
		model.Boolean: query.Boolean, model.Time: query.Time,
	}
	r := &resource{api: a, model: t, rows: a.Store.Table(t)}
	for _, f := range t.Fields {
		r.fields = append(r.fields, query.Field{Name: f.Name, Type: types[f.Type]})
	}
	return r
}

func (r *resource) create(c *gin.Context) error {
	body, err := readJSON(c)
	if err != nil {
		return err
	}
	row, err := r.model.DecodeRow(body)
	if err != nil {
		return err
	}
	if err := r.rows.Create(c.Request.Context(), row); err != nil {
		return err
	}
	c.Writer.Header().Set("Location", r.api.BasePath(c.Request.Context())+"/"+r.model.Name+"/"+strconv.FormatInt(r.model.ID(row), 10))
	return writeJSON(c, http.StatusCreated, row)
}

func (r *resource) get(c *gin.Context) error {
	id, err := rowID(c)
	if err != nil {
		return err
	}
	row, err := r.rows.Get(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, row)
}

func (r *resource) list(c *gin.Context) error {
	q, err := query.Parse(r.fields, c.Request.URL.RawQuery)
	if err != nil {
		return err
	}
	rows, err := r.rows.List(c.Request.Context(), q)
	if err != nil {
		return err
	}
	if q.Page > 0 {
		total, err := r.rows.Count(c.Request.Context(), q)
		if err != nil {
			return err
		}
		c.Writer.Header().Set("X-Total-Count", strconv.FormatInt(total, 10))
		c.Writer.Header().Set("Link", pageLinks(r.api.BasePath(c.Request.Context()), c.Request.URL, q, total))
	}
	return writeJSON(c, http.StatusOK, rows.Slice())
}

func (r *resource) patch(c *gin.Context) error {
	id, err := rowID(c)
	if err != nil {
		return err
	}
	body, err := readJSON(c)
	if err != nil {
		return err
	}
	values, err := r.model.DecodeChanges(body)
	if err != nil {
		return err
	}
	row, err := r.rows.Update(c.Request.Context(), id, values)
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, row)
}

func (r *resource) delete(c *gin.Context) error {
	id, err := rowID(c)
	if err != nil {
		return err
	}
	if err := r.rows.Delete(c.Request.Context(), id); err != nil {
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

// pageLinks is the Link header (RFC 8288) of a page: its neighbours that exist,
// and both ends.
func pageLinks(base string, u *url.URL, q query.List, total int64) string {
	last := max(1, int((total+int64(q.PerPage)-1)/int64(q.PerPage)))
	values := u.Query()
	var links []string
	add := func(rel string, page int) {
		values.Set("page", strconv.Itoa(page))
		links = append(links, fmt.Sprintf("<%s%s?%s>; rel=%q", base, u.EscapedPath(), values.Encode(), rel))
	}
	if q.Page < last {
		add("next", q.Page+1)
	}
	if q.Page > 1 {
		add("prev", min(q.Page-1, last))
	}
	add("first", 1)
	add("last", last)
	return strings.Join(links, ", ")
}
