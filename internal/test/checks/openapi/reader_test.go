package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"slipway/internal/test/apitest"
)

// specification is the decoded OpenAPI document.
type specification struct {
	t    testing.TB
	root map[string]any
	// schemas compiles the schemas of the document. strict does not allow additional
	// members in objects.
	schemas, strict *jsonschema.Compiler
	compiled        map[compiledKey]*jsonschema.Schema
	patterns        map[string]*regexp.Regexp
}

// compiledKey is a compiler, and a path.
type compiledKey struct {
	by   *jsonschema.Compiler
	path string
}

// newSpecification requests the document.
func newSpecification(api *apitest.API) *specification {
	api.T.Helper()
	text := api.Must(http.StatusOK, "GET", "/openapi.json", "").Body
	s := &specification{t: api.T, compiled: map[compiledKey]*jsonschema.Schema{}, patterns: map[string]*regexp.Regexp{}}
	if err := json.Unmarshal([]byte(text), &s.root); err != nil {
		api.T.Fatal(err)
	}
	compiler := func(change func(document any)) *jsonschema.Compiler {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			api.T.Fatal(err)
		}
		change(document)
		c := jsonschema.NewCompiler()
		c.DefaultDraft(jsonschema.Draft2020)
		c.AssertFormat()
		if err := c.AddResource("openapi.json", document); err != nil {
			api.T.Fatal(err)
		}
		return c
	}
	s.schemas = compiler(func(any) {})
	s.strict = compiler(func(document any) {
		for _, schema := range s.members(document, "components", "schemas") {
			if s.members(schema, "properties") != nil {
				schema.(map[string]any)["additionalProperties"] = false
			}
		}
	})
	return s
}

// at follows a path of members and each $ref on it. It returns nil for a missing member.
func (s *specification) at(value any, path ...string) any {
	object, _ := value.(map[string]any)
	if target, ok := object["$ref"].(string); ok {
		to := s.at(s.root, strings.Split(strings.TrimPrefix(target, "#/"), "/")...)
		if to == nil {
			s.t.Fatalf("invalid reference %s", target)
		}
		return s.at(to, path...)
	}
	if len(path) == 0 || value == nil {
		return value
	}
	return s.at(object[path[0]], path[1:]...)
}

// members is at for an object, list for an array, text for a string.
func (s *specification) members(value any, path ...string) map[string]any {
	object, _ := s.at(value, path...).(map[string]any)
	return object
}

func (s *specification) list(value any, path ...string) []any {
	list, _ := s.at(value, path...).([]any)
	return list
}

func (s *specification) text(value any, path ...string) string {
	text, _ := s.at(value, path...).(string)
	return text
}

// compile returns the schema at a path from the root.
func (s *specification) compile(c *jsonschema.Compiler, path ...string) *jsonschema.Schema {
	s.t.Helper()
	key := compiledKey{c, strings.Join(path, "\x00")}
	if s.compiled[key] == nil {
		pointer := "openapi.json#"
		for _, name := range path {
			pointer += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
		}
		schema, err := c.Compile(pointer)
		if err != nil {
			s.t.Fatal(err)
		}
		s.compiled[key] = schema
	}
	return s.compiled[key]
}

// pattern returns the compiled pattern of a schema.
func (s *specification) pattern(schema any) *regexp.Regexp {
	text := s.text(schema, "pattern")
	if s.patterns[text] == nil {
		s.patterns[text] = regexp.MustCompile(text)
	}
	return s.patterns[text]
}

// operation is one method of one path.
type operation struct {
	*specification
	method, path string
	described    map[string]any
	parameters   []any // with those of the path
}

func (o operation) String() string { return o.method + " " + o.path }

// operations returns all operations, sorted by path and method.
func (s *specification) operations() []operation {
	var all []operation
	paths := s.members(s.root, "paths")
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := s.members(paths[path])
		for _, method := range slices.Sorted(maps.Keys(item)) {
			if method == "parameters" {
				continue
			}
			o := operation{s, strings.ToUpper(method), path, s.members(item[method]), nil}
			for _, p := range slices.Concat(s.list(item["parameters"]), s.list(o.described["parameters"])) {
				o.parameters = append(o.parameters, s.forms(s.at(p))...)
			}
			all = append(all, o)
		}
	}
	return all
}

// forms returns the parameters of a deepObject parameter, such as field[op], or the
// parameter itself for other styles.
func (s *specification) forms(p any) []any {
	if s.text(p, "style") != "deepObject" {
		return []any{p}
	}
	var all []any
	for op, schema := range s.members(p, "schema", "properties") {
		all = append(all, map[string]any{"in": s.at(p, "in"), "name": s.text(p, "name") + "[" + op + "]",
			"description": s.at(schema, "description"), "schema": schema})
	}
	return all
}

// parameter returns the parameter with that name, or nil.
func (o operation) parameter(name string) any {
	for _, p := range o.parameters {
		if o.text(p, "name") == name {
			return p
		}
	}
	return nil
}

// success returns the status of a successful response: of a PUT, 200 instead of 201.
func (o operation) success() int {
	status := slices.Sorted(maps.Keys(o.members(o.described, "responses")))[0]
	n, _ := strconv.Atoi(status)
	if n > 299 {
		o.t.Fatalf("%s describes no success", o)
	}
	return n
}

// sample returns a value that matches a schema. Values with different n are different.
func (s *specification) sample(schema any, n int) any {
	if choices := s.list(schema, "oneOf"); choices != nil {
		return s.sample(choices[0], n)
	}
	if choices := s.list(schema, "enum"); choices != nil {
		return choices[0]
	}
	name := s.text(schema, "type")
	if several := s.list(schema, "type"); several != nil {
		name = several[0].(string)
	}
	if examples := s.list(schema, "examples"); examples != nil && name != "object" {
		return examples[0]
	}
	switch name {
	case "object":
		object := map[string]any{}
		for name, p := range s.members(schema, "properties") {
			object[name] = s.sample(p, n)
		}
		return object
	case "array":
		return []any{s.sample(s.at(schema, "items"), n)}
	case "boolean":
		return true
	case "integer", "number":
		for _, end := range []string{"minimum", "maximum"} {
			if n, ok := s.at(schema, end).(float64); ok && math.Abs(n) < 1<<63 {
				return n
			}
		}
		return 1
	}
	switch s.text(schema, "format") {
	case "email":
		return fmt.Sprintf("x%d@example.com", n)
	case "date-time":
		return "2026-01-31T12:00:00.000001Z"
	}
	pattern := s.pattern(schema)
	text := fmt.Sprintf("x%d", n)
	if most, ok := s.at(schema, "maxLength").(float64); ok {
		text = text[max(0, len(text)-int(most)):]
	}
	texts := []string{text, "1", "true", "2026-01-31T12:00:00.000001Z", "2026-01-31", "12:34:56",
		"0197b0a4-7d3c-7c1e-9f2a-3b4c5d6e7f80"}
	return texts[slices.IndexFunc(texts, pattern.MatchString)]
}

func encode(t testing.TB, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
