package resource

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Of reads the tags of R into a Table. It panics on a struct it cannot serve:
// that is a mistake in the program, met at its first start.
//
//	json:"NAME"                  the column and the member; they are the same
//	gorm:"size:80"               at most so many characters
//	gorm:"default:true"          the value of an absent member
//	gorm:"uniqueIndex:NAME"      no two rows alike
//	rule:"readonly"              the server's own
//	rule:"email"                 an e-mail address
//	rule:"min=0,max=10"          a number of this range
//	rule:"computed"              the database has the last word: a generated
//	                             column, or one that a trigger sets
//	gorm:"->"                    a generated column: read-only and computed
//
// The type that the column has on MySQL is that of GORM's tags type, size,
// precision and scale: it says how much of a value the column keeps.
//
// A pointer is a column that may be NULL. A field that points to another row's
// struct is a relation, which [Link] makes use of:
//
//	json:"author"                its name from here; - for none
//	gorm:"foreignKey:UserID"     the field that holds the other row's id
//	gorm:"constraint:NAME"       the foreign key's name in the database
//	inverse:"posts"              its name from there; by default this table's
func Of[R any](name string) *Table {
	t := &Table{Name: name, row: reflect.TypeFor[R](), rows: reflect.TypeFor[[]R](), byName: map[string]*Field{}}
	byGoName := map[string]*Field{}
	var relations []reflect.StructField
	for i := range t.row.NumField() {
		sf := t.row.Field(i)
		if isRelation(sf) {
			relations = append(relations, sf)
			continue
		}
		f, err := field(sf)
		if err != nil {
			panic(fmt.Sprintf("resource: %s.%s: %v", t.row.Name(), sf.Name, err))
		}
		t.Fields = append(t.Fields, f)
		t.byName[f.Name] = f
		byGoName[sf.Name] = f
	}
	if id := t.byName["id"]; id == nil || id.Type != Integer || id.Nullable {
		panic(fmt.Sprintf("resource: %s: needs ID int64 `json:\"id\"`", t.row.Name()))
	}
	for _, sf := range relations {
		l, err := linkOf(sf, byGoName)
		if err != nil {
			panic(fmt.Sprintf("resource: %s.%s: %v", t.row.Name(), sf.Name, err))
		}
		t.links = append(t.links, l)
	}
	t.whole = t.View(nil)
	t.Verbatim = !slices.ContainsFunc(t.Fields, func(f *Field) bool { return !f.storage.verbatim })
	return t
}

// isRelation reports whether a struct's field stands for another row.
func isRelation(sf reflect.StructField) bool {
	return sf.Type.Kind() == reflect.Pointer && sf.Type.Elem().Kind() == reflect.Struct && sf.Type.Elem() != reflect.TypeFor[time.Time]()
}

func field(sf reflect.StructField) (*Field, error) {
	f := &Field{index: sf.Index[0]}
	f.Name, _, _ = strings.Cut(sf.Tag.Get("json"), ",")
	if f.Name == "" || f.Name == "-" {
		return nil, errors.New("needs a json tag with the column's name")
	}
	f.prefix = prefix(f.Name)
	typ := sf.Type
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
		return nil, errors.New("has a type that is not served: use int64, float64, bool, string, time.Time, or a pointer to one")
	}
	tags := settings(sf.Tag.Get("gorm"))
	f.Unique = tags["uniqueindex"]
	if _, generated := tags["->"]; generated {
		f.ReadOnly, f.Computed = true, true
	}
	if rules := sf.Tag.Get("rule"); rules != "" {
		for rule := range strings.SplitSeq(rules, ",") {
			if err := f.addRule(rule); err != nil {
				return nil, err
			}
		}
	}
	var err error
	if size, ok := tags["size"]; ok {
		if f.Size, err = strconv.Atoi(size); err != nil {
			return nil, fmt.Errorf("size: %w", err)
		}
	}
	if f.storage, err = newStorage(f, tags); err != nil {
		return nil, err
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
