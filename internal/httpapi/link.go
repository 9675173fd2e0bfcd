package httpapi

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"slipway/internal/query"
	"slipway/internal/resource"
	"slipway/internal/store"
)

// link links two rows of a many-to-many relation: PUT /films/1/actors/5. It does nothing if they are linked.
func (r *endpoint) link(c *gin.Context) error {
	values, err := r.pair(c)
	if err != nil {
		return err
	}
	through := r.relation.Through.Table
	rows, _, err := through.DecodeRows([]byte("{}"), values...) // sets the defaults of the other columns
	if err != nil {
		return err
	}
	err = r.api.Store.Table(through).Create(c.Request.Context(), rows)
	var known *store.Error
	switch {
	case errors.As(err, &known) && known.Kind == store.Duplicate: // they are linked
	case errors.As(err, &known) && known.Kind == store.MissingParent:
		return errNoRow
	case err != nil:
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// unlink removes the link between two rows: DELETE /films/1/actors/5. It does nothing if they are not linked.
func (r *endpoint) unlink(c *gin.Context) error {
	values, err := r.pair(c)
	if err != nil {
		return err
	}
	through := r.relation.Through.Table
	err = r.api.Store.Table(through).Delete(c.Request.Context(), through.NewRow(nil, values).Key(0), nil)
	if known, ok := errors.AsType[*store.Error](err); ok && known.Kind == store.NotFound {
		err = r.parentExists(c)
	}
	if err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// pair returns the values of the two foreign keys of the link between the rows in the path.
func (r *endpoint) pair(c *gin.Context) ([]resource.Value, error) {
	values, err := r.scope(c)
	if err != nil {
		return nil, err
	}
	other, ok := r.model.ParseKey(c.Param("other"))
	if !ok {
		return nil, errNoRow
	}
	for i, f := range r.relation.Through.Far.Fields {
		values = append(values, resource.Value{Field: f, Value: other[i]})
	}
	return values, query.ParseNone(c.Request.URL.RawQuery)
}
