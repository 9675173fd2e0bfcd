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

// Of returns the Table for the tags of the struct R. It panics if the struct is invalid, so
// that the program fails when it starts.
//
//	json:"NAME"                  the name of the column and of the member
//	gorm:"size:80"               the maximum number of characters
//	gorm:"default:true"          the value of an absent member; a text may be
//	                             quoted as in SQL, CURRENT_TIMESTAMP is the time of
//	                             the request, UUID() a new UUID, and the database
//	                             evaluates an expression in parentheses
//	gorm:"primaryKey"            the column is part of the key; so is a column id
//	                             without the tag, unless it is primaryKey:false
//	gorm:"autoIncrement"         the database assigns the value, as for a read-only integer
//	                             key
//	key:"2"                      the place of the column in a key of several columns;
//	                             default: the order of the struct
//	gorm:"uniqueIndex:NAME"      the column has a unique index; columns with the same
//	                             name share it
//	gorm:"autoUpdateTime"        the server sets the time of every change
//	gorm:"->"                    a generated column: read-only and computed
//	rule:"readonly"              the server sets the column
//
// GORM's tags type, size, precision and scale declare the type of the column on MySQL, which
// determines the valid values and their precision. In a gorm tag, `\\;` is a literal semicolon.
//
// Handwritten rules are in a method of *R, Rules() []Rule: see [Rule].
//
// A pointer is a nullable column. A pointer to the struct of another row is a relation, for
// [Link]:
//
//	json:"author"                the name of the relation; - for none
//	gorm:"foreignKey:UserID"     the field with the id of the other row
//	gorm:"constraint:NAME"       the name of the foreign key in the database
//	inverse:"posts"              the name of the inverse relation; default: this table's name
func Of[R any](name string) *Table {
	t := &Table{Name: name, row: reflect.TypeFor[R](), rows: reflect.TypeFor[[]R](), byName: map[string]*Field{}}
	byGoName := map[string]*Field{}
	var relations []reflect.StructField
	var keys keyParts
	for i := range t.row.NumField() {
		sf := t.row.Field(i)
		if isRelation(sf) {
			relations = append(relations, sf)
			continue
		}
		f, err := field(sf)
		if err == nil {
			err = keys.add(f, sf)
		}
		if err != nil {
			panic(fmt.Sprintf("resource: %s.%s: %v", t.row.Name(), sf.Name, err))
		}
		t.Fields = append(t.Fields, f)
		t.byName[f.Name] = f
		byGoName[sf.Name] = f
	}
	keys.set(t)
	for _, sf := range relations {
		l, err := linkOf(sf, byGoName)
		if err != nil {
			panic(fmt.Sprintf("resource: %s.%s: %v", t.row.Name(), sf.Name, err))
		}
		t.links = append(t.links, l)
		t.ForeignKeys = append(t.ForeignKeys, l.key)
		for _, f := range l.key.Fields {
			f.MakesUUID = false // the value is that of the other row
		}
	}
	if ruled, ok := any(new(R)).(interface{ Rules() []Rule }); ok {
		if err := t.addRules(reflect.ValueOf(ruled).Elem(), ruled.Rules()); err != nil {
			panic(fmt.Sprintf("resource: the rules of %s: %v", t.row.Name(), err))
		}
	}
	_, t.ReadOnly = any(new(R)).(interface{ ReadOnlyTable() })
	t.whole = t.View(nil)
	t.Verbatim = !slices.ContainsFunc(t.Fields, func(f *Field) bool { return !f.storage.verbatim })
	return t
}

// isRelation reports whether a field of a struct is a relation.
func isRelation(sf reflect.StructField) bool {
	if sf.Type.Kind() != reflect.Pointer || sf.Type.Elem().Kind() != reflect.Struct {
		return false
	}
	_, isValue := valueTypes[sf.Type.Elem()]
	return !isValue
}

