package resource

import (
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// codec has the functions of one type of column. Integers, numbers, booleans, texts and
// times have none: their code is in the methods of Field.
type codec struct {
	// declare sets the limits of the field and its storage for the type on MySQL in a tag,
	// which may be empty.
	declare func(f *Field, s *storage, sqlType string) error
	// read decodes JSON other than null into p, a pointer to the Go type. For an invalid
	// value it returns the code and predicate of the fault, else "".
	read func(f *Field, p any, raw []byte) (code, predicate string)
	// append appends the value that p points to as JSON.
	append func(f *Field, b []byte, p any) []byte
	// parse returns the value of a text in a filter or a cursor, or a fault like read.
	parse func(f *Field, text string) (value any, code, predicate string)
	// whole parses a default in a tag; nil if parse does it.
	whole func(f *Field, text string) (value any, code, predicate string)
	// stored returns the value that SQL writes; nil for the value itself.
	stored func(f *Field, value any) any
	// isZero reports whether the value that p points to is null in the API although the
	// column is not NULL; nil if there is no such value.
	isZero func(p any) bool
	// schema describes the values.
	schema func(f *Field) Schema
	// operators are the operators of filters, as in package query.
	operators []string
	// unsorted is true if values have no order.
	unsorted bool
}

// Schema describes the values of a column for OpenAPI.
type Schema struct {
	// Type is the type in JSON Schema; empty for any value.
	Type, Format, Pattern, Description string
	// Enum are the only values, or for an array the only items.
	Enum []string
	// Least and Most limit the length of a text.
	Least, Most int
	// Maximum is the maximum of an integer; 0 is no limit.
	Maximum uint64
	// Input is the pattern of a value in a request, if it differs from Pattern.
	Input string
	// Filter is the pattern of a value in a filter, without anchors.
	Filter string
	// Example is a valid value.
	Example any
}

// The operators of types with and without an order.
var (
	orderedOperators = []string{"eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "null"}
	equalOperators   = []string{"eq", "ne", "in", "null"}
	nullOperators    = []string{"null"}
)

// codecs are the codecs by type.
var codecs = map[Type]*codec{
	Decimal: &decimalCodec, Unsigned: &unsignedCodec, Enum: &enumCodec, SetOf: &setCodec, Document: &jsonCodec,
	Day: &dateCodec, TimeOfDay: &clockCodec, Binary: &binaryCodec, Identifier: &uuidCodec,
}

// valueTypes are the Go types of fields that are columns, not relations, and their types.
var valueTypes = map[reflect.Type]Type{
	reflect.TypeFor[int64]():           Integer,
	reflect.TypeFor[float64]():         Number,
	reflect.TypeFor[bool]():            Boolean,
	reflect.TypeFor[string]():          Text,
	reflect.TypeFor[time.Time]():       Time,
	reflect.TypeFor[decimal.Decimal](): Decimal,
	reflect.TypeFor[uint64]():          Unsigned,
	reflect.TypeFor[Set]():             SetOf,
	reflect.TypeFor[JSON]():            Document,
	reflect.TypeFor[Date]():            Day,
	reflect.TypeFor[Clock]():           TimeOfDay,
	reflect.TypeFor[[]byte]():          Binary,
	reflect.TypeFor[UUID]():            Identifier,
}

// setType sets the type of a field for its Go type and its type on MySQL.
func (f *Field) setType(typ reflect.Type, sqlType string) bool {
	of, known := valueTypes[typ]
	if name, _, _ := strings.Cut(strings.ToLower(sqlType), "("); of == Text && name == "enum" {
		of = Enum
	}
	f.Type, f.codec = of, codecs[of]
	f.sized = typ.Kind() == reflect.String || typ.Kind() == reflect.Slice
	return known
}

// Parse returns the value of a text in a filter or a cursor. For an invalid text it returns
// a code and a predicate ("must be …"). The type must not be a basic one.
func (f *Field) Parse(text string) (value any, code, predicate string) { return f.codec.parse(f, text) }

// Custom reports whether the type is not a basic one: [Field.Parse] parses its values.
func (f *Field) Custom() bool { return f.codec != nil }

// Operators returns the operators of filters for a type that is not a basic one, as in
// package query.
func (f *Field) Operators() []string { return f.codec.operators }

// Sortable reports whether lists can be sorted by the field.
func (f *Field) Sortable() bool { return f.codec == nil || !f.codec.unsorted }

// Schema describes the values of a type that is not a basic one.
func (f *Field) Schema() Schema { return f.codec.schema(f) }

// Stored returns a value as SQL writes it.
func (f *Field) Stored(value any) any {
	if f.codec == nil || f.codec.stored == nil || value == nil {
		return value
	}
	return f.codec.stored(f, value)
}

// defaultOf parses the default in a tag.
func (c *codec) defaultOf(f *Field, text string) (any, error) {
	parse := c.parse
	if c.whole != nil {
		parse = c.whole
	}
	value, code, predicate := parse(f, text)
	if code != "" {
		return nil, errors.New(predicate)
	}
	return value, nil
}
