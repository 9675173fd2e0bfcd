package schema

import (
	"reflect"
	"sync"

	atlas "ariga.io/atlas/sql/schema"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// parsed is the result of a text: its schema, and the body of the text to find positions in.
type parsed struct {
	schema *atlas.Schema
	body   *hclsyntax.Body
}

// keptTexts is how many results are kept. A command reads few texts, but each of them up to ten times.
const keptTexts = 8

// kept has the last results by their text. To copy a schema takes a tenth of the time that it takes to parse it.
var kept = struct {
	sync.Mutex
	byText map[string]parsed
}{byText: map[string]parsed{}}

// keep returns the result of a text: the kept one, or else that of read. Its schema is a new copy.
func keep(text string, read func() (parsed, error)) (p parsed, err error) {
	kept.Lock()
	p, found := kept.byText[text]
	kept.Unlock()
	if !found {
		if p, err = read(); err != nil {
			return parsed{}, err
		}
		kept.Lock()
		if len(kept.byText) == keptTexts {
			clear(kept.byText)
		}
		kept.byText[text] = p
		kept.Unlock()
	}
	p.schema = Copy(p.schema)
	return p, nil
}

// Copy returns a deep copy of a schema.
func Copy(s *atlas.Schema) *atlas.Schema {
	return copyOf(reflect.ValueOf(s), map[any]reflect.Value{}).Interface().(*atlas.Schema)
}

// copyOf returns a deep copy of a value. copies has the copy of each pointer: pointers to one object become pointers to
// one copy. An unexported field is copied as it is; the schemas of Atlas have none.
func copyOf(v reflect.Value, copies map[any]reflect.Value) reflect.Value {
	if k := v.Kind(); (k == reflect.Pointer || k == reflect.Interface || k == reflect.Slice) && v.IsNil() {
		return v
	}
	switch v.Kind() {
	case reflect.Pointer:
		made, found := copies[v.Interface()]
		if !found {
			made = reflect.New(v.Type().Elem())
			copies[v.Interface()] = made
			made.Elem().Set(copyOf(v.Elem(), copies))
		}
		return made
	case reflect.Interface:
		return copyOf(v.Elem(), copies)
	case reflect.Slice:
		made := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			made.Index(i).Set(copyOf(v.Index(i), copies))
		}
		return made
	case reflect.Struct:
		made := reflect.New(v.Type()).Elem()
		made.Set(v)
		for i := range v.NumField() {
			if field := made.Field(i); field.CanSet() {
				field.Set(copyOf(v.Field(i), copies))
			}
		}
		return made
	}
	return v
}
