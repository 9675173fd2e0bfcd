package httpapi_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// insert writes a row of samples with SQL: the required columns, and these.
func insert(t *testing.T, api *testAPI, columns, values string) error {
	t.Helper()
	return api.DB.Write.Exec("INSERT INTO samples (tiny, count, ratio, wide, level, word, more, seen_at, slash, " +
		"created_at, updated_at, options, `all`, " + columns + ") VALUES (1, 1, 1.0, 1.0, 1, 'w', 'm', " +
		"'2026-01-01 00:00:00', 'a', '2026-01-01 00:00:00', '2026-01-01 00:00:00', '{}', '', " + values + ")").Error
}

// TestRowsOfOtherPrograms reads, filters, sorts and changes rows that were written with SQL.
func TestRowsOfOtherPrograms(t *testing.T) {
	t.Parallel()
	p := newTypesPair(t)
	for _, c := range []struct {
		api             *testAPI
		columns, values string
		want            string // members of the row
		filter          string // finds the row
	}{
		{p.sqlite, "day, due_at, begins_at", "'2026-01-31', '2026-01-31 12:00:00', '2026-01-31 12:00:00.5'",
			`"day":"2026-01-31" "due_at":"2026-01-31T12:00:00Z" "begins_at":"2026-01-31T12:00:00.500Z"`, "day=2026-01-31"},
		{p.sqlite, "price, clock, tags", "12, '-01:02:03.5000', 'y,x'",
			`"price":"12.00" "clock":"-01:02:03.500" "tags":["x","y"]`, "price=12.0&clock=-01:02:03.5&tags[contains]=y"},
		{p.sqlite, "data, price, money", `'{"b": 1.0, "a":[1 ,"é"], "b": 2}', 0.1, '0.5000'`,
			`"data":{"a":[1,"é"],"b":2} "price":"0.10" "money":"0.5000"`, "price=0.1&money=0.5"},
		{p.mysql, "day, due_at, begins_at, since", "'0000-00-00', '0000-00-00 00:00:00', '0000-00-00', '0000-00-00'",
			`"day":null "due_at":null "begins_at":null "since":null`,
			"day[null]=true&due_at[null]=true&begins_at[null]=true&since[null]=true"},
		{p.mysql, "day, clock, tags, mark", "'0999-12-31', '-838:59:59', 'y,x', b'1'",
			`"day":"0999-12-31" "clock":"-838:59:59.000" "tags":["x","y"] "mark":true`, "day=0999-12-31&mark=true"},
		{p.mysql, "data, flag, kind", `'{"bb": 1.0, "a": [1e2, 18446744073709551615, -0.0]}', 2, 'none'`,
			`"data":{"a":[100,18446744073709551615,0],"bb":1} "flag":true "kind":""`, "data[null]=false"},
		{p.mysql, "data, days",
			`JSON_OBJECT('d', CAST('2026-01-31' AS DATE), 'n', 1.234567890123456789012, 'x', x'00'), ''`,
			`"data":{"d":"2026-01-31","n":1.2345678901234567,"x":"base64:type15:AA=="} "days":[]`, "days[null]=false"},
	} {
		c.api.T = t
		if c.api == p.mysql {
			if err := c.api.DB.Write.Exec("SET SESSION sql_mode = ''").Error; err != nil {
				t.Fatal(err)
			}
		}
		if err := c.api.DB.Write.Exec("DELETE FROM samples").Error; err != nil {
			t.Fatal(err)
		}
		if err := insert(t, c.api, c.columns, c.values); err != nil {
			t.Fatal(err)
		}
		if c.api == p.mysql {
			if err := c.api.DB.Write.Exec("SET SESSION sql_mode = DEFAULT").Error; err != nil {
				t.Fatal(err)
			}
		}
		list := c.api.Must(http.StatusOK, "GET", "/samples?"+c.filter, "")
		for _, member := range strings.Fields(c.want) {
			if !strings.Contains(list.Body, member) {
				t.Errorf("%s: no %s in %s", c.columns, member, list.Body)
			}
		}
		for name := range strings.SplitSeq(c.columns, ", ") {
			c.api.Must(http.StatusOK, "GET", "/samples?per_page=1&fields=id,"+name, "")
		}
		id := "/samples" + strings.TrimPrefix(strings.Split(list.Body, ",")[0], `[{"id":`)
		id = strings.Replace(id, "/samples", "/samples/", 1)
		row := c.api.Must(http.StatusOK, "GET", id, "")
		c.api.Must(http.StatusOK, "PATCH", id, `{"tiny":2}`, "If-Match: "+row.Header.Get("ETag"))
		c.api.Must(http.StatusPreconditionFailed, "PATCH", id, `{"tiny":3}`, "If-Match: "+row.Header.Get("ETag"))
		row = c.api.Must(http.StatusOK, "GET", id, "")
		c.api.Must(http.StatusNoContent, "DELETE", id, "", "If-Match: "+row.Header.Get("ETag"))
	}
}

