package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"slipway/internal/httpapi"
	"slipway/internal/migrate/rowtypes/testdata/keys"
	"slipway/internal/migrate/rowtypes/testdata/typedkeys"
	"slipway/internal/store"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest"
)

// TestSeedOfEveryKey loads rows whose keys and foreign keys have each shape and type, and reads them.
func TestSeedOfEveryKey(t *testing.T) {
	t.Parallel()
	const text = `{
		"tags": [{"slug": "a/b"}, {"slug": ""}],
		"devices": [{"name": "generated"}, {"id": "d1", "name": "chosen"}],
		"readings": [{"device_id": {"name": "chosen"}, "at": "2026-01-31T12:00:00Z"},
			{"device_id": "d1", "at": "2026-01-31T13:00:00Z", "value": 2}],
		"counters": [{"number": -7}],
		"flags": [{"on": true, "ratio": 0.5, "founded": 2026}],
		"films": [{"title": "one"}, {"title": "two", "sequel_of_id": {"title": "one"}}],
		"actors": [{"name": "ada", "tag": {"slug": "a/b"}}, {"name": "bob"}],
		"film_actor": [{"film_id": {"title": "two"}, "actor_id": {"name": "bob"}}],
		"lines": [{"order_no": "o", "line_no": 1, "item": "i"}],
		"parcels": [{"order_no": "o", "line_no": 1}],
		"events": [{"name": "x"}, {"name": "x"}],
		"assets": [{"id": "0197B0A4-7D3C-7C1E-9F2A-3B4C5D6E7F80", "name": "one"}, {"name": "generated"}],
		"files": [{"asset_id": {"name": "generated"}, "copy_of": {"id": "0197b0a4-7d3c-7c1e-9f2a-3b4c5d6e7f80"}}],
		"prices": [{"amount": 12.5}], "balances": [{"total": "-0.5"}],
		"shifts": [{"day": "2026-01-31", "kind": "a,b", "starts": "22:00:00"}],
		"counts": [{"n": 9223372036854775807}], "hashes": [{"digest": "/+A="}, {"digest": ""}]
	}`
	tables := slices.Concat(keys.Tables, typedkeys.Tables)
	rows, err := parseSeed("seed.json", []byte(text), tables)
	if err != nil {
		t.Fatal(err)
	}
	for _, dialect := range []string{"sqlite", "mysql"} {
		api := apitest.New(t, dbtest.New(t, dialect), func(o *httpapi.Options) { o.Tables = tables })
		db := api.DB
		for _, folder := range []string{"keys", "typedkeys"} {
			schema, err := os.ReadFile("../internal/migrate/rowtypes/testdata/" + folder + "/schema.hcl")
			if err != nil {
				t.Fatal(err)
			}
			for _, statement := range apitest.Statements(t, dialect, schema) {
				if err := db.Write.Exec(statement).Error; err != nil {
					t.Fatal(err)
				}
			}
		}
		report := newSeedReport(rows)
		if err := loadAll(t.Context(), store.New(db), &report); err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]string{
			"/tags/a~1b": `{"slug":"a/b","label":null}`, "/readings/d1,2026-01-31T12:00:00.000000Z": `"value":0`,
			"/film_actor/2,2": `"role":"extra"`, "/prices/12.50": `"amount":"12.50"`,
			"/balances/-0.5000000000": `"total":"-0.5000000000"`, "/shifts/2026-01-31,a~2b,22:00:00.0": `"kind":"a,b"`,
			"/hashes/~5": `"digest":""`,
		} {
			if got := api.Do("GET", path, "").Body; !strings.Contains(got, want) {
				t.Errorf("%s: %s is %s, want %s", dialect, path, got, want)
			}
		}
	}
}
