package openapi

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"slipway/internal/migrate/rowtypes/testdata/keys"
)

// TestKeysParameters is TestOpenAPIParameters for tables with every shape of a key.
func TestKeysParameters(t *testing.T) {
	t.Parallel()
	newWalkOver(newKeys(t, "sqlite", nil), keys.Tables).tryParameters()
}

// TestTypesParameters is TestOpenAPIParameters for tables with columns and keys of every type, on MySQL: SQLite refuses
// some filters of a decimal with many digits.
func TestTypesParameters(t *testing.T) {
	t.Parallel()
	newWalkOver(newTypes(t, "mysql", nil), allTypes).tryParameters()
}

// tryParameters sends valid and invalid values of each parameter of a query.
func (w *walk) tryParameters() {
	t, rows := w.t, map[string]string{}
	for _, table := range w.tables {
		rows[table.Name] = w.newRow(table.Name)
	}
	for _, o := range w.walked() {
		if o.method == http.MethodHead { // the same as GET
			continue
		}
		path := strings.ReplaceAll(o.path, "{id}", rows[w.firstTable(o).Name])
		for _, p := range o.parameters {
			name := o.text(p, "name")
			if o.text(p, "in") != "query" || name == "cursor" { // cannot be generated
				continue
			}
			if strings.HasPrefix(name, "share[") {
				continue // a decimal(30,30) refuses filters by larger numbers, which the schema of all decimals describes
			}
			good, bad := o.values(o.at(p, "schema"))
			for status, values := range map[int][]string{http.StatusOK: good, http.StatusBadRequest: bad} {
				for _, value := range values {
					query, body := url.Values{}, ""
					if o.parameter("dry_run") != nil { // a bulk write is valid and matches no rows
						query.Set(w.tableOf(o).Key[0].Name+"[null]", "true")
						query.Set("dry_run", "true")
					}
					if o.described["requestBody"] != nil {
						body = "{}"
					}
					query.Set(name, value)
					if got := w.api.Do(o.method, path+"?"+query.Encode(), body); got.Status != status {
						t.Errorf("%s with %s=%.40s: %d %s, want %d", o, name, value, got.Status, got.Body, status)
					}
				}
			}
		}
	}
}
