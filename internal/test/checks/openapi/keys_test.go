package openapi

import (
	"net/http"
	"os"
	"slices"
	"testing"

	"slipway/internal/httpapi"
	"slipway/internal/migrate/rowtypes/testdata/keys"
	"slipway/internal/migrate/rowtypes/testdata/typedkeys"
	"slipway/internal/migrate/rowtypes/testdata/types"
	"slipway/internal/resource"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest"
)

// newKeys returns an API for tables with every shape of a key.
func newKeys(t *testing.T, dialect string, change func(*httpapi.Options)) *apitest.API {
	t.Helper()
	return newFolders(t, dialect, withTables(keys.Tables, change), "keys")
}

// allTypes are tables with columns and keys of every type.
var allTypes = slices.Concat(types.Tables, typedkeys.Tables)

// newTypes returns an API for allTypes. The folder keys has the table idempotency_keys.
func newTypes(t *testing.T, dialect string, change func(*httpapi.Options)) *apitest.API {
	t.Helper()
	return newFolders(t, dialect, withTables(allTypes, change), "types", "typedkeys", "keys")
}

// newFolders returns an API on a database with the tables of folders of testdata.
func newFolders(t *testing.T, dialect string, change func(*httpapi.Options), folders ...string) *apitest.API {
	t.Helper()
	api := apitest.New(t, dbtest.New(t, dialect), change)
	for _, folder := range folders {
		text, err := os.ReadFile("../../../migrate/rowtypes/testdata/" + folder + "/schema.hcl")
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range apitest.Statements(t, api.DB.Dialect, text) {
			if err := api.DB.Write.Exec(statement).Error; err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
	}
	return api
}

// withTables sets the tables, and other options.
func withTables(tables []*resource.Table, change func(*httpapi.Options)) func(*httpapi.Options) {
	return func(o *httpapi.Options) {
		o.Tables = tables
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
			if r.Through != nil { // also PUT and DELETE
				most += 512
			}
		}
	}
	if n := size(api); n > most {
		t.Errorf("the document has %d bytes, want at most %d", n, most)
	}
}
