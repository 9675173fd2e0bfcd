package httpapi_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/database"
	"slipway/internal/httpapi"
	"slipway/internal/migrate/rowtypes/testdata/names"
	"slipway/internal/migrate/rowtypes/testdata/types"
	"slipway/internal/resource"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// newTypesPair returns a pair for a table with a column of every supported type. The row
// type and the databases are generated from one schema.hcl.
func newTypesPair(t *testing.T) *pair { return newPairOf(t, types.Tables, "types") }

// newPairOf returns a pair for tables of folders of testdata.
func newPairOf(t *testing.T, of []*resource.Table, folders ...string) *pair {
	t.Helper()
	p := &pair{t: t, statuses: map[int]int{}}
	tables := func(o *httpapi.Options) { o.Tables = of }
	p.sqlite = newAPI(t, dbtest.New(t, "sqlite"), tables)
	p.mysql = newAPI(t, dbtest.New(t, "mysql"), tables, database.Config{Connections: 1})
	for _, api := range []*testAPI{p.sqlite, p.mysql} {
		api.DB.Write.NowFunc = p.now
		for _, folder := range folders {
			text, err := os.ReadFile("../migrate/rowtypes/testdata/" + folder + "/schema.hcl")
			if err != nil {
				t.Fatal(err)
			}
			for _, statement := range apitest.Statements(t, api.DB.Dialect, text) {
				if err := api.DB.Write.Exec(statement).Error; err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
		}
	}
	return p
}

// inQuery encodes a JSON value for a query.
var inQuery = strings.NewReplacer(`"`, "", " ", "%20", "+", "%2B", `\\`, "%5C", ";", "%3B")

// TestEveryType creates, reads, filters, updates and refuses values of each type, on both
// dialects.
func TestEveryType(t *testing.T) {
	t.Parallel()
	p := newTypesPair(t)
	// body returns a new row with the required members and one more.
	body := func(field, value string) string {
		members := map[string]string{"tiny": "1", "count": "1", "ratio": "1", "wide": "1", "level": "1", "word": `"w"`,
			"more":    `"m"`,
			"seen_at": `"2026-01-01T00:00:00Z"`, "slash": `"a"`, "sql": `"a"`}
		members[field] = value
		var all []string
		for name, value := range members {
			all = append(all, `"`+name+`":`+value)
		}
		return "{" + strings.Join(all, ",") + "}"
	}
	if a := p.do("POST", "/samples", body("slash", `"first"`)); a.Status != http.StatusCreated {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	p.do("PATCH", "/samples/1", `{"sql":"first"}`)
	for _, c := range []struct{ field, takes, refuses string }{
		{"flag", "true false", "1 null"},
		{"one", "true null", "0"},
		{"tiny", "-128 127 1e2", "-129 128 1.5"},
		{"byte", "0 255", "-1 256"},
		{"small", "-32768 32767", "-32769 32768"},
		{"medium", "-8388608 8388607 null", "-8388609 8388608"},
		{"plain", "-2147483648 2147483647", "-2147483649 2147483648"},
		{"big", "-9223372036854775808 9223372036854775807", "9223372036854775808"},
		{"count", "0 9223372036854775807 1e3", "-1 18446744073709551615 9223372036854775808 1.5"},
		{"founded", "0 1901 2155 null", "1 70 1900 2156"},
		{"ratio", "0 0.1 2.675 -1.23456789 16777217 3.4e38 1e-30", "3.5e38 -3.5e38"},
		{"wide", "0.1 1.7976931348623157e308 -1.23456789012345", "1e309"},
		{"score", "0.1 -0.0 1e-300", `"x"`},
		{"weight", "0 0.5 null", "-0.5"},
		{"price", `0 1.5 1.5e1 "12.50" "-1.5E1" "-0.00" 99999999.99 -99999999.99`,
			`1.555 100000000 "x" "" "1.555" true [1] "+1" ".5" "1." "01" 1e400 1e-400`},
		{"level", `0 9999999999 "7" 7.0`, `-1 0.5 10000000000 "-1"`},
		{"money", `0 -0.5 "9999999999999999.9999" "-9999999999999999.9999" 1e15 null`,
			`0.00001 10000000000000000 "x" -1e16`},
		{"share", `0 0.123456789012345678901234567890 "0.000000000000000000000000000001"`, `1 -0.1 1e-31`},
		{"kind", `"new" "it's" "a,b" "Z"`, `"" "New" "a" 1 null ["new"] "new_"`},
		{"size", `"small" "large" null`, `"medium" ""`},
		{"tags", `[] ["x"] ["it's","x","y","x"] ["y","x"]`, `"x" ["z"] [1] [[]] null {} ["x,y"]`},
		{"days", `["tue","mon"] [] null`, `["wed"] "mon"`},
		{"data", `{} [] "" "a\u0000b" 0 -0 1.0 1e2 1.5 -9223372036854775808 18446744073709551615 18446744073709551616 ` +
			`1e-7 1.7976931348623157e308 true null {"bb":1,"a":[1,{"z":null,"é":"\ud83d\ude00"}],"a":2} ` +
			`{"b":"\u2028\/","B":"\u00e9","":1} ` + strings.Repeat("[", 100) + strings.Repeat("]", 100),
			`1e309 "\ud800" ` + strings.Repeat("[", 101) + strings.Repeat("]", 101) +
				` {"` + strings.Repeat("x", 65536) + `":1}`},
		{"options", `{"a":1} [1,2] false`, "null"},
		{"day", `"2026-01-31" "1000-01-01" "9999-12-31" "2024-02-29" null`,
			`"2026-02-29" "0999-12-31" "0000-00-00" "2026-1-1" "2026-01-31T00:00:00Z" 1 ""`},
		{"since", `"2026-01-31"`, "null"},
		{"clock",
			`"12:34:56" "12:34:56.5" "-838:59:59" "838:59:59.000" "00:00:00.0019" "-00:00:00.9999" "100:00:00" null`,
			`"839:00:00" "12:60:00" "12:00:60" "1:00:00" "12:00" "" 12 "--12:00:00" "12:00:00." "838:59:59.5"`},
		{"alarm", `"23:59:59.999" "-00:00:00.5" "838:59:59.9"`, "null"},
		{"digest", `"AAECAw==" "////+w==" null`, `"AAEC" "AAECAwQ=" "" "AAECAx==" "AAECAw" "AAEC_w==" 1 "AAEC\nAw=="`},
		{"token", `"" "AAECAwQ=" "AP8="`, `"AAECAwQF" null`},
		{"icon", `"" "aGVsbG8=" null`, `"` + strings.Repeat("AAAA", 86) + `"`},
		{"file", `"" "` + strings.Repeat("AAAA", 20000) + `" null`, `"A"`},
		{"bit", "true false", "0 1 null"},
		{"mark", "true false null", `"true"`},
		{"code", `"" "abcde" "äöüßé" "ab___" null`, `"abcdef"`},
		{"letter", `"x" "é"`, `"xy" null`},
		{"label", `"" "'';--" "\\"`, `null "` + strings.Repeat("x", 41) + `"`},
		{"word", `"` + strings.Repeat("x", 255) + `"`, `"` + strings.Repeat("x", 256) + `" "` +
			strings.Repeat("é", 128) + `"`},
		{"words", `"" null "` + strings.Repeat("x", 65535) + `"`, `"` + strings.Repeat("x", 65536) + `"`},
		{"all", `"" "` + strings.Repeat("x", 70000) + `"`, "null"},
		{"due_at", `"2026-01-31T12:00:00.999Z" "1000-01-01T00:00:00Z" "9999-12-31T23:59:59Z" null`,
			`"2026-02-30T00:00:00Z" "0999-12-31T00:00:00Z"`},
		{"begins_at", `"2026-01-31T12:00:00.9999+02:00"`, "null 1"},
		{"seen_at", `"1970-01-01T00:00:01Z" "2038-01-19T03:14:07Z" "2026-01-31T12:00:00.123456Z"`,
			`"1970-01-01T00:00:00Z" "2038-01-19T03:14:08Z"`},
	} {
		for _, value := range strings.Fields(c.takes) {
			value = strings.ReplaceAll(value, "_", " ")
			created := p.do("POST", "/samples", body(c.field, value))
			if created.Status != http.StatusCreated {
				t.Errorf("POST %s %.50s: %d %.300s", c.field, value, created.Status, created.Body)
			}
			p.do("DELETE", created.Header.Get("Location"), "")
			if a := p.do("PATCH", "/samples/1", `{"`+c.field+`":`+value+`}`); a.Status != http.StatusOK {
				t.Errorf("PATCH %s %.50s: %d %.300s", c.field, value, a.Status, a.Body)
			}
			p.do("GET", "/samples/1", "")
			if c.field != "money" && c.field != "share" { // SQLite does not order these
				p.do("GET", "/samples?fields=id&"+c.field+"[gte]="+inQuery.Replace(value), "")
			}
			p.do("GET", "/samples?fields=id&"+c.field+"="+inQuery.Replace(value), "")
		}
		for _, value := range strings.Fields(c.refuses) {
			a := p.do("PATCH", "/samples/1", `{"`+c.field+`":`+value+`}`)
			if a.Status != http.StatusUnprocessableEntity {
				t.Errorf("PATCH %s %.50s: %d %.300s, want 422", c.field, value, a.Status, a.Body)
			}
		}
		if c.field != "money" && c.field != "share" {
			p.do("GET", "/samples?fields=id,"+c.field+"&sort=-"+c.field+"&per_page=100", "")
		}
	}
	// Read-only columns are ignored, whether the server or the database sets them.
	before := p.do("GET", "/samples/1", "").Object(t)
	const change = `{"touched_at":null,"changed_at":null,"length":7,"any_day":"2000-01-01","any_data":1,` +
		`"any_size":"none","id":9,"created_at":null,"tiny":5}`
	after := p.do("PATCH", "/samples/1", change).Object(t)
	for _, name := range []string{"touched_at", "changed_at", "updated_at"} {
		if after[name] == before[name] || after[name] == nil {
			t.Errorf("%s is %v after an update of %v", name, after[name], before[name])
		}
	}
	if after["length"] != before["length"] || after["id"] != 1.0 || after["created_at"] != before["created_at"] {
		t.Errorf("%v\nbefore %v", after, before)
	}
	match := "If-Match: " + p.do("GET", "/samples/1", "").Header.Get("ETag")
	if a := p.do("PATCH", "/samples/1", `{"ratio":2.675,"code":"z "}`, match); a.Status != http.StatusOK {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	p.do("PATCH", "/samples?ratio[gt]=0&all=true", `{"tiny":9}`)
	p.do("GET", "/samples?per_page=200", "")
	p.do("POST", "/samples", body("slash", `"first"`))
	p.do("GET", "/openapi.json", "")
}

// TestPagesOfFloats checks sorting and filtering by a float of 32 bits, whose stored value
// differs from the value in JSON.
func TestPagesOfFloats(t *testing.T) {
	t.Parallel()
	p := newTypesPair(t)
	const rows = 30
	for i := range rows {
		const row = `{"tiny":1,"count":1,"ratio":%d.%d7,"wide":1,"level":1,"word":"w","more":"m",` +
			`"seen_at":"2026-01-01T00:00:00Z",` +
			`"slash":"%d","sql":"%d"}`
		p.do("POST", "/samples", fmt.Sprintf(row, i%7, i, i, i))
	}
	link := regexp.MustCompile(`<([^>]+)>; rel="next"`)
	for _, sort := range []string{"ratio", "-ratio"} {
		seen := map[any]int{}
		for next := "/samples?fields=id,ratio&per_page=4&sort=" + sort; next != ""; {
			page := p.do("GET", next, "")
			for _, row := range page.Array(t) {
				seen[row["id"]]++
				found := p.do("GET", fmt.Sprintf("/samples?fields=id&ratio=%v&page=1", row["ratio"]), "")
				if found.Header.Get("X-Total-Count") == "0" {
					t.Errorf("no row has the ratio %v", row["ratio"])
				}
			}
			next = ""
			if m := link.FindStringSubmatch(page.Header.Get("Link")); m != nil {
				next = m[1]
			}
		}
		if len(seen) != rows {
			t.Errorf("sort=%s: %d of %d rows", sort, len(seen), rows)
		}
		for id, times := range seen {
			if times > 1 {
				t.Errorf("sort=%s: row %v is on %d pages", sort, id, times)
			}
		}
	}
}

// TestAnyNames checks tables, columns and relations with unusual names.
func TestAnyNames(t *testing.T) {
	t.Parallel()
	api := newAPI(t, blog.SQLite(t), func(o *httpapi.Options) { o.Tables = names.Tables })
	text, err := os.ReadFile("../migrate/rowtypes/testdata/names/schema.hcl")
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range apitest.Statements(t, "sqlite", text) {
		if err := api.DB.Write.Exec(statement).Error; err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	api.Must(http.StatusCreated, "POST", "/news", `{}`)
	api.Must(http.StatusCreated, "POST", "/_table", `{"news_id":1,"a/b :c_id":1}`)
	api.Must(http.StatusCreated, "POST", "/2024_sales", `{}`)
	one := api.Must(http.StatusOK, "GET", "/news/1/_table_by_a_b__c?include=news&a%2Fb%20:c_id=1", "")
	if want := `[{"id":1,"news_id":1,"a/b :c_id":1,"news":{"id":1}}]`; one.Body != want {
		t.Errorf("%s, want %s", one.Body, want)
	}
	api.Must(http.StatusOK, "GET",
		"/tables?fields=first%20name,$,2fa,semi%3Bcolon&sort=-a/b,userName&semi%3Bcolon[eq]=1", "")
	if got := api.Must(http.StatusCreated, "POST", "/order%20lines", `{"news_id":1}`).Header.Get("Location"); got !=
		"/order%20lines/1" {
		t.Errorf("Location: %s", got)
	}
	api.Must(http.StatusOK, "PATCH", "/order%20lines/1", `{"news_id":1}`)
	api.Must(http.StatusNoContent, "PUT", "/order%20lines/1/news_by_order_links/1", "")
	for path, want := range map[string]string{
		"/order%20lines?include=news": `[{"id":1,"news_id":1,"news":{"id":1}}]`,
		"/news/1/order_lines":         `[{"id":1,"news_id":1}]`,
		"/news?include=order_lines,order_links&fields=id": `[{"id":1,"order_lines":[{"id":1,"news_id":1}],` +
			`"order_links":[{"line_id":1,"news_id":1}]}]`,
		"/order%20links/1,1":   `{"line_id":1,"news_id":1}`,
		"/order%20links/1%2C1": `{"line_id":1,"news_id":1}`,
	} {
		if got := api.Must(http.StatusOK, "GET", path, "").Body; got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	api.Must(http.StatusNoContent, "DELETE", "/order%20links/1,1", "")
	api.Must(http.StatusNoContent, "DELETE", "/order%20lines/1", "")
	if text := api.Must(http.StatusOK, "GET", "/openapi.json", "").Body; !strings.Contains(text, `"/order%20lines/{id}"`) {
		t.Error("the OpenAPI document has no path for order lines")
	}
}
