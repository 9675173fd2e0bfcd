package httpapi

import (
	"maps"
	"math"
	"slices"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// Ends of ranges that query keeps to itself.
const (
	lastPage      = 1_000_000_000
	longestCursor = 4000
)

// queryParameter describes a parameter. One that is an array may be repeated, as
// OpenAPI has it where nothing else is said.
func queryParameter(name, text string, schema object) object {
	return object{{"name", name}, {"in", "query"}, {"description", text}, {"schema", schema}}
}

func headerParameter(name, text string, schema object) object {
	return object{{"name", name}, {"in", "header"}, {"description", text}, {"schema", schema}}
}

// sharedParameters are all that operations refer to.
func (d *document) sharedParameters(tables []*resource.Table) object {
	text := object{{"type", "string"}}
	flag := object{{"type", "boolean"}, {"default", false}}
	id := object{{"type", "integer"}, {"format", "int64"}, {"minimum", 1}}
	known := []object{
		{{"name", "id"}, {"in", "path"}, {"required", true}, {"description", "The row's id"}, {"schema", id}},
		queryParameter("page", "The page, from 1: adds X-Total-Count. Past the end it is empty. Not together with `cursor`",
			object{{"type", "integer"}, {"minimum", 1}, {"maximum", lastPage}}),
		queryParameter("per_page", "How many rows at most",
			object{{"type", "integer"}, {"minimum", 1}, {"maximum", query.MaxPerPage}, {"default", query.DefaultPerPage}}),
		queryParameter("cursor", "Where to go on: the cursor of `Link`, with the same `sort`",
			object{{"type", "string"}, {"maxLength", longestCursor}, {"pattern", "^[A-Za-z0-9_-]+$"}}),
		queryParameter("count", "Adds X-Total-Count where there is no `page`",
			object{{"type", "string"}, {"enum", array{"exact"}}}),
		queryParameter("all", "Means every row: required where there is no filter", flag),
		queryParameter("max_affected", "If more rows match, nothing changes and the status is 409",
			object{{"type", "integer"}, {"format", "int64"}, {"minimum", 0}, {"maximum", math.MaxInt64}}),
		queryParameter("dry_run", "Changes nothing: returns how many rows match", flag),
		headerParameter("If-Match", "The ETag that the row must still have, else the status is 412", text),
		headerParameter("If-None-Match", "A known ETag: if it is still the current one, the status is 304", text),
		headerParameter("Idempotency-Key", "A name for this request. Sent again within 24 hours, it returns the first "+
			"response and writes nothing",
			object{{"type", "string"}, {"minLength", 1}, {"maxLength", maxKey}, {"pattern", "^[ -~]*$"}}),
		headerParameter("Cache-Control", "`no-cache` reads where rows are written, which is never behind", text),
	}
	var all object
	for _, p := range known {
		all = append(all, member{d.parameterName(p[0].value.(string)), p})
	}
	for _, t := range tables {
		all = append(all, d.tableParameters(t)...)
	}
	return all
}

// tableParameters are those that name fields or relations of a table.
func (d *document) tableParameters(t *resource.Table) object {
	var all object
	var fields, keys, includes array
	for _, f := range t.Fields {
		fields = append(fields, f.Name)
		keys = append(keys, f.Name, "-"+f.Name)
		all = append(all, d.filterParameters(t, f)...)
	}
	for _, r := range t.Relations {
		includes = append(includes, r.Name)
	}
	choice := func(of array, most int) object {
		items := object{{"type", "string"}, {"enum", of}}
		return object{{"type", "array"}, {"items", items}, {"minItems", 1}, {"maxItems", most}, {"uniqueItems", true}}
	}
	sort := choice(keys, min(len(fields), query.MaxSort))
	if t.Field("created_at") != nil {
		sort = append(sort, member{"default", array{"-created_at"}})
	}
	add := func(name, text string, schema object) {
		all = append(all, member{d.parameterName(t.Name + ":" + name), queryParameter(name, text, schema)})
	}
	add("sort", "By these fields; `-` is descending. Rows that tie follow the id. NULL comes first ascending", sort)
	add("fields", "Returns these members only", choice(fields, len(fields)))
	if includes != nil {
		add("include", "Relations to inline", choice(includes, len(includes)))
	}
	return all
}

// filtersOf refers to the filters of a table but those by one field.
func (d *document) filtersOf(t *resource.Table, without *resource.Field) array {
	var all array
	for _, f := range t.Fields {
		if f == without {
			continue
		}
		for _, p := range d.filterParameters(t, f) {
			all = append(all, ref("parameters", p.name))
		}
	}
	return all
}

// listParameters are those of a list. Below a row the path says which rows are
// meant: a filter by the same field changes nothing.
func (d *document) listParameters(r route) array {
	var without *resource.Field
	if r.relation != nil {
		without = r.relation.Field
	}
	all := array{d.parameter(r.table.Name + ":sort")}
	for _, name := range []string{"page", "per_page", "cursor", "count"} {
		all = append(all, d.parameter(name))
	}
	all = append(all, d.rowParameters(r.table)...)
	all = append(all, d.filtersOf(r.table, without)...)
	return append(all, d.parameter("Cache-Control"))
}

// rowParameters say how a row is shown.
func (d *document) rowParameters(t *resource.Table) array {
	all := array{d.parameter(t.Name + ":fields")}
	if len(t.Relations) > 0 {
		all = append(all, d.parameter(t.Name+":include"))
	}
	return all
}

// bulkParameters are those of a write to many rows.
func (d *document) bulkParameters(t *resource.Table) array {
	all := array{d.parameter("all"), d.parameter("max_affected"), d.parameter("dry_run")}
	return append(all, d.filtersOf(t, nil)...)
}

// preconditions are those of a write to one row.
func (d *document) preconditions() array { return array{d.parameter("If-Match")} }

// fileParameter names the files of the page.
func fileParameter() object {
	var names array
	for _, name := range slices.Sorted(maps.Keys(assets)) {
		names = append(names, name)
	}
	return object{{"name", "file"}, {"in", "path"}, {"required", true}, {"description", "The file's name"},
		{"schema", object{{"type", "string"}, {"enum", names}}}}
}
