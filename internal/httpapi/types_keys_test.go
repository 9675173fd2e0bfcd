package httpapi_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"slipway/internal/database"
	"slipway/internal/httpapi"
	"slipway/internal/migrate/rowtypes/testdata/typedkeys"
	"slipway/internal/resource"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest"
)

// TestKeysOfEveryType creates, reads, lists, changes and deletes rows whose keys have other
// types than text and integers, on both dialects.
func TestKeysOfEveryType(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../migrate/rowtypes/testdata/typedkeys/schema.hcl")
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{t: t, statuses: map[int]int{}}
	tables := func(o *httpapi.Options) { o.Tables = typedkeys.Tables }
	p.sqlite = newAPI(t, dbtest.New(t, "sqlite"), tables)
	p.mysql = newAPI(t, dbtest.New(t, "mysql"), tables, database.Config{Connections: 1})
	for _, api := range []*testAPI{p.sqlite, p.mysql} {
		api.DB.Write.NowFunc = p.now
		for _, statement := range apitest.Statements(t, api.DB.Dialect, text) {
			if err := api.DB.Write.Exec(statement).Error; err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
	}
	const a, b = "0197b0a4-7d3c-7c1e-9f2a-3b4c5d6e7f80", "ffffffff-7d3c-7c1e-9f2a-3b4c5d6e7f80"
	for _, r := range []struct {
		method, path, body string
		status             int
		want, location     string
	}{
		{"POST", "/assets", `{"id":"` + strings.ToUpper(a) + `","name":"one"}`, 201, `{"id":"` + a + `","name":"one"}`,
			"/assets/" + a},
		{"POST", "/assets", `{"id":"` + a + `","name":"one"}`, 409, `"field":"id"`, ""},
		{"PUT", "/assets/" + b, `{"name":"two"}`, 201, `"id":"` + b + `"`, "/assets/" + b},
		{"GET", "/assets/" + strings.ToUpper(a), "", 200, `"name":"one"`, ""},
		{"GET", "/assets/x", "", 404, "", ""},
		{"GET", "/assets?id=" + a, "", 200, `[{"id":"` + a + `","name":"one"}]`, ""},
		{"GET", "/assets?id[gt]=" + a + "&sort=id", "", 200, `[{"id":"` + b, ""},
		{"POST", "/files", `{"asset_id":"` + a + `","hash":"AAECAwQFBgcICQoLDA0ODw=="}`, 201,
			`"asset_id":"` + a + `","copy_of":null,"hash":"AAECAwQFBgcICQoLDA0ODw=="`, "/files/1"},
		{"POST", "/files", `{"asset_id":"` + strings.Replace(a, "0", "1", 1) + `"}`, 422, `"field":"asset_id"`, ""},
		{"GET", "/files/1?include=asset", "", 200, `"asset":{"id":"` + a + `","name":"one"}`, ""},
		{"GET", "/assets/" + a + "?include=files", "", 200, `"files":[{"id":1,`, ""},
		{"GET", "/assets/" + strings.ToUpper(a) + "/files", "", 200, `[{"id":1,`, ""},
		{"POST", "/assets/" + a + "/files", `{}`, 201, `"asset_id":"` + a + `"`, "/files/2"},
		{"PATCH", "/files/1", `{"copy_of":"` + b + `"}`, 200, `"copy_of":"` + b + `"`, ""},
		{"DELETE", "/assets/" + a, "", 204, "", ""},
		{"GET", "/files", "", 200, "[]", ""},

		{"POST", "/prices", `{"amount":12.5}`, 201, `{"amount":"12.50","note":null}`, "/prices/12.50"},
		{"POST", "/prices", `{"amount":"12.500"}`, 409, `"field":"amount"`, ""},
		{"POST", "/prices", `[{"amount":"-1"},{"amount":100},{"amount":9}]`, 201, `"amount":"-1.00"`, ""},
		{"GET", "/prices/12.50", "", 200, `"amount":"12.50"`, ""},
		{"GET", "/prices/12.5", "", 404, "", ""},
		{"GET", "/prices?fields=amount", "", 200,
			`[{"amount":"100.00"},{"amount":"12.50"},{"amount":"9.00"},{"amount":"-1.00"}]`, ""},
		{"PATCH", "/prices/12.50", `{"note":"x","amount":12.5}`, 200, `{"amount":"12.50","note":"x"}`, ""},
		{"PATCH", "/prices/12.50", `{"amount":13}`, 422, `"field":"amount","code":"key"`, ""},
		{"DELETE", "/prices/-1.00", "", 204, "", ""},

		{"POST", "/balances", `[{"total":9},{"total":"-10.5"},{"total":"-9.5"},{"total":"10.0000000001"},` +
			`{"total":"12345678901234567890.123456789"},{"total":0},{"total":"-12345678901234567890.1"},{"total":10}]`, 201,
			"", ""},
		{"GET", "/balances?fields=total", "", 200, `[{"total":"12345678901234567890.1234567890"},` +
			`{"total":"10.0000000001"},{"total":"10.0000000000"},{"total":"9.0000000000"},{"total":"0.0000000000"},` +
			`{"total":"-9.5000000000"},{"total":"-10.5000000000"},{"total":"-12345678901234567890.1000000000"}]`, ""},
		{"PATCH", "/balances/-9.5000000000", `{"note":"x"}`, 200, `"note":"x"`, ""},

		{"POST", "/shifts", `{"day":"2026-01-31","kind":"late","starts":"22:00:00"}`, 201, `"starts":"22:00:00.0"`,
			"/shifts/2026-01-31,late,22:00:00.0"},
		{"POST", "/shifts", `{"day":"2026-01-31","kind":"a,b","starts":"-10:00:00.55"}`, 201, `"starts":"-10:00:00.5"`,
			"/shifts/2026-01-31,a~2b,-10:00:00.5"},
		{"POST", "/shifts", `{"day":"2026-01-31","kind":"early","starts":"100:00:00"}`, 201, "",
			"/shifts/2026-01-31,early,100:00:00.0"},
		{"POST", "/shifts", `{"day":"2026-01-31","kind":"early","starts":"100:00:00.01"}`, 409, "", ""},
		{"GET", "/shifts/2026-01-31,a~2b,-10:00:00.5", "", 200, `"kind":"a,b"`, ""},
		{"GET", "/shifts/2026-01-31,none,-10:00:00.5", "", 404, "", ""},
		{"PATCH", "/shifts/2026-01-31,early,100:00:00.0", `{"note":"x"}`, 200, `"note":"x"`, ""},
		{"GET", "/shifts?fields=kind", "", 200, `{"kind":"late"}`, ""},
		{"DELETE", "/shifts/2026-01-31,late,22:00:00.0", "", 204, "", ""},

		{"POST", "/counts", `[{"n":9223372036854775807},{"n":0},{"n":10}]`, 201, "", ""},
		{"GET", "/counts/9223372036854775807", "", 200, `"n":9223372036854775807`, ""},
		{"GET", "/counts/18446744073709551615", "", 404, "", ""},
		{"GET", "/counts/010", "", 404, "", ""},
		{"PUT", "/counts/7", `{"note":"x"}`, 201, `{"n":7,"note":"x"}`, "/counts/7"},

		{"POST", "/hashes", `[{"digest":"/+A="},{"digest":""},{"digest":"AA=="}]`, 201, "", ""},
		{"GET", "/hashes/~1+A=", "", 200, `{"digest":"/+A=","note":null}`, ""},
		{"PATCH", "/hashes/~5", `{"note":"empty"}`, 200, `{"digest":"","note":"empty"}`, ""},
		{"GET", "/hashes?fields=digest", "", 200, `[{"digest":"/+A="},{"digest":"AA=="},{"digest":""}]`, ""},
	} {
		got := p.do(r.method, r.path, r.body)
		if got.Status != r.status || !strings.Contains(got.Body, r.want) || got.Header.Get("Location") != r.location {
			t.Errorf("%s %s %s: %d %s\nLocation %q\nwant %d %s %q", r.method, r.path, r.body, got.Status, got.Body,
				got.Header.Get("Location"), r.status, r.want, r.location)
		}
	}
	for _, table := range slices.DeleteFunc(slices.Clone(typedkeys.Tables),
		func(t *resource.Table) bool { return t.Name == "files" }) {
		all := p.do("GET", "/"+table.Name, "").Array(t)
		n := 0
		for next := "/" + table.Name + "?per_page=1"; next != "" && n <= len(all); n++ {
			page := p.do("GET", next, "")
			if rows := page.Array(t); len(rows) != 1 || fmt.Sprint(rows[0]) != fmt.Sprint(all[n]) {
				t.Errorf("%s: page %d has %v, want %v", table.Name, n, rows, all[n])
			}
			next = ""
			if m := nextPage.FindStringSubmatch(page.Header.Get("Link")); m != nil {
				next = m[1]
			}
		}
		if n != len(all) {
			t.Errorf("%s: %d pages, want %d", table.Name, n, len(all))
		}
	}
	if a := p.do("GET", "/openapi.json", ""); a.Status != http.StatusOK {
		t.Error(a.Status)
	}
}
