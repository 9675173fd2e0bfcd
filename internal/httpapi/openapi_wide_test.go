package httpapi_test

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"slipway/internal/dbtest/migrated"
	"slipway/internal/httpapi"
	"slipway/internal/model"
)

// TestWideBodiesAreAsDescribed: for every type of column, the schema of a body and
// the model agree on what is valid.
func TestWideBodiesAreAsDescribed(t *testing.T) {
	t.Parallel()
	table := model.Of[wideRow]("rows")
	s := newAPI(t, migrated.SQLite(t), func(o *httpapi.Options) {
		o.Tables = model.Link(model.Of[wideUser]("people"), table)
	}).specification()
	w := &walk{specification: s}
	schema := s.compile(s.schemas, "components", "schemas", "wideRowCreateOneOrMany")
	described := s.at(s.root, "components", "schemas", "wideRowCreateOneOrMany")
	if bodies := w.bodies(described); len(bodies) < 800 {
		t.Errorf("only %d bodies were tried", len(bodies))
	} else {
		for _, body := range bodies {
			text := encode(t, body)
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			invalid := schema.Validate(value)
			if _, _, err := table.DecodeRows([]byte(text)); (err == nil) != (invalid == nil) {
				t.Errorf("%.2000s: the schema says %v, the model %v", text, invalid, err)
			}
		}
	}
}
