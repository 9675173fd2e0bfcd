package httpapi_test

import (
	"strings"
	"testing"
	"time"

	"slipway/internal/database"
	"slipway/internal/httpapi"
	"slipway/internal/resource"
	"slipway/internal/test/dbtest"
)

// TestYears compares a year with every kind of number: MySQL alone takes 26 as 2026.
func TestYears(t *testing.T) {
	t.Parallel()
	p := newKeysPair(t)
	p.do("POST", "/flags", `[{"on":true,"ratio":1,"founded":0},{"on":true,"ratio":1,"founded":2001},`+
		`{"on":true,"ratio":1,"founded":1901},{"on":true,"ratio":1,"founded":2026},{"on":true,"ratio":1,"founded":2155}]`)
	for _, n := range strings.Fields("0 1 26 69 70 99 100 1900 1901 2000 2026 2155 2156 -1 9223372036854775807") {
		for _, op := range strings.Fields("eq ne gt gte lt lte in nin") {
			p.do("GET", "/flags?fields=founded&founded["+op+"]="+n, "")
			if strings.HasSuffix(op, "in") {
				p.do("GET", "/flags?fields=founded&founded["+op+"]=5,2026,"+n, "")
			}
		}
		p.do("GET", "/flags/true,1,"+n, "")
	}
	if got := p.do("GET", "/flags?fields=founded&founded[lte]=1900", "").Body; got != `[{"founded":0}]` {
		t.Errorf("%s", got)
	}
	if got := p.do("GET", "/flags?founded=26", "").Body; got != `[]` {
		t.Errorf("%s", got)
	}
}

// TestOwnTable creates rows that reference rows of their own table. A row can reference an earlier one only.
func TestOwnTable(t *testing.T) {
	t.Parallel()
	p := newKeysPair(t)
	for _, r := range []struct {
		body   string
		status int
		want   string
	}{
		{`{"title":"no row has the id 0","sequel_of_id":0}`, 422, `"field":"sequel_of_id","code":"missing_parent"`},
		{`[{"title":"a"},{"title":"b","sequel_of_id":0}]`, 422, `"field":"[1].sequel_of_id","code":"missing_parent"`},
		{`{"title":"its own id","sequel_of_id":1}`, 422, `"code":"missing_parent"`},
		{`[{"title":"a later row","sequel_of_id":2},{"title":"b"}]`, 422, `"field":"[0].sequel_of_id"`},
		{`[{"title":"a"},{"title":"b"}]`, 201, `"id":1,`},
		{`[{"title":"c","sequel_of_id":1},{"title":"d","sequel_of_id":2}]`, 201, `"id":4,`},
		{`[{"title":"e"},{"title":"an earlier row","sequel_of_id":5}]`, 201, `"sequel_of_id":5`},
		{`[{"title":"f"},{"title":"its own id","sequel_of_id":8}]`, 422, `"code":"missing_parent"`},
		{`{"title":"the next id"}`, 201, `"id":9,`},
	} {
		if a := p.do("POST", "/films", r.body); a.Status != r.status || !strings.Contains(a.Body, r.want) {
			t.Errorf("%s: %d %s, want %d %s", r.body, a.Status, a.Body, r.status, r.want)
		}
	}
}

// TestKeyColumnsOnly deletes a row on a condition where all columns are in the key.
func TestKeyColumnsOnly(t *testing.T) {
	t.Parallel()
	p := newKeysPair(t)
	p.do("POST", "/actors", `[{"name":"a"},{"name":"b"}]`)
	tag := p.do("PUT", "/follows/1,2", `{}`).Header.Get("ETag")
	for _, r := range []struct {
		method, header string
		status         int
	}{
		{"PATCH", "If-Match: " + tag, 200}, {"PUT", "If-Match: " + tag, 200}, {"DELETE", `If-Match: "x"`, 412},
		{"DELETE", "If-Match: " + tag, 204}, {"DELETE", "If-Match: " + tag, 404},
	} {
		body := ""
		if r.method != "DELETE" {
			body = "{}"
		}
		if a := p.do(r.method, "/follows/1,2", body, r.header); a.Status != r.status {
			t.Errorf("%s %s: %d %s", r.method, r.header, a.Status, a.Body)
		}
	}
}

