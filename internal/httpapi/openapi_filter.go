package httpapi

import (
	"math"
	"slices"
	"strings"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// filterNames are the names of the filter schemas, by the type of the field. Each enum and
// each set has a schema of its own, because each has its own members.
var filterNames = []struct {
	of   resource.Type
	name string
}{
	{resource.Text, "TextFilter"},
	{resource.Integer, "IntegerFilter"},
	{resource.Number, "NumberFilter"},
	{resource.Boolean, "BooleanFilter"},
	{resource.Time, "TimeFilter"},
	{resource.Decimal, "DecimalFilter"},
	{resource.Unsigned, "UnsignedFilter"},
	{resource.Day, "DateFilter"},
	{resource.TimeOfDay, "ClockFilter"},
	{resource.Binary, "BinaryFilter"},
	{resource.Identifier, "UUIDFilter"},
	{resource.Document, "NullFilter"},
}

// filters are the operators, in the order of the document. A test compares them with those
// of package query.
var filters = []struct {
	op   query.Op
	text string
	// texts means that the operator is for fields of text only, unless the type of the field lists it.
	texts bool
}{
	{op: query.Eq, text: "Equal"},
	{op: query.Ne, text: "Not equal"},
	{op: query.Gt, text: "Greater than"},
	{op: query.Gte, text: "Greater than or equal"},
	{op: query.Lt, text: "Less than"},
	{op: query.Lte, text: "Less than or equal"},
	{op: query.In, text: "One of these values, separated by commas"},
	{op: query.NotIn, text: "None of these values, separated by commas"},
	{op: query.Null, text: "`true`: NULL; `false`: not NULL"},
	{op: query.Like, text: "Matches the pattern: `%` is any text, `_` any character", texts: true},
	{op: query.Starts, text: "Starts with the text", texts: true},
	{op: query.Contains, text: "Contains the text", texts: true},
}

// notFilters are the parameters of lists and bulk writes that are not filters. For a field
// with such a name, field=value is not a filter; field[eq]=value is.
var notFilters = []string{
	"fields", "include", "sort", "page", "per_page", "cursor", "count", "all", "max_affected", "dry_run",
}

// filterParameters returns the parameters that filter by one field of a table. This is one
// parameter in the style deepObject (OpenAPI 3.1, section 4.8.12), or, if the field has the
// name of another parameter, one parameter for each operator.
func (d *document) filterParameters(t *resource.Table, f *resource.Field) object {
	key, text := t.Name+"."+f.Name, "Filters by `"+f.Name+"`"
	if !slices.Contains(notFilters, f.Name) {
		return object{{d.parameterName(key), object{{"name", f.Name}, {"in", "query"}, {"description", text},
			{"style", "deepObject"}, {"explode", true}, {"schema", d.filterOf(t, f)}}}}
	}
	var all object
	for _, x := range filterProperties(f, d.choices(t, f)) {
		p := queryParameter(f.Name+"["+x.name+"]", text, x.value.(object))
		all = append(all, member{d.parameterName(key + "." + x.name), p})
	}
	return all
}

// filterOf returns the schema of the filters by a field.
func (d *document) filterOf(t *resource.Table, f *resource.Field) object {
	for _, x := range filterNames {
		if x.of == f.Type {
			return d.schema(x.name)
		}
	}
	return filterSchema(f, d.choices(t, f))
}

// choices returns a reference to the schema of the members of an enum or a set, or nil for
// another type. Its name differs from the name that oapi-codegen gives to the type of the field in a row.
func (d *document) choices(t *resource.Table, f *resource.Field) object {
	if f.Type != resource.Enum && f.Type != resource.SetOf {
		return nil
	}
	return ref("schemas", d.components.name("schemas/"+t.Name+"."+f.Name+".", singular(t)+plural(f.Name)+"Member"))
}

// choiceSchemas returns the schemas of the members of enums and sets.
func (d *document) choiceSchemas(tables []*resource.Table) object {
	var all object
	for _, t := range tables {
		for _, f := range t.Fields {
			if choices := d.choices(t, f); choices != nil {
				name := strings.TrimPrefix(choices[0].value.(string), "#/components/schemas/")
				all = append(all, member{name, object{{"type", "string"}, {"enum", values(f.Members())},
					{"description", "A member of `" + f.Name + "`"}}})
			}
		}
	}
	return all
}

// filterSchemas returns the schemas of filters by the fields of tables.
func (d *document) filterSchemas(tables []*resource.Table) object {
	var all object
	for _, x := range filterNames {
		if f := fieldOf(x.of, tables); f != nil {
			all = append(all, member{d.schemaName(x.name), filterSchema(f, nil)})
		}
	}
	return all
}

// fieldOf returns a field of a type that the shared schema of its filters describes, or nil
// if no table uses it.
func fieldOf(of resource.Type, tables []*resource.Table) *resource.Field {
	for _, t := range tables {
		for _, f := range t.Fields {
			switch {
			case f.Type != of || slices.Contains(notFilters, f.Name):
			case f.Custom():
				return f
			default:
				return &resource.Field{Type: of}
			}
		}
	}
	return nil
}

// filterSchema returns the schema of the filters by a field. choices is the schema of the
// members of an enum or a set. The example is
// empty, so that Swagger UI does not send filters by default.
func filterSchema(f *resource.Field, choices object) object {
	text := "Operators are combined with AND"
	properties := filterProperties(f, choices)
	if slices.ContainsFunc(properties, func(m member) bool { return m.name == string(query.In) }) {
		text += ". `in` and `nin` take at most 1,000 values"
	}
	if f.Type == resource.Text || f.Type == resource.Enum {
		text += ". Quote values that contain a comma or begin with a double quote, with `\\\"` and `\\\\` inside: `\"a,b\",c`"
	}
	return object{{"description", text}, {"type", "object"}, {"properties", properties},
		{"additionalProperties", false}, {"examples", array{object{}}}}
}

// supports reports whether a field has an operator.
func supports(f *resource.Field, op query.Op, texts bool) bool {
	if f.Custom() {
		return slices.Contains(f.Operators(), string(op))
	}
	return !texts || f.Type == resource.Text
}

// filterProperties returns the operators of a field, each with the schema of its value.
func filterProperties(f *resource.Field, choices object) object {
	var properties object
	for _, x := range filters {
		if !supports(f, x.op, x.texts) {
			continue
		}
		var schema object
		switch {
		case x.op == query.In, x.op == query.NotIn:
			schema = object{{"type", "string"}, {"pattern", listPattern(f)}}
			if f.Custom() {
				schema = append(schema, member{"examples", array{f.ListItem()}})
			}
		case x.op == query.Null:
			schema = object{{"type", "boolean"}}
		case x.texts && f.Type != resource.SetOf:
			schema = append(filterValue(&resource.Field{Type: resource.Text}), member{"maxLength", query.MaxPattern})
		case choices != nil: // many generators ignore members beside a reference
			properties = append(properties, member{string(x.op), choices})
			continue
		default:
			schema = filterValue(f)
		}
		properties = append(properties, member{string(x.op), append(schema, member{"description", x.text})})
	}
	return properties
}

// filterValue returns the schema of one value of a filter.
func filterValue(f *resource.Field) object {
	if f.Custom() {
		return customFilter(f)
	}
	schema := columnSchema(f)
	switch f.Type {
	case resource.Text:
		schema = append(schema, member{"pattern", "^" + textPattern + "$"})
	case resource.Time:
		schema = append(schema, member{"pattern", "^" + timePattern + "$"})
	case resource.Integer:
		schema = append(schema, member{"minimum", math.MinInt64}, member{"maximum", math.MaxInt64})
	}
	return schema
}

// The patterns of values, without anchors. The syntax is valid in ECMA 262, RE2 and Python.
const (
	// timePattern is RFC 3339 as package query reads it: the years that both dialects can
	// store, and no leap seconds.
	timePattern = yearPattern + `\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)`
	yearPattern = `[1-9]\d{3}-`
	// textPattern is text without NUL, which neither dialect can store.
	textPattern = `[^\x00]*`
)

// listPatterns are the patterns of one value of in and nin. Text may be quoted.
var listPatterns = map[resource.Type]string{
	resource.Text:    `([^",\x00][^,\x00]*)?|"([^"\\\x00]|\\["\\])*"`,
	resource.Integer: `-?\d+`,
	resource.Number:  `-?\d+(\.\d+)?([eE][+-]?\d+)?`,
	resource.Boolean: `true|false`,
	resource.Time:    timePattern,
}

// listPattern returns the pattern of values separated by commas.
func listPattern(f *resource.Field) string {
	value := listPatterns[f.Type]
	switch {
	case f.Custom():
		value = f.Schema().Filter
	}
	return "^(" + value + ")(,(" + value + "))*$"
}
