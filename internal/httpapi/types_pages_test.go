package httpapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pool are values of the columns of samples, as JSON. A column with a unique index gets
// other values.
var pool = map[string][]string{
	"count":     {`0`, `1`, `9`, `10`, `9223372036854775807`},
	"price":     {`"-0.01"`, `"0.00"`, `"0.01"`, `"9.99"`, `"10.00"`, `"99999999.99"`, `"-99999999.99"`},
	"level":     {`"0"`, `"9"`, `"10"`, `"9999999999"`},
	"kind":      {`"new"`, `"it's"`, `"a,b"`, `"Z"`},
	"size":      {`null`, `"small"`, `"large"`},
	"tags":      {`[]`, `["x"]`, `["x","y"]`, `["it's"]`, `["x","y","it's"]`},
	"days":      {`null`, `[]`, `["mon"]`, `["mon","tue"]`},
	"data":      {`null`, `{}`, `[1,2]`, `"x"`},
	"day":       {`null`, `"1000-01-01"`, `"2026-01-31"`, `"2026-02-01"`, `"9999-12-31"`},
	"since":     {`"2026-01-31"`, `"2026-02-01"`},
	"alarm":     {`"-838:59:59"`, `"-10:00:00"`, `"-09:00:00"`, `"00:00:00"`, `"99:00:00"`, `"100:00:00"`},
	"salt":      {`"AAEC"`, `"/+AA"`},
	"token":     {`""`, `"AA=="`, `"/+A="`},
	"bit":       {`true`, `false`},
	"mark":      {`true`, `false`, `null`},
	"due_at":    {`null`, `"2026-01-31T12:00:00Z"`, `"2026-01-31T12:00:01Z"`},
	"begins_at": {`"2026-01-31T12:00:00.000Z"`, `"2026-01-31T12:00:00.500Z"`, `"2026-01-31T12:00:00.050Z"`},
}

// newFilledPair returns a pair with n rows of random values.
func newFilledPair(t *testing.T, n int) *pair {
	t.Helper()
	p := newTypesPair(t)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		row := fmt.Sprintf(`{"tiny":1,"ratio":1,"wide":1,"word":"w","more":"m",`+
			`"seen_at":"2026-01-01T00:00:00Z","slash":"%d","sql":"%d"`, i, i)
		for _, name := range slices.Sorted(maps.Keys(pool)) {
			values := pool[name]
			row += fmt.Sprintf(",%q:%s", name, values[random.IntN(len(values))])
		}
		clocks := []string{"-%03d:00:00.5", "%02d:59:59.25", "-00:%02d:00", "%03d:00:00"}
		row += fmt.Sprintf(`,"clock":"`+clocks[i%len(clocks)]+`"`, i)
		row += fmt.Sprintf(`,"money":"%d.%04d"}`, (i-n/2)*1_000_000_000_000, i)
		if a := p.do("POST", "/samples", row); a.Status != http.StatusCreated {
			t.Fatalf("%s: %d %s", row, a.Status, a.Body)
		}
	}
	return p
}

var nextPage = regexp.MustCompile(`<([^>]+)>; rel="next"`)

// TestPagesOfEveryType reads all pages of a list sorted by each type. Each row is on one
// page, and the pages are the same on both dialects.
func TestPagesOfEveryType(t *testing.T) {
	t.Parallel()
	const rows = 40
	p := newFilledPair(t, rows)
	do := map[string]func(method, path, body string, headers ...string) response{"": p.do, "money": p.mysql.Do}
	for _, sort := range strings.Fields("count price level kind size day since clock alarm bit mark due_at begins_at " +
		"money kind,clock day,price size,kind,alarm") {
		for _, sort := range []string{sort, "-" + strings.ReplaceAll(sort, ",", ",-"), strings.ReplaceAll(sort, ",",
			",-")} {
			send := do[strings.Trim(sort, "-")]
			if send == nil {
				send = do[""]
			}
			seen := map[any]int{}
			for next := "/samples?fields=id," + strings.ReplaceAll(sort, "-",
				"") + "&per_page=7&sort=" + sort; next != ""; {
				page := send("GET", next, "")
				for _, row := range page.Array(t) {
					seen[row["id"]]++
				}
				next = ""
				if m := nextPage.FindStringSubmatch(page.Header.Get("Link")); m != nil {
					next = m[1]
				}
				if len(seen) > rows {
					break
				}
			}
			for id, times := range seen {
				if times > 1 {
					t.Errorf("sort=%s: row %v is on %d pages", sort, id, times)
				}
			}
			if len(seen) != rows {
				t.Errorf("sort=%s: %d of %d rows", sort, len(seen), rows)
			}
		}
	}
	for _, field := range []string{"tags", "data", "token"} {
		a := p.do("GET", "/samples?sort="+field, "")
		if a.Status != http.StatusBadRequest || !strings.Contains(a.Body, "sort does not support the field "+field) {
			t.Errorf("sort=%s: %d %s", field, a.Status, a.Body)
		}
	}
	for _, query := range []string{"sort=money", "money[gt]=1"} {
		if a := p.sqlite.Do("GET", "/samples?"+query, ""); a.Status != http.StatusBadRequest {
			t.Errorf("SQLite with %s: %d", query, a.Status)
		}
		if a := p.mysql.Do("GET", "/samples?"+query, ""); a.Status != http.StatusOK {
			t.Errorf("MySQL with %s: %d %s", query, a.Status, a.Body)
		}
	}
}

