package httpapi

import (
	"math"

	"slipway/internal/resource"
)

// customSchema returns the schema of a value of a type that is not a basic one.
func customSchema(f *resource.Field, s resource.Schema) object {
	var schema object
	add := func(name string, value any) { schema = append(schema, member{name, value}) }
	switch {
	case s.Type == "": // any value
	case f.Nullable:
		add("type", array{s.Type, "null"})
	default:
		add("type", s.Type)
	}
	if s.Format != "" {
		add("format", s.Format)
	}
	if s.Pattern != "" {
		add("pattern", s.Pattern)
	}
	if s.Type == "array" {
		add("items", object{{"type", "string"}, {"enum", values(s.Enum)}})
	} else if s.Enum != nil {
		choices := values(s.Enum)
		if f.Nullable {
			choices = append(choices, nil)
		}
		add("enum", choices)
	}
	if s.Type == "integer" {
		add("minimum", 0)
		add("maximum", s.Maximum)
	}
	if s.Description != "" {
		add("description", s.Description)
	}
	return schema
}

// customInput returns the schema of such a value in a request.
func customInput(f *resource.Field) object {
	s := f.Schema()
	if s.Input != "" {
		s.Pattern = s.Input
	}
	if s.Type == "integer" {
		s.Maximum = math.MaxInt64
		if f.Max != nil {
			s.Maximum = uint64(*f.Max)
		}
	}
	schema := customSchema(f, s)
	if s.Least > 0 {
		schema = append(schema, member{"minLength", s.Least})
	}
	if s.Most > 0 {
		schema = append(schema, member{"maxLength", s.Most})
	}
	return append(schema, member{"examples", array{s.Example}})
}

// customFilter returns the schema of one value of a filter by a field of such a type.
func customFilter(f *resource.Field) object {
	s := f.Schema()
	if s.Type == "integer" {
		return object{{"type", s.Type}, {"format", s.Format}, {"minimum", 0}, {"maximum", s.Maximum}}
	}
	return object{{"type", "string"}, {"pattern", "^" + s.Filter + "$"}, {"examples", array{s.Example}}}
}

// values returns texts as an array of JSON.
func values(texts []string) array {
	all := make(array, len(texts))
	for i, s := range texts {
		all[i] = s
	}
	return all
}
