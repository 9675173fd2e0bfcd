package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"slipway/internal/query"
)

// bulkPatch applies a merge patch to all rows that match.
func (r *endpoint) bulkPatch(c *gin.Context) error {
	q, err := r.bulk(c)
	if err != nil {
		return err
	}
	body, err := readJSON(c)
	if err != nil {
		return err
	}
	values, err := r.model.DecodeChanges(body, nil)
	if err != nil {
		return err
	}
	if q.DryRun {
		return r.dryRun(c, q)
	}
	n, err := r.rows.UpdateAll(c.Request.Context(), q.Filters, values, q.MaxAffected)
	return affected(c, n, err)
}

// bulkDelete deletes all rows that match.
func (r *endpoint) bulkDelete(c *gin.Context) error {
	q, err := r.bulk(c)
	if err != nil {
		return err
	}
	if q.DryRun {
		return r.dryRun(c, q)
	}
	n, err := r.rows.DeleteAll(c.Request.Context(), q.Filters, q.MaxAffected)
	return affected(c, n, err)
}

// bulk returns the parameters of a bulk write. It refuses preconditions, which apply to
// one row only.
func (r *endpoint) bulk(c *gin.Context) (query.Bulk, error) {
	for _, name := range []string{"If-Match", "If-None-Match"} {
		if c.Request.Header.Values(name) != nil {
			return query.Bulk{},
				&query.Error{Problems: []query.Problem{{Param: name, Code: "conflict", Detail: name + " applies to a single row, " +
					"but this request can change many: use max_affected, or change the rows one at a time"}}}
		}
	}
	return r.query.ParseBulk(c.Request.URL.RawQuery)
}

func (r *endpoint) dryRun(c *gin.Context, q query.Bulk) error {
	n, err := r.rows.CountAll(c.Request.Context(), q.Filters, q.MaxAffected)
	return affected(c, n, err)
}

func affected(c *gin.Context, n int64, err error) error {
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, map[string]int64{"affected": n})
}
