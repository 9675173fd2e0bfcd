package openapi

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// valid checks that the document is valid OpenAPI 3.1: references and schemas are valid, all
// components are used, and names are unique. It returns the operationIds.
func (s *specification) valid() (ids []string) {
	s.t.Helper()
	if s.root["openapi"] != "3.1.1" || s.text(s.root, "info", "version") == "" {
		s.t.Errorf("openapi %v, info %v", s.root["openapi"], s.root["info"])
	}
	s.components()
	var tags []string
	for _, tag := range s.list(s.root, "tags") {
		tags = append(tags, s.text(tag, "name"))
	}
	for _, o := range s.operations() {
		id := s.text(o.described, "operationId")
		same := func(x string) bool { return strings.EqualFold(x, id) }
		if !regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`).MatchString(id) || slices.ContainsFunc(ids, same) {
			s.t.Errorf("%s: the operationId %q is not unique, or invalid", o, id)
		}
		ids = append(ids, id)
		if s.text(o.described, "summary") == "" || !slices.Contains(tags, fmt.Sprint(s.list(o.described, "tags")[0])) {
			s.t.Errorf("%s requires a summary, and a tag of the document", o)
		}
		o.validParameters()
		for status, r := range s.members(o.described, "responses") {
			if s.text(r, "description") == "" {
				s.t.Errorf("%s %s has no description", o, status)
			}
		}
	}
	return ids
}

// components checks that each component is used, and that its schema is valid.
func (s *specification) components() {
	s.t.Helper()
	used := map[string]bool{}
	var walk func(any)
	walk = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			if target, ok := v["$ref"].(string); ok {
				s.at(v)
				used[target] = true
			}
			for _, m := range v {
				walk(m)
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(s.root)
	name := regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
	for kind, all := range s.members(s.root, "components") {
		for key := range s.members(all) {
			if !name.MatchString(key) || !used["#/components/"+kind+"/"+key] {
				s.t.Errorf("components/%s/%s is not used, or its name is invalid", kind, key)
			}
			switch kind {
			case "schemas":
				s.compile(s.schemas, "components", kind, key)
			case "parameters", "headers":
				s.compile(s.schemas, "components", kind, key, "schema")
			}
		}
	}
}

// validParameters checks that the parameters are unique and described, and that path
// parameters match the path.
func (o operation) validParameters() {
	o.t.Helper()
	var inPath []string
	seen := map[string]bool{}
	for _, p := range o.parameters {
		where, name := o.text(p, "in"), o.text(p, "name")
		if seen[where+name] || o.at(p, "schema") == nil || o.text(p, "description") == "" {
			o.t.Errorf("%s: the parameter %s is not unique, or not described", o, name)
		}
		seen[where+name] = true
		if where == "path" {
			inPath = append(inPath, "{"+name+"}")
		}
	}
	if want := regexp.MustCompile(`\{\w+\}`).FindAllString(o.path, -1); !slices.Equal(inPath, want) {
		o.t.Errorf("%s: the parameters of the path are %q, want %q", o, inPath, want)
	}
}
