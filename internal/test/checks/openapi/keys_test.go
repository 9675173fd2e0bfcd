package openapi

import (
	"net/http"
	"os"
	"testing"

	"slipway/internal/httpapi"
	"slipway/internal/migrate/rowtypes/testdata/keys"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest"
)

// newKeys returns an API for tables with every shape of a key.
func newKeys(t *testing.T, dialect string, change func(*httpapi.Options)) *apitest.API {
	t.Helper()
	text, err := os.ReadFile("../../../migrate/rowtypes/testdata/keys/schema.hcl")
	if err != nil {
		t.Fatal(err)
	}
	api := apitest.New(t, dbtest.New(t, dialect), keysTables(change))
	for _, statement := range apitest.Statements(t, api.DB.Dialect, text) {
		if err := api.DB.Write.Exec(statement).Error; err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return api
}

// keysTables sets the tables of package keys, and other options.
func keysTables(change func(*httpapi.Options)) func(*httpapi.Options) {
	return func(o *httpapi.Options) {
		o.Tables = keys.Tables
		if change != nil {
			change(o)
		}
	}
}

// TestKeysDocument checks that the document of tables with every shape of a key is valid, and small: a relation has
// operations of its own, which the size of a table does not include.
func TestKeysDocument(t *testing.T) {
	t.Parallel()
	api := newKeys(t, "sqlite", nil)
	newSpecification(api).valid()
	size := func(api *apitest.API) int { return len(api.Must(http.StatusOK, "GET", "/openapi.json", "").Body) }
	most := size(apitest.New(t, dbtest.New(t, "sqlite"), func(o *httpapi.Options) { o.Tables = nil }))
	for _, table := range keys.Tables {
		most += 6*1024 + len(table.Fields)*2560
		for _, r := range table.Relations {
			if r.Many && len(table.Key) > 0 {
				most += 4608
			}
		}
	}
	if n := size(api); n > most {
		t.Errorf("the document has %d bytes, want at most %d", n, most)
	}
}
