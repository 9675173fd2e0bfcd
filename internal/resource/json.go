package resource

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// JSON is the value of a json column: a JSON text in its canonical form.
type JSON string

// Scan implements sql.Scanner. MySQL has a form of its own.
func (j *JSON) Scan(value any) error {
	switch v := value.(type) {
	case []byte:
		*j = JSON(storedJSON(v))
	case string:
		*j = JSON(storedJSON([]byte(v)))
	default:
		return fmt.Errorf("resource: %T is not JSON", value)
	}
	return nil
}

// Value implements driver.Valuer.
func (j JSON) Value() (driver.Value, error) { return string(j), nil }

// MarshalJSON implements json.Marshaler.
func (j JSON) MarshalJSON() ([]byte, error) { return []byte(j), nil }

// UnmarshalJSON implements json.Unmarshaler.
func (j *JSON) UnmarshalJSON(raw []byte) error {
	*j = JSON(storedJSON(raw))
	return nil
}

// Decode decodes the value as [json.Unmarshal] does.
func (j JSON) Decode(into any) error { return json.Unmarshal([]byte(j), into) }

// jsonCodec is the codec of a [JSON].
var jsonCodec = codec{
	declare: func(_ *Field, s *storage, _ string) error { s.name = "json"; return nil },
	read:    readJSON, parse: parseJSON, schema: jsonSchema, operators: nullOperators, unsorted: true,
	append: func(_ *Field, b []byte, p any) []byte { return append(b, *p.(*JSON)...) },
}

func readJSON(_ *Field, p any, raw []byte) (code, predicate string) {
	form, code, predicate := canonicalJSON(raw)
	*p.(*JSON) = JSON(form)
	return code, predicate
}

func parseJSON(_ *Field, s string) (value any, code, predicate string) {
	if !json.Valid([]byte(s)) {
		return nil, "type", "must be JSON"
	}
	form, code, predicate := canonicalJSON([]byte(s))
	return JSON(form), code, predicate
}

func jsonSchema(*Field) Schema {
	return Schema{Description: "Any JSON value, which is replaced as a whole", Example: map[string]int{"a": 1}}
}