// TestOrderOfFaults checks which of several faults a response names: that of the first row, and of one row a missing
// parent.
func TestOrderOfFaults(t *testing.T) {
	t.Parallel()
	p := newKeysPair(t)
	p.do("POST", "/films", `[{"title":"a"},{"title":"b"}]`)
	p.do("POST", "/posters", `{"film_id":1,"url":"u"}`)
	p.do("PUT", "/lines/o,1", `{"item":"i","code":"c"}`)
	p.do("PUT", "/lines/o,2", `{"item":"j","code":"d"}`)
	p.do("POST", "/parcels", `{"code":"c"}`)
	for _, r := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/posters", `[{"film_id":9,"url":"u"},{"film_id":1,"url":"u"}]`, 422, `"field":"[0].film_id"`},
		{"POST", "/posters", `[{"film_id":1,"url":"u"},{"film_id":9,"url":"u"}]`, 409, `"field":"[0].film_id"`},
		{"POST", "/posters", `[{"film_id":2,"url":"u"},{"film_id":2,"url":"u"},{"film_id":9,"url":"u"}]`, 409, `[1].film_id`},
		{"PATCH", "/lines/o,1", `{"code":null}`, 409, "Other rows reference this row"},
		{"PATCH", "/lines/o,1", `{"code":"d"}`, 409, `"field":"code","code":"duplicate"`},
		{"PATCH", "/lines?line_no=1", `{"code":"e"}`, 409, "Other rows reference this row"},
		{"PATCH", "/lines/o,2", `{"code":null}`, 200, `"code":null`},
		{"POST", "/parcels", `{"order_no":"o","line_no":1}`, 201, `"id":2`},
		{"PATCH", "/parcels/2", `{"line_no":3}`, 422, "The combination of order_no and line_no references a row"},
		{"PATCH", "/parcels?id=2", `{"order_no":"p"}`, 422, "The combination of order_no and line_no references a row"},
		{"PATCH", "/parcels/2", `{"line_no":null}`, 200, `"line_no":null`},
	} {
		if a := p.do(r.method, r.path, r.body); a.Status != r.status || !strings.Contains(a.Body, r.want) {
			t.Errorf("%s %s %s: %d %s, want %d %s", r.method, r.path, r.body, a.Status, a.Body, r.status, r.want)
		}
	}
}

// Tick is a row whose key is a time in seconds.
type Tick struct {
	At time.Time `json:"at" gorm:"column:at;primaryKey;precision:0;not null"`
}

// TestTimesBetween filters a time in seconds by times between them.
func TestTimesBetween(t *testing.T) {
	t.Parallel()
	p := &pair{t: t, statuses: map[int]int{}}
	tables := func(o *httpapi.Options) { o.Tables = resource.Link(resource.Of[Tick]("ticks")) }
	p.sqlite = newAPI(t, dbtest.New(t, "sqlite"), tables)
	p.mysql = newAPI(t, dbtest.New(t, "mysql"), tables, database.Config{Connections: 1})
	for _, api := range []*testAPI{p.sqlite, p.mysql} {
		if err := api.DB.Write.Exec("CREATE TABLE ticks (at datetime NOT NULL, PRIMARY KEY (at))").Error; err != nil {
			t.Fatal(err)
		}
	}
	p.do("POST", "/ticks", `[{"at":"2026-01-31T12:00:00Z"},{"at":"2026-01-31T12:00:01Z"},{"at":"2026-01-31T12:00:02.9Z"}]`)
	const half = "2026-01-31T12:00:01.5Z"
	for filter, rows := range map[string]int{
		"eq]=" + half: 0, "ne]=" + half: 3, "gt]=" + half: 1, "gte]=" + half: 1, "lt]=" + half: 2, "lte]=" + half: 2,
		"in]=" + half: 0, "in]=2026-01-31T12:00:01Z," + half: 1, "nin]=" + half: 3, "nin]=2026-01-31T12:00:01Z," + half: 2,
		"in]=2026-01-31T12:00:01Z&at[lt]=2026-01-31T12:00:01Z": 0,
	} {
		if a := p.do("GET", "/ticks?at["+filter, ""); len(a.Array(t)) != rows {
			t.Errorf("%s: %s, want %d rows", filter, a.Body, rows)
		}
	}
}

// TestDeleteOwnReferences deletes rows by a filter on their references to each other, which the delete sets to NULL.
func TestDeleteOwnReferences(t *testing.T) {
	t.Parallel()
	p := newKeysPair(t)
	p.do("POST", "/films", `[{"title":"a"},{"title":"b","sequel_of_id":1},{"title":"c","sequel_of_id":2},{"title":"d",`+
		`"sequel_of_id":3}]`)
	for _, r := range [][2]string{
		{"/films?sequel_of_id[nin]=9&dry_run=true", `{"affected":3}`},
		{"/films?sequel_of_id[nin]=9&max_affected=2", "rows that match (3) exceeds max_affected"},
		{"/films?sequel_of_id[nin]=9", `{"affected":3}`},
		{"/films?all=true", `{"affected":1}`},
	} {
		if a := p.do("DELETE", r[0], ""); !strings.Contains(a.Body, r[1]) {
			t.Errorf("%s: %s, want %s", r[0], a.Body, r[1])
		}
	}
}
