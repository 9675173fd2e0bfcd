package httpapi

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"slipway/internal/resource"
)

// columnSchema returns the schema of a value in a response: its type, and null if the field
// is nullable.
func columnSchema(f *resource.Field) object {
	if f.Custom() {
		return customSchema(f, f.Schema())
	}
	name, format := string(f.Type), f.Format
	switch f.Type {
	case resource.Integer:
		format = "int64"
	case resource.Number:
		format = "double"
	case resource.Time:
		name, format = string(resource.Text), string(resource.Time)
	}
	schema := object{{"type", name}}
	if f.Nullable {
		schema[0].value = array{name, "null"}
	}
	if format != "" {
		schema = append(schema, member{"format", format})
	}
	return schema
}

// valueSchema returns the schema of a value in a request: what the column can store, and
// the rules of the field.
func valueSchema(f *resource.Field) object {
	if f.Custom() {
		return customInput(f)
	}
	schema := columnSchema(f)
	add := func(name string, value any) { schema = append(schema, member{name, value}) }
	switch f.Type {
	case resource.Text:
		add("pattern", "^"+textPattern+"$")
		if f.Size > 0 {
			add("maxLength", f.Size)
		}
		if f.NeedsText() {
			add("minLength", 1)
		}
	case resource.Time:
		add("pattern", "^"+yearPattern)
	}
	// No multipleOf: validators compute it with binary fractions, which are inexact.
	if before, after, ok := f.Decimal(); ok {
		add("description", fmt.Sprintf("At most %d digits after the point", after))
		add("exclusiveMinimum", -math.Pow10(before))
		add("exclusiveMaximum", math.Pow10(before))
	}
	switch {
	case f.Min != nil:
		add("minimum", *f.Min)
	case f.References != nil && f.References.Type == resource.Integer && f.References.ReadOnly:
		add("minimum", 1)
	}
	if f.Max != nil {
		add("maximum", *f.Max)
	}
	return schema
}

// sharedSchemas returns the schemas in the components.
func (d *document) sharedSchemas(tables []*resource.Table, routes []route) object {
	var all object
	for _, t := range tables {
		all = append(all,
			member{d.rowName(t, ""), d.rowSchema(t)},
			member{d.rowName(t, "List"), arrayOf(d.row(t, ""))})
		if t.ReadOnly {
			continue
		}
		all = append(all, member{d.rowName(t, "OneOrMany"), oneOf(d.row(t, ""), d.row(t, "List"))})
		if len(t.Key) > 0 {
			all = append(all,
				member{d.rowName(t, "Patch"), inputSchema(t, "The members of a row to change", false, t.Key)})
		}
		if len(t.Key) > 0 && t.Auto == nil {
			const text = "A row. Absent members take their defaults"
			all = append(all, member{d.rowName(t, "Replace"), inputSchema(t, text, true, t.Key)})
		}
	}
	for _, r := range routes {
		if r.kind == kindCreate {
			all = append(all, d.createSchemas(r)...)
		}
	}
	all = append(append(all, d.choiceSchemas(tables)...), d.filterSchemas(tables)...)
	return append(all, d.serviceSchemas()...)
}

// createSchemas returns the schemas of the body of a POST: a row, an array of rows, and a
// choice of both. Each has a name, because some generators do not support anonymous choices.
func (d *document) createSchemas(r route) object {
	text, fixed := "A new row. Absent members take their defaults", fixedFields(r)
	if fixed != nil {
		names := make([]string, len(fixed))
		for i, f := range fixed {
			names[i] = f.Name
		}
		text += ". The path sets " + strings.Join(names, " and ")
	}
	one, many := d.createName(r, ""), d.createName(r, "List")
	rows := append(arrayOf(ref("schemas", one)), member{"minItems", 1}, member{"maxItems", resource.MaxRows})
	return object{
		{one, inputSchema(r.table, text, true, fixed)},
		{many, rows},
		{d.createName(r, "OneOrMany"), oneOf(ref("schemas", one), ref("schemas", many))},
	}
}

// rowSchema returns the schema of a row in a response. All its columns are required, even
// though `fields` omits some, for the clients that do not use it.
func (d *document) rowSchema(t *resource.Table) object {
	var properties object
	var required array
	for _, f := range t.Fields {
		properties = append(properties, member{f.Name, columnSchema(f)})
		required = append(required, f.Name)
	}
	text := "A row of " + t.Name + ". With `fields`, it has only these members"
	if len(t.Relations) > 0 {
		text += ". `include` adds relations"
	}
	for _, r := range t.Relations {
		schema := d.row(r.Table, "")
		switch {
		case r.Many:
			schema = d.row(r.Table, "List")
		case r.Key.Nullable():
			schema = oneOf(schema, object{{"type", "null"}})
		}
		properties = append(properties, member{r.Name, schema})
	}
	return object{{"description", text}, {"type", "object"}, {"properties", properties}, {"required", required}}
}

// inputSchema returns the schema of a row in a request. It omits read-only fields and those
// without effect: the fields that the path sets. The example has the required members if whole is
// true, else one member.
func inputSchema(t *resource.Table, text string, whole bool, without []*resource.Field) object {
	properties, example := object{}, object{}
	var required array
	for _, f := range t.Fields {
		if f.ReadOnly || slices.Contains(without, f) {
			continue
		}
		properties = append(properties, member{f.Name, valueSchema(f)})
		needed := whole && f.Required()
		if needed {
			required = append(required, f.Name)
		}
		if needed || !whole && len(example) == 0 {
			example = append(example, member{f.Name, exampleOf(f)})
		}
	}
	schema := object{{"description", text}, {"type", "object"}, {"properties", properties}}
	if required != nil {
		schema = append(schema, member{"required", required})
	}
	return append(schema, member{"additionalProperties", false}, member{"examples", array{example}})
}

// exampleOf returns a valid value for a field.
func exampleOf(f *resource.Field) any {
	switch {
	case f.Custom():
		return f.Schema().Example
	case f.Type == resource.Boolean:
		return true
	case f.Type == resource.Time:
		return "2026-01-31T12:00:00Z"
	case f.Format == "email":
		return "user@example.com"
	case f.Type == resource.Text && f.Size > 0:
		return "string"[:min(f.Size, len("string"))]
	case f.Type == resource.Text:
		return "string"
	}
	example := 1.0
	if before, _, ok := f.Decimal(); ok && before == 0 {
		example = 0
	}
	if f.Min != nil {
		example = max(example, *f.Min)
	}
	if f.Max != nil {
		example = min(example, *f.Max)
	}
	return example
}

func arrayOf(schema object) object { return object{{"type", "array"}, {"items", schema}} }

func oneOf(schemas ...any) object { return object{{"oneOf", array(schemas)}} }

// jsonContent returns the content of a body of JSON.
func jsonContent(schema object) object {
	return object{{"application/json", object{{"schema", schema}}}}
}

// patchBody returns the content of a merge patch, for both of its media types.
func (d *document) patchBody(t *resource.Table) object {
	schema := object{{"schema", d.row(t, "Patch")}}
	return object{{"application/json", schema}, {"application/merge-patch+json", schema}}
}
