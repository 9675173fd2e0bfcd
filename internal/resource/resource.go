// Package resource describes tables: their fields and relations, from the tags of a struct.
// It decodes rows from JSON, validates them, and encodes them.
//
// It may not import other packages of slipway, and no package of HTTP or SQL, except
// database/sql/driver for the types of columns.
package resource

import (
	"reflect"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Table describes one table. [Of] returns it for a struct.
type Table struct {
	// Name is the name of the table and its path: users is at /users.
	Name string
	// Fields are the columns, in the order of the struct and of the members in JSON.
	Fields []*Field
	// Key are the fields of the primary key, in its order. It is empty for a table without one.
	Key []*Field
	// Auto is the field whose values the database assigns (auto_increment), or nil.
	Auto *Field
	// Uniques are the sets of fields with unique values: unique indexes, and the key unless it is Auto.
	Uniques []*Unique
	// ForeignKeys are the foreign keys to tables of the API. [Link] completes them.
	ForeignKeys []*ForeignKey
	// Relations are the relations to rows of other tables. [Link] adds them.
	Relations []*Relation
	// Verbatim is true if every column stores the decoded values unchanged. A row then need
	// not be read again after a write.
	Verbatim bool
	// ReadOnly is true if the API cannot create rows, because it does not serve a column that
	// a new row requires. The struct then has the method ReadOnlyTable().
	ReadOnly bool

	byName map[string]*Field
	row    reflect.Type
	rows   reflect.Type // a slice of row
	links  []link
	whole  *View
}

// Type is the type of a column's values.
type Type string

// The types, with the names of JSON Schema.
const (
	Integer Type = "integer"
	Number  Type = "number"
	Boolean Type = "boolean"
	Text    Type = "string"
	// Time is an RFC 3339 string in JSON.
	Time Type = "date-time"
	// Decimal is an exact number with a fixed number of digits after the point, a string in
	// JSON.
	Decimal Type = "decimal"
	// Unsigned is an integer from 0 to 2^64-1.
	Unsigned Type = "unsigned"
	// Enum is a text that is one of the members of the column, SetOf a list of them.
	Enum  Type = "enum"
	SetOf Type = "set"
	// Document is any JSON value.
	Document Type = "json"
	// Day is a date without a time, TimeOfDay a time without a date.
	Day       Type = "date"
	TimeOfDay Type = "time"
	// Binary is base64 in JSON, Identifier a UUID.
	Binary     Type = "binary"
	Identifier Type = "uuid"
)

// Field is one column.
type Field struct {
	// Name is the column's name, and the member's name in JSON.
	Name string
	Type Type
	// Nullable is true if the field of the struct is a pointer.
	Nullable bool
	// Size is the maximum length of a text in characters (runes); 0 is no limit.
	Size int
	// Bytes is the maximum length of a text in bytes of UTF-8; 0 is no limit.
	Bytes int
	// Default is the value of an absent member: nil for none, [Now] for the time of the
	// request, [ByDatabase] for an expression of SQL.
	Default any
	// ReadOnly means that the server sets the value and ignores the one in a body.
	ReadOnly bool
	// Computed means that the database computes the value.
	Computed bool
	// OnCreate and OnUpdate mean that the server sets the column to the current time when
	// it creates or changes a row.
	OnCreate, OnUpdate bool
	// InKey is true for a field of the key.
	InKey bool
	// MakesUUID means that the server generates a UUID (version 7, RFC 9562) if the member is absent.
	MakesUUID bool
	// MayBeEmpty means that a text which is required may be empty.
	MayBeEmpty bool
	// Unique is the name of the unique index on this column alone, or empty.
	Unique string
	// References is the field of another row whose value this one must have, or nil.
	References *Field
	// Format is "email" for a text that must be an e-mail address, or empty.
	Format string
	// Min and Max limit a number; nil is no limit.
	Min, Max *float64
	// Least and Most limit a decimal; nil is no limit.
	Least, Most *decimal.Decimal

	storage storage
	codec   *codec
	sized   bool // the size of the value counts in [Rows.Weight]

	index  int // of the field in the struct
	typ    reflect.Type
	prefix string // ,"name":
}

// Unique is a set of fields whose values are unique together.
type Unique struct {
	// Name is the name of the index: PRIMARY for the key.
	Name   string
	Fields []*Field
}

// Required reports whether a new row must have the member.
func (f *Field) Required() bool {
	return !f.Nullable && !f.ReadOnly && f.Default == nil && !f.MakesUUID
}

// NeedsText reports whether a text must not be empty.
func (f *Field) NeedsText() bool { return f.Required() && !f.InKey && !f.MayBeEmpty }

// Of returns the field's value in a row, nil for NULL. A float of 32 bits has the stored
// value: see [Field.Compared].
func (f *Field) Of(row any) any {
	return f.value(reflect.ValueOf(row).Elem().Field(f.index))
}

// IsNull reports whether the column is NULL in a row. It is false for a zero date of MySQL, which is null in the API.
func (f *Field) IsNull(row any) bool {
	return f.Nullable && reflect.ValueOf(row).Elem().Field(f.index).IsNil()
}

// zero reports whether a value is null in the API although the column is not NULL: a zero
// date of MySQL.
func (f *Field) zero(v reflect.Value) bool {
	switch {
	case f.Type == Time:
		return v.Addr().Interface().(*time.Time).IsZero()
	case f.codec != nil && f.codec.isZero != nil:
		return f.codec.isZero(v.Addr().Interface())
	}
	return false
}

// Label returns the field's name for the beginning of a sentence: user_id → "User id".
func (f *Field) Label() string {
	s := strings.ReplaceAll(f.Name, "_", " ")
	return strings.ToUpper(s[:1]) + s[1:]
}

// Field returns the field with that name, or nil.
func (t *Table) Field(name string) *Field { return t.byName[name] }

// New returns a pointer to an empty row.
func (t *Table) New() any { return reflect.New(t.row).Interface() }
