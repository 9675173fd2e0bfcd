package httpapi_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"slipway/internal/migrate/rowtypes/testdata/defaults"
)

// uuidText matches a UUID.
var uuidText = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// TestDefaultsOfExpressions creates and replaces rows without members whose defaults are expressions. The response has
// the default, of one clock, and the row as stored is the same.
func TestDefaultsOfExpressions(t *testing.T) {
	t.Parallel()
	p := newPairOf(t, defaults.Tables, "defaults", "keys")
	now := time.Date(2026, 1, 31, 23, 59, 59, 987654321, time.FixedZone("", -3600)) // the next day in UTC
	const (
		times = `"day":"2026-02-01","since":"2026-02-01","clock":"00:59:59.987","seen_at":"2026-02-01T00:59:59.987654Z",` +
			`"left_at":"2026-02-01T00:59:59Z"`
		rest = `"token":"UUID","label":"aB","size":9,"price":"1.50"}`
		null = `"since":null,"clock":"00:00:01.000","seen_at":"2026-02-01T00:59:59.987654Z","left_at":null,"token":"x",` +
			`"label":"","size":null,"price":"0.00"}`
	)
	for _, api := range []*testAPI{p.sqlite, p.mysql} {
		api.T = t
		api.DB.Write.NowFunc = func() time.Time { return now }
		for _, r := range []struct {
			method, path, body string
			status             int
			want               string
		}{
			{"POST", "/visits", `{"name":"a"}`, 201, `{"id":1,"name":"a",` + times + `,` + rest},
			{"POST", "/visits", `[{"name":"b","label":"x"},{"name":"c","size":null}]`, 201, `[{"id":2,"name":"b",` + times +
				`,"token":"UUID","label":"x","size":9,"price":"1.50"},{"id":3,"name":"c",` + times +
				`,"token":"UUID","label":"aB","size":null,"price":"1.50"}]`},
			{"PUT", "/visits/1", `{"name":"d","day":"2020-01-01","since":null,"clock":"00:00:01","left_at":null,"token":"x",` +
				`"label":"","size":null,"price":0}`, 200, `{"id":1,"name":"d","day":"2020-01-01",` + null},
			{"PATCH", "/visits/1", `{"name":"e"}`, 200, `{"id":1,"name":"e","day":"2020-01-01",` + null},
			{"PUT", "/visits/1", `{"name":"f"}`, 200, `{"id":1,"name":"f",` + times + `,` + rest},
			{"POST", "/visits", `{"name":"a","day":null}`, 422, `"field":"day","code":"null"`},
			{"POST", "/visits", `{"name":"a","label":null}`, 422, `"field":"label","code":"null"`},

			{"PUT", "/rooms/a", `{}`, 201, `{"slug":"a","built":"2026-02-01","label":"ab","note":null}`},
			{"PUT", "/rooms/a", `{"label":"x"}`, 200, `{"slug":"a","built":"2026-02-01","label":"x","note":null}`},
			{"PUT", "/rooms/a", `{"note":"n"}`, 200, `{"slug":"a","built":"2026-02-01","label":"ab","note":"n"}`},
			{"POST", "/rooms", `{"slug":"a"}`, 409, `"field":"slug"`},

			{"POST", "/logs", `[{"text":"a"},{"text":"a","label":"x"},{"text":"b"}]`, 201,
				`[{"text":"a","label":"ab"},{"text":"a","label":"x"},{"text":"b","label":"ab"}]`},
			{"POST", "/tokens", `{"name":"a"}`, 201, `{"id":"UUID","name":"a"}`},
			{"POST", "/codes", `{}`, 422, `"field":"code","code":"required"`},
		} {
			got := api.Do(r.method, r.path, r.body)
			masked := uuidText.ReplaceAllString(got.Body, "UUID")
			if got.Status != r.status || !strings.Contains(masked, r.want) {
				t.Errorf("%s: %s %s %s: %d %s\nwant %d %s", api.DB.Dialect, r.method, r.path, r.body, got.Status, masked,
					r.status, r.want)
			}
			path := r.path
			if location := got.Header.Get("Location"); location != "" {
				path = location
			}
			if got.Status < 300 && strings.Count(path, "/") > 1 {
				if stored := api.Must(http.StatusOK, "GET", path, ""); stored.Body != got.Body ||
					stored.Header.Get("ETag") != got.Header.Get("ETag") {
					t.Errorf("%s: %s %s returns %s, but GET returns %s", api.DB.Dialect, r.method, r.path, got.Body, stored.Body)
				}
			}
		}
		if err := api.DB.Write.Exec("INSERT INTO visits (name) VALUES ('sql')").Error; err != nil {
			t.Fatal(err)
		}
		row := api.Must(http.StatusOK, "GET", "/visits?name=sql", "")
		if !strings.Contains(uuidText.ReplaceAllString(row.Body, "UUID"), rest) {
			t.Errorf("%s: an INSERT of SQL stores %s, want %s", api.DB.Dialect, row.Body, rest)
		}
	}
}
