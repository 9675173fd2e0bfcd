package openapi

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"slipway/internal/httpapi"
	"slipway/internal/resource"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest/blog"
)

// TestWideBodiesAreAsDescribed checks for every type of column that the model accepts a body
// if and only if it matches the schema.
func TestWideBodiesAreAsDescribed(t *testing.T) {
	t.Parallel()
	table := resource.Of[wideRow]("rows")
	s := newSpecification(apitest.New(t, blog.SQLite(t), func(o *httpapi.Options) {
		o.Tables = resource.Link(resource.Of[wideUser]("people"), table)
	}))
	w := &walk{specification: s}
	schema := s.compile(s.schemas, "components", "schemas", "wideRowCreateOneOrMany")
	described := s.at(s.root, "components", "schemas", "wideRowCreateOneOrMany")
	bodies, valid := w.bodies(nil, described), 0
	for _, body := range bodies {
		text := encode(t, body)
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		invalid := schema.Validate(value)
		if invalid == nil {
			valid++
		}
		if _, _, err := table.DecodeRows([]byte(text)); (err == nil) != (invalid == nil) {
			t.Errorf("%.2000s: schema %v, model %v", text, invalid, err)
		}
	}
	if valid < 100 || len(bodies)-valid < 100 {
		t.Errorf("%d of %d bodies are valid", valid, len(bodies))
	}
}