// TestLargestUnsigned reads all pages of rows with integers up to 2^64-1, which only MySQL
// can have.
func TestLargestUnsigned(t *testing.T) {
	t.Parallel()
	api := newTypesPair(t).mysql
	for i, n := range strings.Fields(
		"18446744073709551615 9223372036854775808 9223372036854775807 0 18446744073709551614") {
		slash := strings.Repeat("b", i+1)
		err := insert(t, api, "label, `sql`", "'"+slash+"', '"+slash+"'")
		if err == nil {
			err = api.DB.Write.Exec("UPDATE samples SET slash = ?, count = "+n+" WHERE label = ?", slash, slash).Error
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for sort, want := range map[string]string{
		"-count": "18446744073709551615 18446744073709551614 9223372036854775808 9223372036854775807 0",
		"count":  "0 9223372036854775807 9223372036854775808 18446744073709551614 18446744073709551615",
	} {
		var got []string
		for next := "/samples?fields=count&per_page=1&sort=" + sort; next != ""; {
			page := api.Must(http.StatusOK, "GET", next, "")
			got = append(got, strings.TrimSuffix(strings.TrimPrefix(page.Body, `[{"count":`), "}]"))
			next = ""
			if m := nextPage.FindStringSubmatch(page.Header.Get("Link")); m != nil {
				next = m[1]
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("sort=%s: %q, want %s", sort, got, want)
		}
	}
	found := api.Must(http.StatusOK, "GET", "/samples?fields=count&count[gt]=18446744073709551614", "")
	if found.Body != `[{"count":18446744073709551615}]` {
		t.Error(found.Body)
	}
}

// TestMatchOfEveryType changes a row on the condition that it is unchanged, for values of
// every type.
func TestMatchOfEveryType(t *testing.T) {
	t.Parallel()
	p := newFilledPair(t, 20)
	for _, row := range p.do("GET", "/samples?per_page=100&fields=id", "").Array(t) {
		path := "/samples/" + encodeID(row["id"])
		tag := p.do("GET", path, "").Header.Get("ETag")
		changed := p.do("PATCH", path, `{"tiny":2,"file":"AAEC","icon":"","digest":null,"data":{"b":[1.5,2],"a":null}}`,
			"If-Match: "+tag)
		if changed.Status != http.StatusOK {
			t.Errorf("%s: %d %s", path, changed.Status, changed.Body)
		}
		if a := p.do("PATCH", path, `{"tiny":3}`, "If-Match: "+tag); a.Status != http.StatusPreconditionFailed {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
		read := p.do("GET", path, "")
		if read.Body != changed.Body {
			t.Errorf("%s: PATCH returns %s, GET %s", path, changed.Body, read.Body)
		}
		p.do("DELETE", path, "", "If-Match: "+read.Header.Get("ETag"))
	}
}

// encodeID returns the id of a row in a path.
func encodeID(id any) string { return strconv.FormatFloat(id.(float64), 'f', -1, 64) }

// TestTimesOfOtherPrograms reads all pages of rows with several texts of one time, and filters
// by it.
func TestTimesOfOtherPrograms(t *testing.T) {
	t.Parallel()
	api := newTypesPair(t).sqlite
	texts := []string{"2026-01-31 12:00:00", "2026-01-31 12:00:00+00:00", "2026-01-31 12:00:00.000",
		"2026-01-31 12:00:00",
		"2026-01-31 12:00:00.000000+00:00", "2026-01-31 12:00:00.5", "2026-01-31 12:00:00.500+00:00",
		"2026-01-31 11:59:59"}
	for i, text := range texts {
		slash := strings.Repeat("b", i+1)
		err := insert(t, api, "label, `sql`, begins_at", "'"+slash+"', '"+slash+"', '"+text+"'")
		if err == nil {
			err = api.DB.Write.Exec("UPDATE samples SET slash = label WHERE label = ?", slash).Error
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, sort := range []string{"begins_at", "-begins_at"} {
		pages := 0
		for next := "/samples?fields=begins_at&per_page=1&sort=" + sort; next != ""; pages++ {
			page := api.Must(http.StatusOK, "GET", next, "")
			next = ""
			if m := nextPage.FindStringSubmatch(page.Header.Get("Link")); m != nil && pages < 20 {
				next = m[1]
			}
		}
		if pages != len(texts) {
			t.Errorf("sort=%s: %d pages, want %d", sort, pages, len(texts))
		}
	}
	for filter, want := range map[string]int{
		"begins_at": 5, "begins_at[ne]": 3, "begins_at[gt]": 2, "begins_at[gte]": 7, "begins_at[lt]": 1,
		"begins_at[lte]": 6,
		"begins_at[in]":  5, "begins_at[nin]": 3,
	} {
		got := api.Must(http.StatusOK, "GET", "/samples?fields=id&"+filter+"=2026-01-31T12:00:00Z", "").Array(t)
		if len(got) != want {
			t.Errorf("%s: %d rows, want %d", filter, len(got), want)
		}
	}
}

// TestPagesOfZeroDates reads all pages of rows of MySQL with zero dates and NULL, which are both null in the API.
func TestPagesOfZeroDates(t *testing.T) {
	t.Parallel()
	api := newTypesPair(t).mysql
	if err := api.DB.Write.Exec("SET SESSION sql_mode = ''").Error; err != nil {
		t.Fatal(err)
	}
	dates := strings.Fields("0000-00-00 2026-01-31 0000-00-00 2026-02-01 0000-00-00 0000-00-00 0000-00-00 2026-02-01")
	for i, date := range dates {
		slash, nullable := strings.Repeat("b", i+1), "'"+date+"'"
		if i == 2 || i == 5 { // between zero dates
			nullable = "NULL"
		}
		err := insert(t, api, "label, `sql`, since, day, begins_at, due_at",
			"'"+slash+"', '"+slash+"', '"+date+"', "+nullable+", '"+date+"', "+nullable)
		if err == nil {
			err = api.DB.Write.Exec("UPDATE samples SET slash = label WHERE label = ?", slash).Error
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := api.DB.Write.Exec("SET SESSION sql_mode = DEFAULT").Error; err != nil {
		t.Fatal(err)
	}
	for _, sort := range strings.Fields("since -since day -day begins_at -begins_at due_at -due_at since,day " +
		"day,due_at -day,since") {
		seen := map[any]bool{}
		pages := 0
		for next := "/samples?fields=id&per_page=1&sort=" + sort; next != "" && pages < 20; pages++ {
			page := api.Must(http.StatusOK, "GET", next, "")
			seen[page.Array(t)[0]["id"]] = true
			next = ""
			if m := nextPage.FindStringSubmatch(page.Header.Get("Link")); m != nil {
				next = m[1]
			}
		}
		if pages != len(dates) || len(seen) != len(dates) {
			t.Errorf("sort=%s: %d pages with %d rows, want %d", sort, pages, len(seen), len(dates))
		}
	}
	for filter, want := range map[string]int{
		"since[null]=true": 5, "since[null]=false": 3, "day[null]=true": 5, "begins_at[null]=false": 3,
		"since=2026-01-31": 1,
	} {
		if got := api.Must(http.StatusOK, "GET", "/samples?fields=id&"+filter, "").Array(t); len(got) != want {
			t.Errorf("%s: %d rows, want %d", filter, len(got), want)
		}
	}
	affected := api.Must(http.StatusOK, "PATCH", "/samples?since[null]=true", `{"since":"2026-03-01","day":"2026-03-01"}`)
	if affected.Body != `{"affected":5}` {
		t.Error(affected.Body)
	}
}

// TestNumbersOfBooleans filters, sorts and changes rows with booleans that other programs stored as other numbers than
// 0 and 1. Each of them is true.
func TestNumbersOfBooleans(t *testing.T) {
	t.Parallel()
	p := newTypesPair(t)
	if err := p.sqlite.DB.Write.Exec("PRAGMA ignore_check_constraints = ON").Error; err != nil {
		t.Fatal(err)
	}
	for i, number := range strings.Fields("2 0 NULL 1 -1 0 127 NULL -128") {
		slash := "'" + strings.Repeat("b", i+1) + "'"
		for _, api := range []*testAPI{p.sqlite, p.mysql} {
			err := insert(t, api, "label, `sql`, one", slash+", "+slash+", "+number)
			if err == nil {
				err = api.DB.Write.Exec("UPDATE samples SET slash = label WHERE slash = 'a'").Error
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for filter, want := range map[string]string{
		"one=true": "1 4 5 7 9", "one=false": "2 6", "one[ne]=true": "2 6", "one[ne]=false": "1 4 5 7 9",
		"one[in]=true": "1 4 5 7 9", "one[in]=false,true": "1 2 4 5 6 7 9", "one[nin]=true": "2 6", "one[nin]=true,false": "",
		"one[gt]=false": "1 4 5 7 9", "one[lt]=true": "2 6", "one[lte]=true": "1 2 4 5 6 7 9", "one[null]=true": "3 8",
		"one[gte]=true&one=true&one[ne]=false": "1 4 5 7 9",
	} {
		if got := idsOf(p.do("GET", "/samples?fields=id&sort=id&"+filter, "").Array(t)); got != want {
			t.Errorf("%s: rows %s, want %s", filter, got, want)
		}
	}
	for sort, want := range map[string]string{"one": "3 8 2 6 1 4 5 7 9", "-one": "9 7 5 4 1 6 2 8 3"} {
		var all []string
		for next := "/samples?fields=id,one&per_page=1&sort=" + sort; next != "" && len(all) < 20; {
			page := p.do("GET", next, "")
			all, next = append(all, idsOf(page.Array(t))), page.Next()
		}
		if got := strings.Join(all, " "); got != want {
			t.Errorf("sort=%s: rows %s, want %s", sort, got, want)
		}
	}
	for _, api := range []*testAPI{p.sqlite, p.mysql} { // the times of these rows differ
		tag := api.Must(http.StatusOK, "GET", "/samples/1", "").Header.Get("ETag")
		api.Must(http.StatusOK, "PATCH", "/samples/1", `{"tiny":2}`, "If-Match: "+tag)
	}
	if a := p.do("PATCH", "/samples?one=true", `{"tiny":3}`); a.Body != `{"affected":5}` {
		t.Error(a.Body)
	}
}
