package httpapi

import (
	"fmt"
	"maps"
	"slices"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// filters are the forms of a filter by a field, in the order in which they are
// told. Tests see that they are those that query takes.
var filters = []struct {
	op   query.Op
	text string // behind the field's name
	// texts is set for what goes with texts only.
	texts bool
}{
	{op: query.Eq, text: "is the value, as without an operator"},
	{op: query.Ne, text: "is not the value"},
	{op: query.Gt, text: "is greater than the value"},
	{op: query.Gte, text: "is the value or greater"},
	{op: query.Lt, text: "is less than the value"},
	{op: query.Lte, text: "is the value or less"},
	{op: query.In, text: "is one of the values. One with a comma in it is quoted: `\"a,b\"`"},
	{op: query.NotIn, text: "is none of the values. One with a comma in it is quoted: `\"a,b\"`"},
	{op: query.Null, text: "is NULL; with `false`: is not NULL"},
	{op: query.Like, text: "matches the pattern: `%` stands for any characters, `_` for any one", texts: true},
	{op: query.Starts, text: "starts with the text", texts: true},
	{op: query.Contains, text: "contains the text", texts: true},
}

// What the parameters of a list may be called that are no filters, and so a
// field only with an operator.
var notFilters = []string{"fields", "include", "sort", "page", "per_page", "cursor", "count", "all", "max_affected", "dry_run"}

// Ends of ranges that query keeps to itself.
const (
	lastPage      = 1_000_000_000
	longestCursor = 4000
)

// filterParameters gives the parameters that filter by a field, by the names of
// their components.
func filterParameters(t *resource.Table, f *resource.Field) object {
	name, value := t.Name+"."+f.Name, filterSchema(f)
	var all object
	if !slices.Contains(notFilters, f.Name) {
		all = append(all, member{name, queryParameter(f.Name, "`"+f.Name+"` is the value", value)})
	}
	for _, x := range filters {
		if x.texts && f.Type != resource.Text {
			continue
		}
		schema := value
		switch x.op {
		case query.In, query.NotIn:
			schema = object{{"type", "array"}, {"items", value}, {"minItems", 1}, {"maxItems", query.MaxIn}}
		case query.Null:
			schema = object{{"type", "boolean"}}
		case query.Like, query.Starts, query.Contains:
			schema = append(slices.Clone(value), member{"maxLength", query.MaxPattern})
		}
		all = append(all, member{name + "." + string(x.op), queryParameter(fmt.Sprintf("%s[%s]", f.Name, x.op), "`"+f.Name+"` "+x.text, schema)})
	}
	return all
}

// filterSchema is a value to compare with: of a field's type, and not of its
// rules.
func filterSchema(f *resource.Field) object {
	return columnSchema(&resource.Field{Type: f.Type})
}

// queryParameter describes a parameter. Several values stand in one, parted by
// commas.
func queryParameter(name, text string, schema object) object {
	p := object{{"name", name}, {"in", "query"}, {"description", text}}
	if schema[0].value == "array" {
		p = append(p, member{"style", "form"}, member{"explode", false})
	}
	return append(p, member{"schema", schema})
}

func headerParameter(name, text string, schema object) object {
	return object{{"name", name}, {"in", "header"}, {"description", text}, {"schema", schema}}
}

// sharedParameters are all that operations refer to.
func sharedParameters(tables []*resource.Table) object {
	text := object{{"type", "string"}}
	flag := object{{"type", "boolean"}, {"default", false}}
	all := object{
		{"id", object{{"name", "id"}, {"in", "path"}, {"required", true}, {"description", "The row's id"}, {"schema", idSchema()}}},
		{"page", queryParameter("page", "The page, from 1 on: adds X-Total-Count. Past the end it is empty. Not together with `cursor`",
			object{{"type", "integer"}, {"minimum", 1}, {"maximum", lastPage}})},
		{"per_page", queryParameter("per_page", "How many rows at most",
			object{{"type", "integer"}, {"minimum", 1}, {"maximum", query.MaxPerPage}, {"default", query.DefaultPerPage}})},
		{"cursor", queryParameter("cursor", "Where to go on, as `Link` gave it, with the same `sort`",
			object{{"type", "string"}, {"maxLength", longestCursor}})},
		{"count", queryParameter("count", "Adds X-Total-Count where there is no `page`", object{{"type", "string"}, {"enum", array{"exact"}}})},
		{"all", queryParameter("all", "Every row is meant: needed where there is no filter", flag)},
		{"max_affected", queryParameter("max_affected", "If more rows match, nothing changes and the answer is 409",
			object{{"type", "integer"}, {"format", "int64"}, {"minimum", 0}})},
		{"dry_run", queryParameter("dry_run", "Only tells how many rows match", flag)},
		{"If-Match", headerParameter("If-Match", "The ETag that the row must still have, or the answer is 412", text)},
		{"If-None-Match", headerParameter("If-None-Match", "The ETag that is known already: if it is still so, the answer is 304", text)},
		{"Idempotency-Key", headerParameter("Idempotency-Key", "A name for this request. Sent again within 24 hours it gives the first answer again, and writes nothing",
			object{{"type", "string"}, {"minLength", 1}, {"maxLength", maxKey}, {"pattern", "^[ -~]*$"}})},
		{"Cache-Control", headerParameter("Cache-Control", "`no-cache` reads where rows are written, which is never behind", text)},
	}
	for _, t := range tables {
		all = append(all, tableParameters(t)...)
	}
	return all
}

// tableParameters are those that name fields or relations of a table.
func tableParameters(t *resource.Table) object {
	var all object
	var fields, keys, includes array
	for _, f := range t.Fields {
		fields = append(fields, f.Name)
		keys = append(keys, f.Name, "-"+f.Name)
		all = append(all, filterParameters(t, f)...)
	}
	for _, r := range t.Relations {
		includes = append(includes, r.Name)
	}
	choice := func(of array, most int) object {
		return object{{"type", "array"}, {"items", object{{"type", "string"}, {"enum", of}}}, {"minItems", 1}, {"maxItems", most}, {"uniqueItems", true}}
	}
	sort := choice(keys, min(len(fields), query.MaxSort))
	if t.Field("created_at") != nil {
		sort = append(sort, member{"default", array{"-created_at"}})
	}
	all = append(all,
		member{t.Name + ".sort", queryParameter("sort", "By these fields; `-` is descending. Rows that tie follow the id. NULL comes first ascending", sort)},
		member{t.Name + ".fields", queryParameter("fields", "Only these members", choice(fields, len(fields)))})
	if includes != nil {
		all = append(all, member{t.Name + ".include", queryParameter("include", "Relations to inline", choice(includes, len(includes)))})
	}
	return all
}

// filtersOf refers to all filters of a table but those by one field.
func filtersOf(t *resource.Table, without *resource.Field) array {
	var all array
	for _, f := range t.Fields {
		if f == without {
			continue
		}
		for _, p := range filterParameters(t, f) {
			all = append(all, ref("parameters", p.name))
		}
	}
	return all
}

// listParameters are those of a list. Below a row the path says which rows are
// meant: a filter by the same field changes nothing.
func listParameters(r route) array {
	var without *resource.Field
	if r.relation != nil {
		without = r.relation.Field
	}
	all := array{ref("parameters", r.table.Name+".sort")}
	for _, name := range []string{"page", "per_page", "cursor", "count"} {
		all = append(all, ref("parameters", name))
	}
	all = append(all, rowParameters(r.table)...)
	all = append(all, filtersOf(r.table, without)...)
	return append(all, ref("parameters", "Cache-Control"))
}

// rowParameters say how a row is shown.
func rowParameters(t *resource.Table) array {
	all := array{ref("parameters", t.Name+".fields")}
	if len(t.Relations) > 0 {
		all = append(all, ref("parameters", t.Name+".include"))
	}
	return all
}

// bulkParameters are those of a write to many rows.
func bulkParameters(t *resource.Table) array {
	all := array{ref("parameters", "all"), ref("parameters", "max_affected"), ref("parameters", "dry_run")}
	return append(all, filtersOf(t, nil)...)
}

// preconditions are those of a write to one row.
func preconditions() array {
	return array{ref("parameters", "If-Match")}
}

// fileParameter names the files of the page.
func fileParameter() object {
	var names array
	for _, name := range slices.Sorted(maps.Keys(assets)) {
		names = append(names, name)
	}
	return object{{"name", "file"}, {"in", "path"}, {"required", true}, {"description", "The file's name"},
		{"schema", object{{"type", "string"}, {"enum", names}}}}
}
