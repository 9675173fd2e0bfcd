package httpapi

import (
	"math"
	"slices"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// filterNames are the names of the filter schemas, by the type of the field.
var filterNames = []struct {
	of   resource.Type
	name string
}{
	{resource.Text, "TextFilter"},
	{resource.Integer, "IntegerFilter"},
	{resource.Number, "NumberFilter"},
	{resource.Boolean, "BooleanFilter"},
	{resource.Time, "TimeFilter"},
}

// filters are the operators, in the order of the document. A test compares them with those
// of package query.
var filters = []struct {
	op   query.Op
	text string
	// texts means that the operator is for fields of text only.
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
			{"style", "deepObject"}, {"explode", true}, {"schema", d.schema(filterName(f.Type))}}}}
	}
	var all object
	for _, x := range filterProperties(f.Type) {
		p := queryParameter(f.Name+"["+x.name+"]", text, x.value.(object))
		all = append(all, member{d.parameterName(key + "." + x.name), p})
	}
	return all
}

func filterName(of resource.Type) string {
	for _, x := range filterNames {
		if x.of == of {
			return x.name
		}
	}
	panic("httpapi: no filter is described for " + string(of))
}

// filterSchemas returns the schemas of filters by the fields of tables.
func (d *document) filterSchemas(tables []*resource.Table) object {
	var all object
	for _, x := range filterNames {
		uses := func(f *resource.Field) bool { return f.Type == x.of && !slices.Contains(notFilters, f.Name) }
		if !slices.ContainsFunc(tables, func(t *resource.Table) bool { return slices.ContainsFunc(t.Fields, uses) }) {
			continue
		}
		all = append(all, member{d.schemaName(x.name), filterSchema(x.of)})
	}
	return all
}

// filterSchema returns the schema of the filters by a field of this type. The example is
// empty, so that Swagger UI does not send filters by default.
func filterSchema(of resource.Type) object {
	text := "Operators are combined with AND. `in` and `nin` take at most 1,000 values"
	if of == resource.Text {
		text += ". Quote values that contain a comma or begin with a double quote, with `\\\"` and `\\\\` inside: `\"a,b\",c`"
	}
	return object{{"description", text}, {"type", "object"}, {"properties", filterProperties(of)},
		{"additionalProperties", false}, {"examples", array{object{}}}}
}

// filterProperties returns the operators of a type, each with the schema of its value.
func filterProperties(of resource.Type) object {
	var properties object
	for _, x := range filters {
		if x.texts && of != resource.Text {
			continue
		}
		schema := filterValue(of)
		switch x.op {
		case query.In, query.NotIn:
			schema = object{{"type", "string"}, {"pattern", listPattern(of)}}
		case query.Null:
			schema = object{{"type", "boolean"}}
		case query.Like, query.Starts, query.Contains:
			schema = append(schema, member{"maxLength", query.MaxPattern})
		}
		properties = append(properties, member{string(x.op), append(schema, member{"description", x.text})})
	}
	return properties
}

// filterValue returns the schema of one value of a filter.
func filterValue(of resource.Type) object {
	schema := columnSchema(&resource.Field{Type: of})
	switch of {
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
func listPattern(of resource.Type) string {
	value := listPatterns[of]
	return "^(" + value + ")(,(" + value + "))*$"
}
