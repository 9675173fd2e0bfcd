package httpapi_test

import (
	"strings"
	"testing"
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