// field returns the Field for a field of a struct.
func field(sf reflect.StructField) (*Field, error) {
	f := &Field{index: sf.Index[0], typ: sf.Type}
	f.Name, _, _ = strings.Cut(sf.Tag.Get("json"), ",")
	if f.Name == "" || f.Name == "-" {
		return nil, errors.New("requires a json tag with the name of the column")
	}
	f.prefix = prefix(f.Name)
	typ := sf.Type
	if typ.Kind() == reflect.Pointer {
		f.Nullable, typ = true, typ.Elem()
	}
	tags := settings(sf.Tag.Get("gorm"))
	if !f.setType(typ, tags["type"]) {
		return nil, errors.New("has an unsupported type: use int64, float64, bool, string, time.Time, decimal.Decimal, " +
			"a type of package resource, or a pointer to one")
	}
	if _, generated := tags["->"]; generated {
		f.ReadOnly, f.Computed = true, true
	}
	switch rule := sf.Tag.Get("rule"); rule {
	case "":
	case "readonly":
		f.ReadOnly = true
	default:
		return nil, fmt.Errorf("unknown rule tag %q: use readonly, or write the rule in the method Rules", rule)
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
	if text, ok := tags["default"]; ok && !f.Computed {
		if err = f.setDefault(text); err != nil {
			return nil, fmt.Errorf("default: %w", err)
		}
	}
	f.setClock(tags)
	return f, nil
}

// setClock sets OnCreate and OnUpdate for created_at, updated_at, and the columns that MySQL
// sets to the current time.
func (f *Field) setClock(tags map[string]string) {
	if f.Type != Time || f.Computed {
		return
	}
	value, tagged := tags["autoupdatetime"]
	tagged = tagged && value != "false"
	f.OnCreate = f.Name == "created_at" || f.Name == "updated_at" || tagged &&
		(f.Default == Now || !f.Nullable && f.Default == nil)
	f.OnUpdate = tagged || f.Name == "updated_at" && f.ReadOnly
}

// fromText parses the default in a tag.
func (f *Field) fromText(s string) (any, error) {
	if f.codec != nil {
		return f.codec.defaultOf(f, unquoted(s))
	}
	switch f.Type {
	case Integer:
		return strconv.ParseInt(s, 10, 64)
	case Number:
		return strconv.ParseFloat(s, 64)
	case Boolean:
		return strconv.ParseBool(s)
	case Text:
		return unquoted(s), nil
	}
	t, err := time.Parse("2006-01-02 15:04:05", strings.Trim(s, "'"))
	return f.Truncate(t), err
}

// unquoted returns a text without its quotes of SQL, if it has any.
func unquoted(s string) string {
	if len(s) >= 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
		return strings.ReplaceAll(s[1:len(s)-1], "''", "'")
	}
	return s
}

// isNow reports whether a default is the current time.
func isNow(s string) bool { return strings.EqualFold(s, "CURRENT_TIMESTAMP") }

// settings parses a gorm tag as GORM does: "size:80;not null" → {"size": "80", "not null": ""}.
// The names are in lower case. In a value, `\;` is a semicolon and `\"` a quote.
func settings(tag string) map[string]string {
	m := map[string]string{}
	for _, s := range allSettings(tag) {
		m[s.name] = s.value
	}
	return m
}

type setting struct{ name, value string }

// allSettings is settings with names that occur several times, such as uniqueIndex.
func allSettings(tag string) (all []setting) {
	parts := strings.Split(tag, ";")
	for i := 0; i < len(parts); i++ {
		part := parts[i]
		for strings.HasSuffix(part, `\`) && i+1 < len(parts) {
			i++
			part = strings.TrimSuffix(part, `\`) + ";" + parts[i]
		}
		name, value, _ := strings.Cut(part, ":")
		all = append(all, setting{strings.ToLower(strings.TrimSpace(name)), strings.ReplaceAll(value, `\"`, `"`)})
	}
	return all
}
