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

// list handles a GET of many rows. A HEAD counts the rows and reads only the keys that
// the Link header needs.
func (r *endpoint) list(c *gin.Context) error {
	ctx := c.Request.Context()
	from := reader(c, r.rows)
	parent, err := r.scope(c)
	if err != nil {
		return err
	}
	q, err := r.query.ParseList(c.Request.URL.RawQuery)
	if err != nil {
		return err
	}
	if r.relation != nil && r.relation.Through != nil {
		from = from.Linked(r.relation, valuesOf(parent))
	} else {
		q.Filters = within(parent, q.Filters)
	}
	var rows *resource.Rows // the last row has the keys for the next page
	var more bool
	head := c.Request.Method == http.MethodHead
	if !head {
		if rows, more, err = from.List(ctx, q); err != nil {
			return err
		}
	}
	if r.relation != nil && (head || rows.Len() == 0) { // any row would prove that its parent exists
		if err := r.parentExists(c); err != nil {
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

// scope returns the values that the row in the path of a relation has in common with its related
// rows: user_id=7 for /users/7/posts. For a whole table there are none. It runs no statement,
// unless the relation is not by the key of the row.
func (r *endpoint) scope(c *gin.Context) ([]resource.Value, error) {
	if r.relation == nil {
		return nil, nil
	}
	key, err := rowKey(c, r.of)
	if err != nil {
		return nil, err
	}
	from, values := r.relation.From(), []any(key)
	if !slices.Equal(from, r.of.Key) {
		rows, err := reader(c, r.parent).Get(c.Request.Context(), key)
		if err != nil {
			return nil, err
		}
		values = nil
		for _, f := range from {
			values = append(values, f.Of(rows.Row(0)))
		}
	}
	scope := make([]resource.Value, len(from))
	for i, f := range r.relation.To() {
		scope[i] = resource.Value{Field: f, Value: values[i]}
	}
	return scope, nil
}

// parentExists returns an error of kind [store.NotFound] if the row in the path of a relation is missing.
func (r *endpoint) parentExists(c *gin.Context) error {
	key, err := rowKey(c, r.of)
	if err != nil {
		return err
	}
	return reader(c, r.parent).Exists(c.Request.Context(), key)
}

func valuesOf(scope []resource.Value) []any {
	values := make([]any, len(scope))
	for i, v := range scope {
		values[i] = v.Value
	}
	return values
}

// within returns filters that select only rows with the values of a scope. It replaces filters by these fields.
func within(scope []resource.Value, filters []query.Filter) []query.Filter {
	for _, v := range scope {
		filters = slices.DeleteFunc(filters, func(f query.Filter) bool { return f.Field == v.Field.Name })
	}
	for _, v := range scope {
		// In, because nothing equals NULL.
		filters = append(filters, query.Filter{Field: v.Field.Name, Op: query.In, Values: []any{v.Value}})
	}
	return filters
}

// links returns the Link header (RFC 8288): next, and with page also prev, first and last.
// It is empty if there is no further page.
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
		f := r.model.Field(o.Field)
		if keys[i] = f.Of(last); keys[i] == nil && !f.IsNull(last) {
			keys[i] = query.ZeroDate{}
		}
	}
	return link(base, u, "cursor", r.query.Cursor(q.Sort, keys), "next")
}

// pageLinks returns the Link header for a list with page.
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

// link returns a link to the requested URL with one parameter changed. It sorts the
// parameters by name, because gateways do not preserve their order.
func link(base string, u *url.URL, param, value, rel string) string {
	values := u.Query()
	values.Set(param, value)
	return fmt.Sprintf("<%s%s?%s>; rel=%q", base, u.EscapedPath(), values.Encode(), rel)
}

// maxResponse is Lambda's limit for a response (6 MB, the number is from its error
// message), minus room for the rest of the event. The local server has the same limit.
const maxResponse = 6_291_556 - 16_384

// sendFitting writes a response of JSON, or returns a [store.TooLarge] error if it exceeds
// Lambda's limit.
func sendFitting(c *gin.Context, body []byte) error {
	if !fits(body) {
		return &store.Error{Kind: store.TooLarge}
	}
	return sendJSON(c, http.StatusOK, body)
}

// fits reports whether a body of JSON is within Lambda's limit. The event contains the
// body as a JSON string, in which a quote or a backslash takes two bytes.
func fits(body []byte) bool {
	if len(body) <= maxResponse/2 {
		return true
	}
	return len(body)+bytes.Count(body, []byte{'"'})+bytes.Count(body, []byte{'\\'}) <= maxResponse
}
