package httpapi_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"

	"slipway/internal/resource"
)

// randreq generates random requests to tables from a seed. It uses keys, values, ETags, and links from earlier
// responses.
type randreq struct {
	*rand.Rand
	tables []*resource.Table
	tags   []string
	// links are URLs of next pages. seen are rows with their ETags.
	links []string
	seen  []seenRow
	// known has values of rows, as JSON, by their field. paths has the last segments of their paths.
	known map[*resource.Field][]string
	paths map[*resource.Table][]string
}

// seenRow is a row that a response had.
type seenRow struct {
	table     *resource.Table
	path, tag string
}

// randRequest is a request to the rows of a table. The table is nil for other requests.
type randRequest struct {
	method, path, body string
	headers            []string
	table              *resource.Table
}

func newRandreq(seed uint64, tables []*resource.Table) *randreq {
	return &randreq{Rand: rand.New(rand.NewPCG(seed, seed)), tables: tables, tags: []string{`"none"`},
		known: map[*resource.Field][]string{}, paths: map[*resource.Table][]string{}}
}

// last appends a value to a list and returns the last n of it.
func last[T any](list []T, n int, value T) []T {
	list = append(list, value)
	return list[max(0, len(list)-n):]
}

// learn records the ETag and the links of a response, and the keys and values of new rows.
func (d *randreq) learn(r randRequest, got response) {
	if next := got.Next(); next != "" {
		d.links = last(d.links, 6, next)
	}
	path, _, _ := strings.Cut(r.path, "?")
	if location := got.Header.Get("Location"); location != "" {
		path = location
	}
	if tag := got.Header.Get("ETag"); tag != "" {
		d.tags = last(d.tags, 21, tag)
		if r.table != nil {
			d.seen = last(d.seen, 9, seenRow{r.table, path, tag})
		}
	}
	if got.Status == http.StatusCreated && r.table != nil {
		body := got.Body
		if !strings.HasPrefix(body, "[") {
			body = "[" + body + "]"
		}
		var rows []json.RawMessage
		if err := json.Unmarshal([]byte(body), &rows); err != nil {
			panic(err)
		}
		for _, row := range rows {
			d.learnRow(r.table, row)
		}
	}
}

func (d *randreq) learnRow(t *resource.Table, row []byte) {
	if len(t.Key) > 0 {
		path := t.PathOf(row)
		d.paths[t] = last(d.paths[t], 12, path[strings.LastIndexByte(path, '/')+1:])
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(row, &members); err != nil {
		panic(err)
	}
	for name, value := range members {
		if f := t.Field(name); f != nil && len(value) < 500 {
			d.known[f] = last(d.known[f], 12, string(value))
		}
	}
}

func (d *randreq) of(options ...string) string { return options[d.IntN(len(options))] }

// chance returns true with a probability of n percent.
func (d *randreq) chance(n int) bool { return d.IntN(100) < n }

func (d *randreq) table() *resource.Table { return d.tables[d.IntN(len(d.tables))] }

// relation returns a random relation to many rows of a table with a key, or nil.
func (d *randreq) relation() (*resource.Table, *resource.Relation) {
	t := d.table()
	if len(t.Key) == 0 || len(t.Relations) == 0 {
		return nil, nil
	}
	if rel := t.Relations[d.IntN(len(t.Relations))]; rel.Many {
		return t, rel
	}
	return nil, nil
}

// request returns a random request.
func (d *randreq) request() randRequest {
	t := d.table()
	r := randRequest{path: "/" + t.Name, table: t}
	rows := r.path // the path of the list: of the table, or of a relation
	var through *resource.Through
	if d.chance(40) {
		if parent, rel := d.relation(); rel != nil {
			t, through = rel.Table, rel.Through
			r.table, r.path, rows = t, "/"+t.Name, "/"+parent.Name+"/"+d.id(parent)+"/"+rel.Name
		}
	}
	switch n := d.IntN(100); {
	case n < 25 && through != nil && d.chance(95):
		r.method, r.path, r.table = d.of("PUT", "PUT", "PUT", "DELETE"), rows+"/"+d.id(t), nil
		if d.chance(5) {
			r.path += "?" + d.of("x=1", "fields="+d.field(t).Name)
		}
	case n < 25: // create
		r.method, r.path, r.body = http.MethodPost, rows, d.body(t, true)
		if d.chance(20) {
			r.headers = append(r.headers, "Idempotency-Key: "+d.of("one", "two", "three", "four"))
		}
	case n < 55: // list
		r.method = d.of("GET", "GET", "GET", "HEAD")
		r.path = rows + "?" + d.query(t, true)
		if len(d.links) > 0 && d.chance(25) {
			r.path, r.table = d.links[d.IntN(len(d.links))], nil
		}
	case n < 67:
		d.get(&r)
	case n < 90:
		d.change(&r)
	case n < 97: // change many
		r.method = d.of("PATCH", "PATCH", "DELETE")
		r.path += "?" + d.query(t, false)
		if r.method == http.MethodPatch {
			r.body = d.body(t, false)
		}
	default:
		r.method = d.of("OPTIONS", "PUT", "POST", "GET", "TRACE")
		r.path = d.of(r.path, r.path+"/"+d.id(t), rows, rows+"/"+d.id(t), r.path+"/1/nothing", "/healthz", "/nothing", "/",
			"/openapi.json")
		r.table = nil
	}
	if d.chance(2) {
		r.headers = append(r.headers,
			"Content-Type: "+d.of("text/plain", "application/merge-patch+json", "application/json; charset=latin1"))
	}
	return r
}

// row sets the path of a request to one row.
func (d *randreq) row(r *randRequest, seen int) (tag string) {
	r.path += "/" + d.id(r.table)
	if len(d.seen) > 0 && d.chance(seen) {
		s := d.seen[d.IntN(len(d.seen))]
		r.table, r.path, tag = s.table, s.path, s.tag
	}
	return tag
}

func (d *randreq) get(r *randRequest) {
	r.method = d.of("GET", "GET", "HEAD")
	if tag := d.row(r, 60); tag != "" {
		r.headers = append(r.headers, "If-None-Match: "+d.of("", "W/")+tag)
	}
	if d.chance(30) {
		field, other := d.field(r.table).Name, d.field(r.table).Name
		r.path += "?" + d.of(d.include(r.table), "fields="+field, "fields="+field+","+other, "fields=nothing", "x=1")
	}
}

func (d *randreq) change(r *randRequest) {
	r.method = d.of("PATCH", "PATCH", "PUT", "PUT", "DELETE")
	if tag := d.row(r, 50); tag != "" && d.chance(50) {
		r.headers = append(r.headers, "If-Match: "+tag)
	}
	if r.method != http.MethodDelete {
		r.body = d.body(r.table, r.method == http.MethodPut)
	}
	if len(r.headers) == 0 && d.chance(30) {
		r.headers = append(r.headers, d.of("If-Match: ", "If-Match: ", "If-None-Match: ")+
			d.of(d.tags[len(d.tags)-1], d.tags[d.IntN(len(d.tags))], "*", "W/"+d.tags[0]))
	}
}
