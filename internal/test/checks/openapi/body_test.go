package openapi

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"slipway/internal/migrate/rowtypes/testdata/keys"
	"slipway/internal/resource"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest/blog"
)

// TestBodiesAreAsDescribed checks that the API accepts a body if and only if it matches the
// schema.
func TestBodiesAreAsDescribed(t *testing.T) {
	t.Parallel()
	blog.Each(t, func(t *testing.T, url string) { newWalk(apitest.New(t, url, nil)).tryBodies() })
	t.Run("keys", func(t *testing.T) {
		t.Parallel()
		newWalkOver(newKeys(t, "sqlite", nil), keys.Tables).tryBodies()
	})
	t.Run("types", func(t *testing.T) {
		t.Parallel()
		newWalkOver(newTypes(t, "sqlite", nil), allTypes).tryBodies()
	})
}

func (w *walk) tryBodies() {
	for _, o := range w.walked() {
		described := w.at(o.described, "requestBody", "content", "application/json", "schema")
		if described == nil {
			continue
		}
		schema := w.compile(w.schemas, "paths", o.path, strings.ToLower(o.method),
			"requestBody", "content", "application/json", "schema")
		r := w.validRequest(o) // all bodies have the same target
		for _, body := range w.bodies(w.tableOf(o), described) {
			r.body = encode(w.t, body)
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(r.body))
			if err != nil {
				w.t.Fatal(err)
			}
			valid := schema.Validate(value) == nil
			got := w.api.Do(r.method, r.target(), r.body)
			missing := strings.Contains(got.Body, `"code":"missing_parent"`)
			switch got.Status {
			case o.success(), http.StatusConflict: // a duplicate value is valid
				if !valid && !hasYearZero(w.tableOf(o), body) && !hasNumber(w.tableOf(o), body) {
					w.t.Errorf("%s accepts %.100s, which does not match the schema", o, r.body)
				}
			case http.StatusUnprocessableEntity:
				if valid && !missing && !isNarrower(w.tableOf(o), body) { // the document does not say which rows exist
					w.t.Errorf("%s refuses %.100s, which matches the schema: %s", o, r.body, got.Body)
				}
			default:
				w.t.Errorf("%s %.100s: %d %s", o, r.body, got.Status, got.Body)
			}
		}
	}
}

// bodies returns valid and invalid bodies for a schema. The table may be nil.
func (w *walk) bodies(t *resource.Table, schema any) []any {
	bodies := []any{nil, "x", 1, true, map[string]any{}, []any{1}, []any{nil}}
	row := schema
	if one := w.list(schema, "oneOf"); one != nil {
		row = one[0]
		sizes := []int{0, 1, 2}
		if len(w.tables) > 0 && t == w.tables[0] { // the limit is one for all tables
			sizes = append(sizes, 1000, 1001)
		}
		for _, n := range sizes {
			rows := make([]any, n)
			for i := range rows {
				rows[i] = w.row(t, row)
			}
			bodies = append(bodies, rows)
		}
	}
	for name, p := range w.members(row, "properties") {
		without := w.row(t, row)
		delete(without, name)
		bodies = append(bodies, without)
		for _, value := range w.valuesOf(p) {
			with := w.row(t, row)
			with[name] = value
			bodies = append(bodies, with)
		}
	}
	return bodies
}

// row returns a row with unique values.
func (w *walk) row(t *resource.Table, schema any) map[string]any {
	return w.newBody(t, schema).(map[string]any)
}

// valuesOf returns values of every type, and values at the limits of a schema.
func (w *walk) valuesOf(schema any) []any {
	values := []any{nil, true, 0, 1, -1, 1.5, "", "x", "@", "2026-01-31T12:00:00Z", "0999-12-31T23:59:59Z", "a\x00b",
		strings.Repeat("x", 1000), []any{}, map[string]any{}}
	// Not for integers: the schema does not limit them to 64 bits.
	if w.text(schema, "type") == "number" || slices.Contains(w.list(schema, "type"), any("number")) {
		values = append(values, 9999999999.99, 1e10, -1e10, -1e300)
	}
	if n, ok := w.at(schema, "maxLength").(float64); ok {
		values = append(values, strings.Repeat("ä", int(n)), strings.Repeat("ä", int(n)+1))
	}
	if n, ok := w.at(schema, "minimum").(float64); ok {
		values = append(values, n-1, n)
	}
	if n, ok := w.at(schema, "maximum").(float64); ok {
		values = append(values, n, n+1)
	}
	return values
}
