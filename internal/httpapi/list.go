package httpapi

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"slipway/internal/query"
	"slipway/internal/resource"
	"slipway/internal/store"
)

// list answers a GET of many rows. A HEAD counts them, and reads no more than
// where the next page begins.
func (r *endpoint) list(c *gin.Context) error {
	ctx := c.Request.Context()
	from := reader(c, r.rows)
	scope, err := r.scope(c)
	if err != nil {
		return err
	}
	q, err := r.query.ParseList(c.Request.URL.RawQuery)
	if err != nil {
		return err
	}
	q.Filters = r.within(scope, q.Filters)
	var rows *resource.Rows // with the last row of the page at its end
	var more bool
	head := c.Request.Method == http.MethodHead
	if !head {
		if rows, more, err = from.List(ctx, q); err != nil {
			return err
		}
	}
	if r.relation != nil && (head || rows.Len() == 0) { // no row says that the one it belongs to is there
		if err := reader(c, r.parent).Exists(ctx, scope); err != nil {
			return err
		}
	}
	var total int64
	if q.Count || head {
		if total, err = from.Count(ctx, q.Filters); err != nil {
			return err
		}
		c.Writer.Header().Set("X-Total-Count", strconv.FormatInt(total, 10))
	}
	if head && q.Page == 0 && (q.After != nil || total > int64(q.PerPage)) {
		if rows, more, err = from.Keys(ctx, q); err != nil {
			return err
		}
	}
	if links := r.links(c, q, total, rows, more); links != "" {
		c.Writer.Header().Set("Link", links)
	}
	if head {
		c.Writer.Header().Set("Content-Type", "application/json")
		c.Status(http.StatusOK)
		return nil
	}
	view, err := r.view(ctx, from, q.Fields, q.Include, rows)
	if err != nil {
		return err
	}
	return sendFitting(c, view.AppendAll(make([]byte, 0, 256*rows.Len()), rows))
}

// scope returns the id of the row below which a list is; 0 where it is below none.
func (r *endpoint) scope(c *gin.Context) (int64, error) {
	if r.relation == nil {
		return 0, nil
	}
	return rowID(c)
}

// within limits filters to the rows that belong to a row: its id wins over what
// the parameters say of the field.
func (r *endpoint) within(scope int64, filters []query.Filter) []query.Filter {
	if r.relation == nil {
		return filters
	}
	field := r.relation.Field.Name
	filters = slices.DeleteFunc(filters, func(f query.Filter) bool { return f.Field == field })
	return append(filters, query.Filter{Field: field, Op: query.Eq, Values: []any{scope}})
}

// links is the Link header (RFC 8288): the way onward, and of a page also its
// other neighbour and both ends.
func (r *endpoint) links(c *gin.Context, q query.List, total int64, rows *resource.Rows, more bool) string {
	base, u := r.api.BasePath(c.Request.Context()), c.Request.URL
	if q.Page > 0 {
		return pageLinks(base, u, q, total)
	}
	if !more {
		return ""
	}
	keys := make([]any, len(q.Sort))
	last := rows.Row(rows.Len() - 1)
	for i, o := range q.Sort {
		keys[i] = r.model.Field(o.Field).Of(last)
	}
	return link(base, u, "cursor", r.query.Cursor(q.Sort, keys), "next")
}

// pageLinks names the pages around one.
func pageLinks(base string, u *url.URL, q query.List, total int64) string {
	last := max(1, int((total+int64(q.PerPage)-1)/int64(q.PerPage)))
	var links []string
	add := func(rel string, page int) { links = append(links, link(base, u, "page", strconv.Itoa(page), rel)) }
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

// link is the URL that was asked for with one parameter of another value. The
// parameters are in the order of their names: gateways do not keep another.
func link(base string, u *url.URL, param, value, rel string) string {
	values := u.Query()
	values.Set(param, value)
	return fmt.Sprintf("<%s%s?%s>; rel=%q", base, u.EscapedPath(), values.Encode(), rel)
}

// maxAnswer is what Lambda lets out (6 MB, as its error message has it), less
// room for the rest of the event that the body stands in. It holds everywhere, so
// that what works on a laptop works behind a gateway.
const maxAnswer = 6_291_556 - 16_384

// sendFitting answers with what was read, if Lambda lets it out.
func sendFitting(c *gin.Context, body []byte) error {
	if !fits(body) {
		return &store.Error{Kind: store.TooLarge}
	}
	return sendJSON(c, http.StatusOK, body)
}

// fits says whether a body of JSON fits into the answer of a function, where it
// stands as a JSON string.
func fits(body []byte) bool {
	if len(body) <= maxAnswer/2 { // no byte of it takes more than two
		return true
	}
	return len(body)+bytes.Count(body, []byte{'"'})+bytes.Count(body, []byte{'\\'}) <= maxAnswer
}
