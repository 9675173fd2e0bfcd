// Package resource describes tables: their fields and relations, from the tags of a struct.
// It decodes rows from JSON, validates them, and encodes them.
//
// It may not import other packages of slipway, and no package of HTTP or SQL.
package resource

import (
	"reflect"
	"strings"
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
	// request.
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
	// Unique is the name of the unique index on this column alone, or empty.
	Unique string
	// References is the field of another row whose value this one must have, or nil.
	References *Field
	// Format is "email" for a text that must be an e-mail address, or empty.
	Format string
	// Min and Max limit a number; nil is no limit.
	Min, Max *float64

	storage storage

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

// Now is the [Field.Default] for the time of the request.
var Now = now{}

type now struct{}

// Required reports whether a new row must have the member.
func (f *Field) Required() bool {
	return !f.Nullable && !f.ReadOnly && f.Default == nil && !f.MakesUUID
}

// Of returns the field's value in a row, nil for NULL. A float of 32 bits has the stored
// value: see [Field.Compared].
func (f *Field) Of(row any) any {
	return f.value(reflect.ValueOf(row).Elem().Field(f.index))
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
