// Package model holds the tables as the application sees them: one file a
// table, with the row as GORM reads it, its JSON shape and its rules. The
// database's own view is schema.hcl; a test compares the two.
//
// It imports no other room, and nothing of HTTP or SQL.
package model

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Tables are all tables that are served. A new table adds its line here.
var Tables = []*Table{
	Of[User]("users"),
	Of[Post]("posts"),
	Of[Note]("notes"),
}

// Table describes one table, as read from the tags of its row's struct.
type Table struct {
	// Name is the table's name, and its path: users is served at /users.
	Name string
	// Fields are the columns in the order of the struct, which is the order of
	// the members in JSON.
	Fields []*Field

	byName map[string]*Field
	row    reflect.Type
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
	// Default is the value of an absent member; nil where there is none.
	Default any
	// ReadOnly members are the server's: a body's value is ignored.
	ReadOnly bool
	// Unique is the name of the unique index on this column alone.
	Unique string
	// ForeignKey is the name of the constraint by which the column's values are
	// ids of another table.
	ForeignKey string

	index  int
	parent reflect.Type
}

// Required says whether a new row must be given the member.
func (f *Field) Required() bool { return !f.Nullable && !f.ReadOnly && f.Default == nil }

// Parent gives a pointer to an empty row of the table whose ids the field holds;
// nil for a field that is no foreign key.
func (f *Field) Parent() any {
	if f.parent == nil {
		return nil
	}
	return reflect.New(f.parent).Interface()
}

// Of gives the field's value in a row, nil for NULL.
func (f *Field) Of(row any) any {
	v := reflect.ValueOf(row).Elem().Field(f.index)
	if f.Nullable {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	return v.Interface()
}

// Field gives the field of that name, nil where there is none.
func (t *Table) Field(name string) *Field { return t.byName[name] }

// New gives a pointer to an empty row.
func (t *Table) New() any { return reflect.New(t.row).Interface() }

// ID gives the id of a row, which is a pointer as [Table.New] gives it.
func (t *Table) ID(row any) int64 {
	return reflect.ValueOf(row).Elem().Field(t.byName["id"].index).Int()
}

// Of reads the tags of R into a Table. It panics on a struct it cannot serve:
// that is a mistake in the program, met at its first start.
//
//	json:"NAME"                  the column and the member; they are the same
//	gorm:"size:80"               at most so many characters
//	gorm:"default:true"          the value of an absent member
//	gorm:"uniqueIndex:NAME"      no two rows alike
//	rule:"readonly"              the server's own
//
// A pointer is a column that may be NULL. A field that points to another row's
// struct is a relation: `gorm:"foreignKey:UserID;constraint:NAME"`, where UserID
// is the field that holds the other row's id.
func Of[R any](name string) *Table {
	t := &Table{Name: name, row: reflect.TypeFor[R](), byName: map[string]*Field{}}
	byGoName := map[string]*Field{}
	for i := range t.row.NumField() {
		sf := t.row.Field(i)
		if relation(sf) {
			continue
		}
		f, err := field(sf)
		if err != nil {
			panic(fmt.Sprintf("model: %s.%s: %v", t.row.Name(), sf.Name, err))
		}
		t.Fields = append(t.Fields, f)
		t.byName[f.Name] = f
		byGoName[sf.Name] = f
	}
	if id := t.byName["id"]; id == nil || id.Type != Integer || id.Nullable {
		panic(fmt.Sprintf("model: %s: needs ID int64 `json:\"id\"`", t.row.Name()))
	}
	for i := range t.row.NumField() {
		if sf := t.row.Field(i); relation(sf) {
			tags := settings(sf.Tag.Get("gorm"))
			f := byGoName[tags["foreignkey"]]
			if f == nil {
				panic(fmt.Sprintf("model: %s.%s: its foreignKey names no field", t.row.Name(), sf.Name))
			}
			f.ForeignKey, _, _ = strings.Cut(tags["constraint"], ",")
			f.parent = sf.Type.Elem()
		}
	}
	return t
}

// relation reports whether a struct's field stands for another row.
func relation(sf reflect.StructField) bool {
	return sf.Type.Kind() == reflect.Pointer && sf.Type.Elem().Kind() == reflect.Struct && sf.Type.Elem() != reflect.TypeFor[time.Time]()
}

func field(sf reflect.StructField) (*Field, error) {
	f := &Field{index: sf.Index[0]}
	typ := sf.Type
	f.Name, _, _ = strings.Cut(sf.Tag.Get("json"), ",")
	if f.Name == "" || f.Name == "-" {
		return nil, fmt.Errorf("needs a json tag with the column's name")
	}
	if typ.Kind() == reflect.Pointer {
		f.Nullable, typ = true, typ.Elem()
	}
	switch typ {
	case reflect.TypeFor[time.Time]():
		f.Type = Time
	case reflect.TypeFor[int64]():
		f.Type = Integer
	case reflect.TypeFor[float64]():
		f.Type = Number
	case reflect.TypeFor[bool]():
		f.Type = Boolean
	case reflect.TypeFor[string]():
		f.Type = Text
	default:
		return nil, fmt.Errorf("has a type that is not served: use int64, float64, bool, string, time.Time, or a pointer to one")
	}
	tags := settings(sf.Tag.Get("gorm"))
	f.ReadOnly = sf.Tag.Get("rule") == "readonly"
	f.Unique = tags["uniqueindex"]
	var err error
	if size, ok := tags["size"]; ok {
		if f.Size, err = strconv.Atoi(size); err != nil {
			return nil, fmt.Errorf("size: %w", err)
		}
	}
	if text, ok := tags["default"]; ok && !f.ReadOnly {
		if f.Default, err = f.fromText(text); err != nil {
			return nil, fmt.Errorf("default: %w", err)
		}
	}
	return f, nil
}

// fromText reads the default of a tag.
func (f *Field) fromText(s string) (any, error) {
	switch f.Type {
	case Integer:
		return strconv.ParseInt(s, 10, 64)
	case Number:
		return strconv.ParseFloat(s, 64)
	case Boolean:
		return strconv.ParseBool(s)
	case Text:
		return strings.Trim(s, "'"), nil
	}
	return nil, fmt.Errorf("a %s has none", f.Type)
}

// settings splits a gorm tag: "size:80;not null" → {"size": "80", "not null": ""}.
func settings(tag string) map[string]string {
	m := map[string]string{}
	for part := range strings.SplitSeq(tag, ";") {
		name, value, _ := strings.Cut(part, ":")
		m[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return m
}
