package openapi

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/shopspring/decimal"

	"slipway/internal/httpapi"
	"slipway/internal/resource"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest/blog"
)

// everyType is a row with a column of every type. No decimal has more digits than SQLite
// orders, because the document does not depend on the dialect.
type everyType struct {
	ID       int64            `json:"id" gorm:"primaryKey" rule:"readonly"`
	Price    decimal.Decimal  `json:"price" gorm:"type:decimal(10,2)"`
	Level    *decimal.Decimal `json:"level" gorm:"type:decimal(3,3) unsigned"`
	Total    uint64           `json:"total" gorm:"type:bigint unsigned"`
	Kind     string           `json:"kind" gorm:"type:enum('a,b','it''s','\\\"')"`
	Size     *string          `json:"size" gorm:"type:enum('small','large')"`
	Tags     resource.Set     `json:"tags" gorm:"type:set('x','y')"`
	Days     *resource.Set    `json:"days" gorm:"type:set('mon','tue')"`
	Data     resource.JSON    `json:"data" gorm:"type:json"`
	Extra    *resource.JSON   `json:"extra" gorm:"type:json"`
	Day      resource.Date    `json:"day" gorm:"type:date"`
	Since    *resource.Date   `json:"since" gorm:"type:date"`
	Clock    resource.Clock   `json:"clock" gorm:"type:time(3)"`
	Alarm    *resource.Clock  `json:"alarm" gorm:"type:time"`
	Digest   []byte           `json:"digest" gorm:"type:binary(4)"`
	Token    *[]byte          `json:"token" gorm:"type:varbinary(5)"`
	File     []byte           `json:"file" gorm:"type:longblob"`
	Owner    resource.UUID    `json:"owner" gorm:"type:binary(16)"`
	EditorID *resource.UUID   `json:"editor_id" gorm:"type:binary(16)"`
}

// someTypes is a table that cannot be changed.
type someTypes struct {
	ID  int64         `json:"id" gorm:"primaryKey" rule:"readonly"`
	Day resource.Date `json:"day" gorm:"type:date"`
}

// ReadOnlyTable says that the API only reads the table.
func (someTypes) ReadOnlyTable() {}

// TestTypesAreAsDescribed checks for every type of column that the document is valid, that
// the model accepts a body if it matches the schema, and that it refuses others.
func TestTypesAreAsDescribed(t *testing.T) {
	t.Parallel()
	table := resource.Of[everyType]("rows")
	api := apitest.New(t, blog.SQLite(t), func(o *httpapi.Options) {
		o.Tables = resource.Link(table, resource.Of[someTypes]("others"))
	})
	create := "CREATE TABLE rows (id integer PRIMARY KEY"
	for _, f := range table.Fields[1:] {
		create += ", " + f.Name + " text"
	}
	for _, statement := range []string{create + ")", "CREATE TABLE others (id integer PRIMARY KEY, day text)"} {
		if err := api.DB.Write.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	s := newSpecification(api)
	s.valid()
	s.filters(api)
	for _, method := range []string{"POST", "PATCH", "DELETE"} {
		got := api.Do(method, "/others", "{}")
		if got.Status != 405 || got.Header.Get("Allow") != "GET, HEAD, OPTIONS" {
			t.Errorf("%s: %d %v", method, got.Status, got.Header)
		}
	}
	w := &walk{specification: s}
	schema := s.compile(s.schemas, "components", "schemas", "everyTypeCreateOneOrMany")
	described := s.at(s.root, "components", "schemas", "everyTypeCreateOneOrMany")
	valid := 0
	bodies := w.bodies(table, described)
	row := s.list(described, "oneOf")[0]
	for _, value := range []any{"12.5", "1e2", "2026-01-31", "0999-01-01", "-838:59:59", "12:34:56.5", "839:00:00",
		"AAECAw==",
		"AAECAwQ=", "AAECAwQFBgc=", "0197B0A4-7D3C-7C1E-9F2A-3B4C5D6E7F80", "small", "it's", []any{"x"}, []any{"y", "x"},
		uint64(1 << 63), uint64(1<<63 - 1)} {
		for _, f := range table.Fields[1:] {
			with := w.row(table, row)
			with[f.Name] = value
			bodies = append(bodies, with)
		}
	}
	for _, body := range bodies {
		if row, _ := body.(map[string]any); row["data"] == nil && row["price"] != nil {
			continue // the schema of any value includes null
		}
		text := encode(t, body)
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		invalid := schema.Validate(value)
		if invalid == nil {
			valid++
		}
		_, _, err = table.DecodeRows([]byte(text))
		if err != nil && invalid == nil || err == nil && invalid != nil && !isWider(body) {
			t.Errorf("%.1000s: schema %v, model %v", text, invalid, err)
		}
	}
	if valid < 50 || len(bodies)-valid < 100 {
		t.Errorf("%d of %d bodies are valid", valid, len(bodies))
	}
}

// isWider reports whether the model may accept a body that the schema does not describe: a
// decimal as a number, or with an exponent.
func isWider(body any) bool {
	row, _ := body.(map[string]any)
	for _, name := range []string{"price", "level"} {
		switch v := row[name].(type) {
		case int, float64, uint64:
			return true
		case string:
			if strings.Contains(v, "e") {
				return true
			}
		}
	}
	return false
}
