package schema

import (
	"fmt"
	"os"
	"reflect"
	"testing"

	atlas "ariga.io/atlas/sql/schema"
)

// TestCache: each result of a text equals the one without a cache, and shares no object with another result.
func TestCache(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/shop.hcl")
	if err != nil {
		t.Fatal(err)
	}
	want, err := read("schema.hcl", text)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[any]bool{}
	for range 3 {
		got, err := MySQL("schema.hcl", text)
		if err != nil || !reflect.DeepEqual(got, want.schema) {
			t.Fatalf("got another schema, %v", err)
		}
		objects := map[any]reflect.Value{}
		copyOf(reflect.ValueOf(got), objects)
		if len(objects) < 50 {
			t.Fatalf("%d objects", len(objects))
		}
		for o := range objects {
			if seen[o] && reflect.TypeOf(o).Elem().Size() > 0 {
				t.Errorf("two results share the %T %v", o, o)
			}
			seen[o] = true
		}
	}
}

// TestCacheSize: old results leave the cache, and errors are not cached.
func TestCacheSize(t *testing.T) {
	t.Parallel()
	for i := range 3 * cacheSize {
		text := fmt.Appendf(nil, "schema \"app\" {}\ntable \"t%d\" {\n  schema = schema.app\n"+
			"  column \"id\" {\n    type = int\n  }\n}\n", i)
		for range 2 {
			s, err := MySQL("schema.hcl", text)
			if err != nil || len(s.Tables) != 1 || s.Tables[0].Name != fmt.Sprintf("t%d", i) {
				t.Fatalf("text %d: got %+v, %v", i, s, err)
			}
			if _, err := MySQL(fmt.Sprintf("%d.hcl", i), append(text, "table"...)); err == nil {
				t.Fatal("no error")
			}
		}
		cache.Lock()
		n := len(cache.byText)
		cache.Unlock()
		if n > cacheSize {
			t.Fatalf("%d texts in the cache", n)
		}
	}
	if s, err := MySQL("schema.hcl", nil); err != nil || !reflect.DeepEqual(s, atlas.New(mysqlName)) {
		t.Errorf("empty text: %+v, %v", s, err)
	}
}
