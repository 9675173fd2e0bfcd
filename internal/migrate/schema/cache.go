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

// cacheSize is the number of texts in the cache. A command reads few texts, but each of them up to fifteen times.
const cacheSize = 8

// cache has the last results by their text. To copy a schema takes a tenth of the time that it takes to parse it.
var cache = struct {
	sync.Mutex
	byText map[string]parsed
}{byText: map[string]parsed{}}

// cached returns the result of a text from the cache, or else that of read. Its schema is a new copy, because the
// planners of Atlas modify theirs.
func cached(text string, read func() (parsed, error)) (p parsed, err error) {
	cache.Lock()
	p, found := cache.byText[text]
	cache.Unlock()
	if !found {
		if p, err = read(); err != nil {
			return parsed{}, err
		}
		cache.Lock()
		if len(cache.byText) == cacheSize {
			clear(cache.byText)
		}
		cache.byText[text] = p
		cache.Unlock()
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
