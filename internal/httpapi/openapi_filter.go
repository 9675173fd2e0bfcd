package httpapi

import (
	"math"
	"slices"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// filterNames are the schemas of filters, by the type of the field.
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

// filters are the operators of a filter, in the order of the document. A test
// compares them with those that package query has.
var filters = []struct {
	op   query.Op
	text string
	// texts is set for what goes with texts only.
	texts bool
}{
	{op: query.Eq, text: "Equal"},
	{op: query.Ne, text: "Not equal"},
	{op: query.Gt, text: "Greater"},
	{op: query.Gte, text: "Greater or equal"},
	{op: query.Lt, text: "Less"},
	{op: query.Lte, text: "Less or equal"},
	{op: query.In, text: "One of these values, which commas separate"},
	{op: query.NotIn, text: "None of these values, which commas separate"},
	{op: query.Null, text: "`true`: NULL; `false`: not NULL"},
	{op: query.Like, text: "Matches the pattern: `%` is any characters, `_` any one", texts: true},
	{op: query.Starts, text: "Starts with the text", texts: true},
	{op: query.Contains, text: "Contains the text", texts: true},
}

// notFilters are the parameters of lists and of writes to many rows that are no
// filters. A field of such a name is filtered with an operator only.
var notFilters = []string{
	"fields", "include", "sort", "page", "per_page", "cursor", "count", "all", "max_affected", "dry_run",
}

// filterParameters describes the filters by one field of a table: field[op]=value is
// one parameter, in the style deepObject of OpenAPI 3.1, section 4.8.12. Where
// another parameter has the field's name, it is a parameter for each operator.
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

// filterSchema describes the filters by a field of a type. Its example, no filter at
// all, is what a page that tries a request begins with.
func filterSchema(of resource.Type) object {
	text := "All that are set must hold. `in` and `nin` have at most 1,000 values"
	if of == resource.Text {
		text += "; one that has a comma or begins with a double quote is quoted, with `\\\"` and `\\\\` inside: `\"a,b\",c`"
	}
	return object{{"description", text}, {"type", "object"}, {"properties", filterProperties(of)},
		{"additionalProperties", false}, {"examples", array{object{}}}}
}

// filterProperties are the operators of a type, with what each compares with.
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

// filterValue describes one value of a filter.
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

// The patterns of values, without anchors, in what ECMA 262, RE2 and Python share.
const (
	// timePattern is RFC 3339 as package query reads it: years that both dialects can
	// keep, no leap seconds.
	timePattern = yearPattern + `\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)`
	yearPattern = `[1-9]\d{3}-`
	// textPattern is text without NUL, which neither dialect keeps.
	textPattern = `[^\x00]*`
)

// listPatterns are those of one value of in and nin. A text is plain or quoted.
var listPatterns = map[resource.Type]string{
	resource.Text:    `([^",\x00][^,\x00]*)?|"([^"\\\x00]|\\["\\])*"`,
	resource.Integer: `-?\d+`,
	resource.Number:  `-?\d+(\.\d+)?([eE][+-]?\d+)?`,
	resource.Boolean: `true|false`,
	resource.Time:    timePattern,
}

// listPattern is the pattern of several values, which commas separate.
func listPattern(of resource.Type) string {
	value := listPatterns[of]
	return "^(" + value + ")(,(" + value + "))*$"
}
