package schema

import (
	"fmt"
	"os"
	"reflect"
	"testing"

	atlas "ariga.io/atlas/sql/schema"
)

// TestKeep: each result of a text equals the one that is not kept, and shares no object with another result.
func TestKeep(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/shop.hcl")
	if err != nil {
		t.Fatal(err)
	}
	want, err := parseAgain("schema.hcl", text)
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

// TestKeepFewTexts: old results are forgotten, and errors are not kept.
func TestKeepFewTexts(t *testing.T) {
	t.Parallel()
	for i := range 3 * keptTexts {
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
		kept.Lock()
		n := len(kept.byText)
		kept.Unlock()
		if n > keptTexts {
			t.Fatalf("%d texts are kept", n)
		}
	}
	if s, err := MySQL("schema.hcl", nil); err != nil || !reflect.DeepEqual(s, atlas.New(mysqlName)) {
		t.Errorf("empty text: %+v, %v", s, err)
	}
}
