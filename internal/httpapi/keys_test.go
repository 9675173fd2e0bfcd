package httpapi_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"slipway/internal/database"
	"slipway/internal/httpapi"
	"slipway/internal/migrate/rowtypes/testdata/keys"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest"
)

// newKeysPair returns a pair for tables with every shape of a key. The row types and the databases are generated from
// one schema.hcl.
func newKeysPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{t: t, statuses: map[int]int{}}
	tables := func(o *httpapi.Options) { o.Tables = keys.Tables }
	p.sqlite = newAPI(t, dbtest.New(t, "sqlite"), tables)
	p.mysql = newAPI(t, dbtest.New(t, "mysql"), tables, database.Config{Connections: 1})
	for _, api := range []*testAPI{p.sqlite, p.mysql} {
		api.DB.Write.NowFunc = p.now
		createKeys(t, api)
	}
	return p
}

// createKeys creates the tables of package keys.
func createKeys(t *testing.T, api *testAPI) {
	t.Helper()
	text, err := os.ReadFile("../migrate/rowtypes/testdata/keys/schema.hcl")
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range apitest.Statements(t, api.DB.Dialect, text) {
		if err := api.DB.Write.Exec(statement).Error; err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// TestEveryKey sends each kind of request to tables with each shape of a key. The response of both dialects must have
// the status, contain the text, and have the Location.
func TestEveryKey(t *testing.T) {
	t.Parallel()
	p := newKeysPair(t)
	const device = "01890a5d-ac96-774b-bcce-b302099a8057"
	for _, r := range []struct {
		method, path, body string
		status             int
		want, location     string
	}{
		// A text.
		{"POST", "/tags", `{"slug":"a","label":"A"}`, 201, `{"slug":"a","label":"A"}`, "/tags/a"},
		{"POST", "/tags", `{"label":"A"}`, 422, `"field":"slug","code":"required"`, ""},
		{"POST", "/tags", `{"slug":"a"}`, 409, `"field":"slug","code":"duplicate","detail":"Slug is already taken"`, ""},
		{"POST", "/tags", `[{"slug":"b"},{"slug":"c"},{"slug":"b"}]`, 409, `"[2].slug"`, ""},
		{"POST", "/tags", `[{"slug":"b"},{"slug":"c"}]`, 201, `[{"slug":"b","label":null},{"slug":"c","label":null}]`, ""},
		{"GET", "/tags/a", "", 200, `{"slug":"a","label":"A"}`, ""},
		{"GET", "/tags/x", "", 404, "Row not found", ""},
		{"GET", "/tags?sort=label", "", 200, `[{"slug":"b","label":null},{"slug":"c","label":null},{"slug":"a","label":"A"}]`,
			""},
		{"GET", "/tags", "", 200, `[{"slug":"c","label":null},{"slug":"b","label":null},{"slug":"a","label":"A"}]`, ""},
		{"PATCH", "/tags/a", `{"label":"AA"}`, 200, `{"slug":"a","label":"AA"}`, ""},
		{"PATCH", "/tags/a", `{"slug":"a","label":"AA"}`, 200, `{"slug":"a","label":"AA"}`, ""},
		{"PATCH", "/tags/a", `{"slug":"z","label":"AA"}`, 422, `"field":"slug","code":"key"`, ""},
		{"PATCH", "/tags/x", `{"label":"AA"}`, 404, "", ""},
		{"PATCH", "/tags?slug=a", `{"slug":"z"}`, 422, `"field":"slug","code":"key"`, ""},
		{"PATCH", "/tags?slug=a", `{"label":"B"}`, 200, `{"affected":1}`, ""},
		{"PUT", "/tags/a", `{}`, 200, `{"slug":"a","label":null}`, ""},
		{"PUT", "/tags/new", `{"label":"n"}`, 201, `{"slug":"new","label":"n"}`, "/tags/new"},
		{"PUT", "/tags/new", `{"slug":"other"}`, 422, `"code":"key"`, ""},
		{"PUT", "/tags/" + strings.Repeat("x", 41), `{}`, 404, "", ""},
		{"DELETE", "/tags/new", "", 204, "", ""},
		{"DELETE", "/tags/new", "", 404, "", ""},
		// A UUID.
		{"PUT", "/devices/" + device, `{"name":"one"}`, 201, `{"id":"` + device + `","name":"one"}`, "/devices/" + device},
		{"POST", "/devices", `{"id":"two","name":"two"}`, 201, `{"id":"two","name":"two"}`, "/devices/two"},
		{"POST", "/devices", `{"id":"two","name":"one"}`, 409, `"field":"id"`, ""},
		{"POST", "/devices", `{"id":"two","name":"one"}`, 409, `"field":"name"`, ""},
		// Two columns, one of them a time.
		{"POST", "/readings", `{"device_id":"two","at":"2026-01-31T12:00:00.5Z"}`, 201, `"value":0`,
			"/readings/two,2026-01-31T12:00:00.500000Z"},
		{"GET", "/readings/two,2026-01-31T12:00:00.500000Z?include=device", "", 200, `"device":{"id":"two","name":"two"}`,
			""},
		{"GET", "/readings/two", "", 404, "", ""},
		{"GET", "/readings/two,now", "", 404, "", ""},
		{"PUT", "/readings/two,2026-01-31T13:00:00Z", `{"value":7}`, 201, `"value":7`,
			"/readings/two,2026-01-31T13:00:00.000000Z"},
		{"PUT", "/readings/three,2026-01-31T13:00:00Z", `{"value":7}`, 422, `"field":"device_id","code":"missing_parent"`,
			""},
		{"POST", "/readings", `{"device_id":"two","at":"2026-01-31T13:00:00Z"}`, 409,
			"The combination of device_id and at is already taken", ""},
		{"GET", "/devices/two/readings?sort=at", "", 200, `"value":0},{`, ""},
		{"POST", "/devices/two/readings", `{"at":"2026-02-01T00:00:00Z"}`, 201, `"device_id":"two"`,
			"/readings/two,2026-02-01T00:00:00.000000Z"},
		{"POST", "/devices/four/readings", `{"at":"2026-02-01T00:00:00Z"}`, 404, "", ""},
		{"GET", "/devices/four/readings", "", 404, "", ""},
		{"GET", "/devices?include=readings&fields=id", "", 200, `{"id":"` + device + `","readings":[]}`, ""},
		{"DELETE", "/readings/two,2026-02-01T00:00:00Z", "", 204, "", ""},
		// Integers, and other types.
		{"PUT", "/counters/-7", `{"total":3}`, 201, `{"number":-7,"total":3}`, "/counters/-7"},
		{"PUT", "/counters/0", `{}`, 201, `{"number":0,"total":0}`, "/counters/0"},
		{"GET", "/counters/-7", "", 200, `{"number":-7,"total":3}`, ""},
		{"GET", "/counters/007", "", 404, "", ""},
		{"GET", "/counters/-0", "", 404, "", ""},
		{"GET", "/counters/1.0", "", 404, "", ""},
		{"PUT", "/counters/3000000000", `{}`, 404, "", ""},
		{"POST", "/counters", `{"number":3000000000}`, 422, "out_of_range", ""},
		{"PUT", "/flags/true,0.5,2026", `{}`, 201, `{"on":true,"ratio":0.5,"founded":2026,"note":""}`,
			"/flags/true,0.5,2026"},
		{"PATCH", "/flags/true,0.5,2026", `{"on":true,"ratio":5e-1,"note":"n"}`, 200, `"note":"n"`, ""},
		{"GET", "/flags/true,0.50,2026", "", 404, "", ""},
		{"GET", "/flags/1,0.5,2026", "", 404, "", ""},
		// A link between two tables.
		{"POST", "/films", `[{"title":"one"},{"title":"two","sequel_of_id":1}]`, 201, `"sequel_of_id":1`, ""},
		{"POST", "/actors", `[{"name":"ada"},{"name":"bob","tag":"a"},{"name":"cyd"}]`, 201, `"tag":"a"`, ""},
		{"PUT", "/films/1", `{"title":"ONE"}`, 200, `"title":"ONE"`, ""},
		{"PUT", "/films/9", `{"title":"ONE"}`, 404, "", ""},
		{"PUT", "/films/1/actors/1", "", 204, "", ""},
		{"PUT", "/films/1/actors/1", "", 204, "", ""},
		{"PUT", "/actors/2/films/1", "", 204, "", ""},
		{"PUT", "/films/1/actors/9", "", 404, "", ""},
		{"PUT", "/films/9/actors/1", "", 404, "", ""},
		{"PUT", "/films/1/actors/x", "", 404, "", ""},
		{"GET", "/film_actor/1,2", "", 200, `{"actor_id":2,"role":"extra","film_id":1}`, ""},
		{"PATCH", "/film_actor/1,2", `{"role":"hero"}`, 200, `{"actor_id":2,"role":"hero","film_id":1}`, ""},
		{"POST", "/film_actor", `{"film_id":2,"actor_id":2,"role":"x"}`, 201, `"film_id":2`, "/film_actor/2,2"},
		{"GET", "/films/1/actors", "", 200, `[{"id":2,"name":"bob","tag":"a"},{"id":1,"name":"ada","tag":null}]`, ""},
		{"GET", "/films/1/actors?name[starts]=a&fields=id", "", 200, `[{"id":1}]`, ""},
		{"GET", "/films/2/actors?include=films&fields=name&sort=name", "", 200, `[{"name":"bob","films":[{"id":2,`, ""},
		{"GET", "/films/9/actors", "", 404, "", ""},
		{"POST", "/films/1/actors", `{"name":"new"}`, 405, "", ""},
		{"GET", "/films?include=actors,film_actor&fields=id&sort=id", "", 200,
			`"actors":[{"id":2,"name":"bob","tag":"a"},{"id":1,"name":"ada","tag":null}]},{"id":2,"film_actor":[`, ""},
		{"GET", "/films/1?include=sequel_of,films&fields=id", "", 200, `{"id":1,"sequel_of":null,"films":[{"id":2,`, ""},
		{"GET", "/films/1/films?fields=id", "", 200, `[{"id":2}]`, ""},
		{"PUT", "/actors/1/actors/2", "", 204, "", ""},
		{"GET", "/actors/1?include=actors,actors_by_follows&fields=id", "", 200,
			`{"id":1,"actors":[{"id":2,"name":"bob","tag":"a"}],"actors_by_follows":[]}`, ""},
		{"GET", "/actors/2/actors_by_follows", "", 200, `[{"id":1,"name":"ada","tag":null}]`, ""},
		{"DELETE", "/films/1/actors/2", "", 204, "", ""},
		{"DELETE", "/films/1/actors/2", "", 204, "", ""},
		{"DELETE", "/films/1/actors/9", "", 204, "", ""},
		{"DELETE", "/films/9/actors/2", "", 404, "", ""},
		{"DELETE", "/films/1/actors/2?x=1", "", 400, "", ""},
		{"GET", "/tags/a?include=actors", "", 200, `"actors":[{"id":2,"name":"bob","tag":"a"}]`, ""},
		{"DELETE", "/tags/a", "", 409, "Other rows reference this row", ""},
		{"PUT", "/posters/1", `{"url":"u"}`, 201, `{"film_id":1,"url":"u"}`, "/posters/1"},
		{"PUT", "/posters/9", `{"url":"u"}`, 422, `"field":"film_id"`, ""},
		{"POST", "/films/2/posters", `{"url":"v"}`, 201, `{"film_id":2,"url":"v"}`, "/posters/2"},
		{"POST", "/films/2/posters", `{"url":"v"}`, 409, `"field":"film_id"`, ""},
		// Foreign keys of two columns, and to a column that is not the key.
		{"PUT", "/lines/o,1", `{"item":"i","code":"c"}`, 201, `"line_no":1`, "/lines/o,1"},
		{"POST", "/lines", `{"order_no":"o","line_no":2,"item":"i"}`, 409,
			`"field":"item","code":"duplicate","detail":"The combination of order_no and item is already taken"`, ""},
		{"PUT", "/lines/o,2", `{"item":"j"}`, 201, "", "/lines/o,2"},
		{"PATCH", "/lines/o,2", `{"item":"i"}`, 409, `"field":"item"`, ""},
		{"POST", "/parcels", `{"order_no":"o","line_no":1,"code":"c"}`, 201, `"code":"c"`, "/parcels/1"},
		{"POST", "/parcels", `{"order_no":"o","line_no":7}`, 422,
			"The combination of order_no and line_no references a row that does not exist", ""},
		{"POST", "/parcels", `{"order_no":"o"}`, 201, `"line_no":null`, "/parcels/2"},
		{"PATCH", "/lines?order_no=o", `{"code":"d"}`, 409, `"field":"code","code":"duplicate"`, ""},
		{"PATCH", "/lines?line_no=1", `{"code":"d"}`, 409, "Other rows reference this row", ""},
		{"POST", "/parcels", `{"code":"x"}`, 422, `"field":"code","code":"missing_parent"`, ""},
		{"GET", "/parcels?include=parcels_line,code_row&fields=id", "", 200,
			`[{"id":2,"parcels_line":null,"code_row":null},{"id":1,"parcels_line":{"order_no":"o","line_no":1,`, ""},
		{"GET", "/lines/o,1/parcels?fields=id", "", 200, `[{"id":1}]`, ""},
		{"GET", "/lines/o,1/parcels_by_code_row?fields=id", "", 200, `[{"id":1}]`, ""},
		{"GET", "/lines/o,2/parcels_by_code_row?fields=id", "", 200, `[]`, ""},
		{"POST", "/lines/o,2/parcels_by_code_row", `{}`, 422, `"field":"code","code":"null"`, ""},
		{"POST", "/lines/o,2/parcels", `{}`, 201, `"order_no":"o","line_no":2`, "/parcels/3"},
		{"POST", "/lines/o,1/parcels_by_code_row", `{}`, 201, `"code":"c"`, "/parcels/4"},
		{"GET", "/lines?include=parcels,parcels_by_code_row&fields=line_no", "", 200, `"parcels_by_code_row":[{"id":4`, ""},
		{"DELETE", "/lines/o,1", "", 204, "", ""},
		{"GET", "/parcels/1", "", 200, `{"id":1,"order_no":null,"line_no":null,"code":null}`, ""},
		// No key.
		{"POST", "/events", `[{"name":"b","size":1},{"name":"a","film_id":1},{"name":"b"},{"name":"b"}]`, 201, `"film_id":1`,
			""},
		{"POST", "/events", `{"name":"z"}`, 201, `{"name":"z","size":null,"film_id":null}`, ""},
		{"GET", "/events", "", 200, `[{"name":"z","size":null,"film_id":null},{"name":"b","size":1`, ""},
		{"GET", "/events?page=2&per_page=2", "", 200, `[{"name":"b",`, ""},
		{"GET", "/events?sort=size&per_page=2&count=exact", "", 200, `[{"name":"a",`, ""},
		{"GET", "/events?cursor=x", "", 400, "events has no key", ""},
		{"GET", "/events?name=b&fields=size&include=film", "", 200, `"film":null`, ""},
		{"GET", "/films?include=events&fields=id", "", 200, `{"id":1,"events":[{"name":"a","size":null,"film_id":1}]}`, ""},
		{"GET", "/films/1/events", "", 200, `[{"name":"a","size":null,"film_id":1}]`, ""},
		{"POST", "/films/1/events", `{"name":"c"}`, 201, `"film_id":1`, ""},
		{"PATCH", "/events?all=true", `{}`, 405, "", ""},
		{"DELETE", "/events?all=true", "", 405, "", ""},
		{"GET", "/events/1", "", 404, "", ""},
		{"POST", "/keyless", `[{"id":1,"word":"one"},{"id":1,"word":"three"}]`, 201,
			`[{"id":1,"word":"one","length":3},{"id":1,"word":"three","length":5}]`, ""},
		{"GET", "/keyless?id=1&sort=-word", "", 200, `"word":"three"`, ""},
	} {
		a := p.do(r.method, r.path, r.body)
		if a.Status != r.status || !strings.Contains(a.Body, r.want) || a.Header.Get("Location") != r.location {
			t.Errorf("%s %s %s: %d %s\nLocation %q\nwant %d %s %q", r.method, r.path, r.body, a.Status, a.Body,
				a.Header.Get("Location"), r.status, r.want, r.location)
		}
		if r.method == http.MethodGet && a.Status == http.StatusOK {
			p.do("HEAD", r.path, "")
			for next := a.Next(); next != ""; {
				next = p.do("GET", next, "").Next()
			}
		}
	}
	for _, table := range keys.Tables {
		all := p.do("GET", "/"+table.Name+"?per_page=1000", "").Array(t)
		seen := 0
		for path := "/" + table.Name + "?per_page=1"; path != ""; {
			page := p.do("GET", path, "")
			seen += len(page.Array(t))
			path = page.Next()
		}
		if seen != len(all) {
			t.Errorf("%s: %d rows on pages of one, but %d in one list", table.Name, seen, len(all))
		}
	}
}

// TestGeneratedUUID checks that a row without a key gets a UUID of version 7, and that ids of later rows are greater.
func TestGeneratedUUID(t *testing.T) {
	t.Parallel()
	p := newKeysPair(t)
	for _, api := range []*testAPI{p.sqlite, p.mysql} {
		last := ""
		for _, body := range []string{`{"name":"a"}`, `[{"name":"b"},{"name":"c"}]`} {
			a := api.Must(http.StatusCreated, "POST", "/devices", body)
			text := a.Body
			if !strings.HasPrefix(text, "[") {
				text = "[" + text + "]"
			}
			for _, row := range (response{Body: text}).Array(t) {
				id := row["id"].(string)
				if len(id) != 36 || id[14] != '7' || id <= last {
					t.Errorf("the id is %q after %q", id, last)
				}
				last = id
				api.Must(http.StatusOK, "GET", "/devices/"+id, "")
			}
		}
	}
}

// TestIdempotentKeys checks that a replayed response has the Location of a long key.
func TestIdempotentKeys(t *testing.T) {
	t.Parallel()
	p := newKeysPair(t)
	long := strings.Repeat("😀", 40)
	for range 2 {
		a := p.do("POST", "/tags", `{"slug":"`+long+`"}`, "Idempotency-Key: a")
		if a.Status != http.StatusCreated || a.Header.Get("Location") != "/tags/"+url.PathEscape(long) {
			t.Errorf("%d %s %v", a.Status, a.Body, a.Header)
		}
		p.do("POST", "/events", `{"name":"`+long+`"}`, "Idempotency-Key: b")
	}
	if all := p.do("GET", "/events", ""); len(all.Array(t)) != 1 {
		t.Errorf("%s", all.Body)
	}
}

// TestPutKey checks the preconditions of a PUT that can create a row.
func TestPutKey(t *testing.T) {
	t.Parallel()
	p := newKeysPair(t)
	for _, r := range []struct {
		body, header string
		status       int
	}{
		{`{"label":"a"}`, `If-Match: *`, 412},
		{`{"label":"a"}`, `If-None-Match: *`, 201},
		{`{"label":"b"}`, `If-None-Match: *`, 412},
		{`{"label":"b"}`, `If-Match: "stale"`, 412},
		{`{"label":"b"}`, `If-Match: *`, 200},
	} {
		if a := p.do("PUT", "/tags/a", r.body, r.header); a.Status != r.status {
			t.Errorf("%s %s: %d %s, want %d", r.header, r.body, a.Status, a.Body, r.status)
		}
	}
}

// TestAwkwardKeys creates rows with awkward keys and follows their Location with each method.
func TestAwkwardKeys(t *testing.T) {
	t.Parallel()
	p := newKeysPair(t)
	for key, path := range map[string]string{
		"":          "/tags/~5",
		".":         "/tags/~6",
		"..":        "/tags/~6.",
		"...":       "/tags/...",
		"~6":        "/tags/~06",
		"a/b":       "/tags/a~1b",
		"a,b":       "/tags/a~2b",
		"50%":       "/tags/50~4",
		"%2F":       "/tags/~42F",
		"~":         "/tags/~0",
		"~5":        "/tags/~05",
		"a?b#c":     "/tags/a~3b%23c",
		"a b":       "/tags/a%20b",
		" ":         "/tags/%20",
		"a+b":       "/tags/a+b",
		"a+b;c":     "/tags/a+b%3Bc",
		"a&b=c;d:e": "/tags/a&b=c%3Bd:e",
		"😀":         "/tags/%F0%9F%98%80",
		"é":         "/tags/%C3%A9",
		`"\'`:       "/tags/%22%5C%27",
		"A":         "/tags/A",
		"\t\n":      "/tags/%09%0A",
	} {
		text := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\t", `\t`, "\n", `\n`).Replace(key)
		a := p.do("POST", "/tags", `{"slug":"`+text+`"}`)
		location := a.Header.Get("Location")
		if a.Status != http.StatusCreated || location != path {
			t.Errorf("POST %q: %d %s %q, want %q", key, a.Status, a.Body, location, path)
			continue
		}
		if a := p.do("GET", location, ""); a.Status != http.StatusOK || a.Body != `{"slug":"`+text+`","label":null}` {
			t.Errorf("GET %s: %d %s", location, a.Status, a.Body)
		}
		for _, r := range [][2]string{
			{"PATCH", `{"label":"x"}`}, {"PUT", `{"label":"y"}`}, {"HEAD", ""}, {"GET", ""},
		} {
			if a := p.do(r[0], location, r[1]); a.Status != http.StatusOK {
				t.Errorf("%s %s: %d %s", r[0], location, a.Status, a.Body)
			}
		}
		if a := p.do("GET", location+"/actors?per_page=1", ""); a.Status != http.StatusOK || a.Body != "[]" {
			t.Errorf("GET %s/actors: %d %s", location, a.Status, a.Body)
		}
		if a := p.do("PUT", location, `{}`); a.Status != http.StatusOK {
			t.Errorf("PUT %s: %d %s", location, a.Status, a.Body)
		}
		if a := p.do("DELETE", location, ""); a.Status != http.StatusNoContent {
			t.Errorf("DELETE %s: %d %s", location, a.Status, a.Body)
		}
		if a := p.do("PUT", location, `{}`); a.Status != http.StatusCreated || a.Header.Get("Location") != path {
			t.Errorf("PUT %s: %d %s %q", location, a.Status, a.Body, a.Header.Get("Location"))
		}
	}
	for path := "/tags?per_page=3&sort=slug"; path != ""; {
		path = p.do("GET", path, "").Next()
	}
	for _, path := range []string{"/tags/~", "/tags/a~", "/tags/~7", "/tags/~5a", "/tags/%00", "/tags/%FF", "/tags/"} {
		if a := p.do("GET", path, ""); a.Status != http.StatusNotFound {
			t.Errorf("GET %s: %d %s", path, a.Status, a.Body)
		}
	}
}
