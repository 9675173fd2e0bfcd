package httpapi

import (
	"maps"
	"math"
	"slices"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// Limits that package query does not export.
const (
	lastPage      = 1_000_000_000
	longestCursor = 4000
)

// queryParameter returns a parameter of the query. A client repeats a parameter that is an
// array: this is OpenAPI's default style.
func queryParameter(name, text string, schema object) object {
	return object{{"name", name}, {"in", "query"}, {"description", text}, {"schema", schema}}
}

func headerParameter(name, text string, schema object) object {
	return object{{"name", name}, {"in", "header"}, {"description", text}, {"schema", schema}}
}

// sharedParameters returns the parameters in the components.
func (d *document) sharedParameters(tables []*resource.Table) object {
	text := object{{"type", "string"}}
	flag := object{{"type", "boolean"}, {"default", false}}
	known := []object{
		queryParameter("page", "Page number, from 1. Adds X-Total-Count. Cannot be combined with `cursor`",
			object{{"type", "integer"}, {"minimum", 1}, {"maximum", lastPage}}),
		queryParameter("per_page", "Maximum number of rows",
			object{{"type", "integer"}, {"minimum", 1}, {"maximum", query.MaxPerPage}, {"default", query.DefaultPerPage}}),
		queryParameter("cursor", "Start of the page: the cursor from `Link`, with the same `sort`",
			object{{"type", "string"}, {"maxLength", longestCursor}, {"pattern", "^[A-Za-z0-9_-]+$"}}),
		queryParameter("count", "Adds X-Total-Count without `page`",
			object{{"type", "string"}, {"enum", array{"exact"}}}),
		queryParameter("all", "Selects every row. Required if there is no filter", flag),
		queryParameter("max_affected", "If more rows match, nothing changes and the status is 409",
			object{{"type", "integer"}, {"format", "int64"}, {"minimum", 0}, {"maximum", math.MaxInt64}}),
		queryParameter("dry_run", "Returns the number of rows that match and changes nothing", flag),
		headerParameter("If-Match", "An ETag. If the row has a different one, the status is 412", text),
		headerParameter("If-None-Match", "An ETag. If the row still has it, the status is 304", text),
		headerParameter("Idempotency-Key", "Identifies this request. A second request with the same key within 24 hours "+
			"writes nothing and returns the first response",
			object{{"type", "string"}, {"minLength", 1}, {"maxLength", maxKey}, {"pattern", "^[ -~]*$"}}),
		headerParameter("Cache-Control", "`no-cache` reads from the primary database instead of a replica", text),
	}
	all := d.keyParameters(tables)
	for _, p := range known {
		all = append(all, member{d.parameterName(p[0].value.(string)), p})
	}
	if slices.ContainsFunc(tables, func(t *resource.Table) bool { return len(t.Key) > 0 && t.Auto == nil }) {
		all = append(all, member{d.parameterName("If-None-Match-Put"), headerParameter("If-None-Match",
			"`*` creates the row only if it is missing: else the status is 412", text)})
	}
	for _, t := range tables {
		all = append(all, d.tableParameters(t)...)
	}
	return all
}

// tableParameters returns the parameters that name fields or relations of a table.
func (d *document) tableParameters(t *resource.Table) object {
	var all object
	var fields, keys, includes array
	for _, f := range t.Fields {
		fields = append(fields, f.Name)
		if f.Sortable() {
			keys = append(keys, f.Name, "-"+f.Name)
		}
		all = append(all, d.filterParameters(t, f)...)
	}
	for _, r := range t.Relations {
		includes = append(includes, r.Name)
	}
	choice := func(of array, most int) object {
		items := object{{"type", "string"}, {"enum", of}}
		return object{{"type", "array"}, {"items", items}, {"minItems", 1}, {"maxItems", most}, {"uniqueItems", true}}
	}
	sort := choice(keys, min(len(keys)/2, query.MaxSort))
	if t.Field("created_at") != nil {
		sort = append(sort, member{"default", array{"-created_at"}})
	}
	add := func(name, text string, schema object) {
		all = append(all, member{d.parameterName(t.Name + ":" + name), queryParameter(name, text, schema)})
	}
	add("sort", "Fields to sort by; `-` is descending. Ties are sorted by id. NULL is first if ascending", sort)
	add("fields", "Members to return", choice(fields, len(fields)))
	if includes != nil {
		add("include", "Relations to add to each row", choice(includes, len(includes)))
	}
	return all
}

// filtersOf returns references to the filters of a table, except those by one field.
func (d *document) filtersOf(t *resource.Table, without []*resource.Field) array {
	var all array
	for _, f := range t.Fields {
		if slices.Contains(without, f) {
			continue
		}
		for _, p := range d.filterParameters(t, f) {
			all = append(all, ref("parameters", p.name))
		}
	}
	return all
}

// listParameters returns the parameters of a list. A list of a relation has no filter by
// the foreign key, because the path sets it.
func (d *document) listParameters(r route) array {
	all := array{d.parameter(r.table.Name + ":sort")}
	for _, name := range []string{"page", "per_page", "cursor", "count"} {
		if name != "cursor" || len(r.table.Key) > 0 {
			all = append(all, d.parameter(name))
		}
	}
	all = append(all, d.rowParameters(r.table)...)
	all = append(all, d.filtersOf(r.table, fixedFields(r))...)
	return append(all, d.parameter("Cache-Control"))
}

// rowParameters returns the parameters that select members of a row.
func (d *document) rowParameters(t *resource.Table) array {
	all := array{d.parameter(t.Name + ":fields")}
	if len(t.Relations) > 0 {
		all = append(all, d.parameter(t.Name+":include"))
	}
	return all
}

// bulkParameters returns the parameters of a bulk write.
func (d *document) bulkParameters(t *resource.Table) array {
	all := array{d.parameter("all"), d.parameter("max_affected"), d.parameter("dry_run")}
	return append(all, d.filtersOf(t, nil)...)
}

// preconditions returns the parameters of a write to one row.
func (d *document) preconditions() array { return array{d.parameter("If-Match")} }

// fixedFields returns the fields that the path of a relation sets.
func fixedFields(r route) []*resource.Field {
	if r.relation == nil || r.relation.Through != nil {
		return nil
	}
	return r.relation.Key.Fields
}

// fileParameter returns the path parameter of the files of the page.
func fileParameter() object {
	var names array
	for _, name := range slices.Sorted(maps.Keys(assets)) {
		names = append(names, name)
	}
	return object{{"name", "file"}, {"in", "path"}, {"required", true}, {"description", "The name of the file"},
		{"schema", object{{"type", "string"}, {"enum", names}}}}
}