// TestFiltersOfEveryType filters by each type with each operator, on both dialects. Every
// row matches either an operator or its opposite.
func TestFiltersOfEveryType(t *testing.T) {
	t.Parallel()
	const rows = 40
	p := newFilledPair(t, rows)
	count := func(field, op, value string) (n int, ok bool) {
		a := p.do("GET", "/samples?fields=id,"+field+"&per_page=100&"+field+"["+op+"]="+url.QueryEscape(value), "")
		if a.Status != http.StatusOK {
			return 0, false
		}
		return len(a.Array(t)), true
	}
	for field, values := range pool {
		nulls, ok := count(field, "null", "true")
		if !ok {
			t.Errorf("%s has no filter null", field)
		}
		for _, value := range append(values, more[field]...) {
			var text string
			if json.Unmarshal([]byte(value), &text) != nil {
				text = value
			}
			for op, opposite := range map[string]string{"eq": "ne", "gt": "lte", "lt": "gte", "in": "nin"} {
				a, ok := count(field, op, text)
				b, alsoOK := count(field, opposite, text)
				if ok && alsoOK && a+b+nulls != rows {
					t.Errorf("%s: %d rows %s %s, %d %s, %d are null", field, a, op, value, b, opposite, nulls)
				}
			}
			for _, op := range []string{"contains", "starts", "like"} {
				count(field, op, text)
			}
		}
	}
	for query, want := range map[string]int{
		"price=10": 200, "price=1e1": 200, "money=-20000000000000.0000": 200, "money[in]=1.50,0": 200, "price=x": 400,
		"tags[contains]=x": 200, "tags[contains]=z": 400, "tags=x": 400, "kind=none": 400, "kind[starts]=no": 200,
		"data={}": 400, "data[null]=false": 200, "token=AA==": 200, "token[gt]=AA==": 400, "token=AA": 400,
		"token[nin]=":    400,
		"day=2026-02-30": 400, "clock=1": 400, "alarm[gt]=-839:00:00": 400, "count=-1": 400,
		"count[lt]=18446744073709551615": 200,
		"count=18446744073709551616":     400,
	} {
		if a := p.do("GET", "/samples?"+query, ""); a.Status != want {
			t.Errorf("%s: %d %s, want %d", query, a.Status, a.Body, want)
		}
	}
}

// more are values of filters that rows do not have.
var more = map[string][]string{
	"count": {`18446744073709551615`, `9223372036854775808`, `2`},
	"price": {`0.005`, `-0.005`, `0.001`, `9.989999999999999999999`, `10.0000000000000000000001`, `1e8`, `-1e8`,
		`1e1000000000`,
		`-1e-1000000000`, `99999999.991`, `0.0e5`},
	"level":     {`9.5`, `-1`, `1e10`, `0.1`},
	"day":       {`"0001-01-01"`, `"2026-01-30"`},
	"due_at":    {`"2026-01-31T12:00:00.5Z"`, `"2026-01-31T12:00:00.000001Z"`},
	"begins_at": {`"2026-01-31T12:00:00.0005Z"`, `"2026-01-31T12:00:00.050001Z"`},
	"alarm":     {`"-838:59:59"`, `"00:00:00.000001"`, `"-00:00:00.000001"`},
}
