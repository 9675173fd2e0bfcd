// Package resource describes a table for the engine: its fields and relations, read
// from the tags of its row's struct, how a row is read from JSON, checked and
// written as JSON. It knows no table; packages that serve tables are given theirs.
//
// It imports no other package of slipway, and nothing of HTTP or SQL.
package resource

import (
	"reflect"
	"strings"
)

// Table describes one table, as read from the tags of its row's struct.
type Table struct {
	// Name is the table's name, and its path: users is served at /users.
	Name string
	// Fields are the columns in the order of the struct, which is the order of
	// the members in JSON.
	Fields []*Field
	// Relations are the ways to rows of other tables, as [Link] finds them.
	Relations []*Relation
	// Verbatim says that every column keeps what a decoded row holds: to know what is
	// stored, a row that was written need not be read.
	Verbatim bool

	byName map[string]*Field
	row    reflect.Type
	rows   reflect.Type // a slice of them
	links  []link
	whole  *View
}

// Type is what kind of value a column holds.
type Type string

// The types, by the names of JSON Schema.
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
	// Nullable columns are pointers in the struct.
	Nullable bool
	// Size is how many characters (runes) a text may have; 0 is no limit.
	Size int
	// Bytes is how many bytes of UTF-8 a text may have; 0 is no limit.
	Bytes int
	// Default is the value of an absent member: [Now] is the time of the request, nil is none.
	Default any
	// ReadOnly members are the server's: a body's value is ignored.
	ReadOnly bool
	// Computed members are what the database makes of them.
	Computed bool
	// OnCreate and OnUpdate say that the server writes its time into the column of a
	// new row, and of a row that changes.
	OnCreate, OnUpdate bool
	// Unique is the name of the unique index on this column alone.
	Unique string
	// ForeignKey is the name of the constraint by which the column's values are
	// ids of another table.
	ForeignKey string
	// Format is "email" for a text that must be an e-mail address, or empty.
	Format string
	// Min and Max are the range of a number; nil is no limit.
	Min, Max *float64

	storage storage

	index  int // in the struct
	parent reflect.Type
	prefix string // ,"name":
}

// Now is the [Field.Default] of a time that is the time of the request.
var Now = now{}

type now struct{}

// Required says whether a new row must be given the member.
func (f *Field) Required() bool { return !f.Nullable && !f.ReadOnly && f.Default == nil }

// Parent returns a pointer to an empty row of the table whose ids the field holds; nil for a field that is no foreign
// key.
func (f *Field) Parent() any {
	if f.parent == nil {
		return nil
	}
	return reflect.New(f.parent).Interface()
}

// Of returns the field's value in a row, nil for NULL. That of a float of 32 bits is as
// the database holds it.
func (f *Field) Of(row any) any {
	v := reflect.ValueOf(row).Elem().Field(f.index)
	if f.Nullable {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	return f.Compared(v.Interface())
}

// Label is the field's name as a sentence begins with it: user_id → "User id".
func (f *Field) Label() string {
	s := strings.ReplaceAll(f.Name, "_", " ")
	return strings.ToUpper(s[:1]) + s[1:]
}

// Field returns the field of that name, nil where there is none.
func (t *Table) Field(name string) *Field { return t.byName[name] }

// New returns a pointer to an empty row.
func (t *Table) New() any { return reflect.New(t.row).Interface() }

// ID returns the id of a row, which is a pointer as [Table.New] gives it.
func (t *Table) ID(row any) int64 {
	return reflect.ValueOf(row).Elem().Field(t.byName["id"].index).Int()
}
