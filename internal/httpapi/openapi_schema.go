package httpapi

import "slipway/internal/resource"

// idSchema is the id of a row.
func idSchema() object { return object{{"type", "integer"}, {"format", "int64"}, {"minimum", 1}} }

// columnSchema is a value as it is kept in a field: its type, and null where that
// may be.
func columnSchema(f *resource.Field) object {
	if f.Name == "id" || f.ForeignKey != "" && !f.Nullable {
		return idSchema()
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
	var typ any = name
	if f.Nullable {
		typ = array{name, "null"}
	}
	schema := object{{"type", typ}}
	if format != "" {
		schema = append(schema, member{"format", format})
	}
	if f.Size > 0 {
		schema = append(schema, member{"maxLength", f.Size})
	}
	return schema
}

// memberSchema is a value as a body may have it: the column's, with the rules.
func memberSchema(f *resource.Field) object {
	schema := columnSchema(f)
	if f.Type == resource.Text && f.Required() {
		schema = append(schema, member{"minLength", 1})
	}
	if f.Min != nil {
		schema = append(schema, member{"minimum", *f.Min})
	}
	if f.Max != nil {
		schema = append(schema, member{"maximum", *f.Max})
	}
	return schema
}

// sharedSchemas are all that operations refer to.
func sharedSchemas(tables []*resource.Table, routes []route) object {
	var all object
	for _, t := range tables {
		name := singular(t)
		all = append(all,
			member{name, rowSchema(t)},
			member{name + "View", viewSchema(t)},
			member{name + "Create", inputSchema(t, "What a new row is given. Absent members take their defaults", true, nil)},
			member{name + "Patch", inputSchema(t, "What changes of a row", false, nil)})
	}
	for _, r := range routes {
		if r.kind == kindCreate && r.relation != nil {
			all = append(all, member{singular(r.parent) + plural(r.relation.Name) + "Create",
				inputSchema(r.table, "What a new row is given. Absent members take their defaults, and the path says what "+r.relation.Field.Name+" is", true, r.relation.Field)})
		}
	}
	return append(all, serviceSchemas()...)
}

// rowProperties are the members of a row.
func rowProperties(t *resource.Table) object {
	var properties object
	for _, f := range t.Fields {
		schema := columnSchema(f)
		if f.ReadOnly {
			schema = append(schema, member{"readOnly", true})
		}
		properties = append(properties, member{f.Name, schema})
	}
	return properties
}

// rowSchema is a whole row.
func rowSchema(t *resource.Table) object {
	properties := rowProperties(t)
	var required array
	for _, p := range properties {
		required = append(required, p.name)
	}
	return object{{"description", "A row of " + t.Name}, {"type", "object"}, {"properties", properties}, {"required", required}}
}

// viewSchema is what of a row is shown.
func viewSchema(t *resource.Table) object {
	properties := rowProperties(t)
	for _, r := range t.Relations {
		schema := ref("schemas", singular(r.Table))
		switch {
		case r.Many:
			schema = arrayOf(schema)
		case r.Field.Nullable:
			schema = object{{"anyOf", array{schema, object{{"type", "null"}}}}}
		}
		properties = append(properties, member{r.Name, schema})
	}
	return object{{"description", "A row of " + t.Name + " as it is read: all its members or those of `fields`, and those of `include`"},
		{"type", "object"}, {"properties", properties}}
}

// inputSchema is what a body says of a row. Of the fixed field, and of those that
// are the server's, the body is not asked; it may have them all the same.
func inputSchema(t *resource.Table, text string, whole bool, fixed *resource.Field) object {
	var properties object
	var required array
	for _, f := range t.Fields {
		schema := memberSchema(f)
		if whole && f.Default != nil {
			schema = append(schema, member{"default", f.Default})
		}
		if f.ReadOnly || f == fixed {
			schema = append(schema, member{"readOnly", true})
		}
		properties = append(properties, member{f.Name, schema})
		if whole && f.Required() && f != fixed {
			required = append(required, f.Name)
		}
	}
	schema := object{{"description", text}, {"type", "object"}, {"properties", properties}}
	if required != nil {
		schema = append(schema, member{"required", required})
	}
	return append(schema, member{"additionalProperties", false})
}

// serviceSchemas are those of no table.
func serviceSchemas() object {
	return object{
		{"Affected", object{
			{"description", "What a write to many rows concerned"},
			{"type", "object"},
			{"properties", object{{"affected", object{{"type", "integer"}, {"format", "int64"}, {"minimum", 0}}}}},
			{"required", array{"affected"}},
		}},
		{"Index", object{
			{"type", "object"},
			{"properties", object{
				{"tables", arrayOf(object{
					{"type", "object"},
					{"properties", object{{"name", object{{"type", "string"}}}, {"path", object{{"type", "string"}}}}},
					{"required", array{"name", "path"}},
				})},
				{"docs", object{{"type", "string"}}},
				{"openapi", object{{"type", "string"}}},
			}},
			{"required", array{"tables", "docs", "openapi"}},
		}},
		{"Status", object{
			{"type", "object"},
			{"properties", object{{"status", object{{"type", "string"}, {"enum", array{"ok"}}}}, {"schema", object{{"type", "string"}, {"description", "The latest migration"}}}}},
			{"required", array{"status"}},
		}},
		{"Problem", object{
			{"description", "An error (RFC 9457)"},
			{"type", "object"},
			{"properties", object{
				{"type", object{{"type", "string"}, {"format", "uri-reference"}, {"default", "about:blank"}}},
				{"title", object{{"type", "string"}, {"description", "The status in words"}}},
				{"status", object{{"type", "integer"}, {"minimum", 400}, {"maximum", 599}}},
				{"detail", object{{"type", "string"}, {"description", "What is wrong, for people"}}},
				{"request_id", object{{"type", "string"}, {"description", "What the log has it under"}}},
				{"error", object{{"type", "string"}, {"description", "The same as detail"}}},
				{"errors", arrayOf(ref("schemas", "Fault"))},
			}},
			{"required", array{"type", "title", "status", "detail", "request_id", "error"}},
		}},
		{"Fault", object{
			{"description", "One thing at fault: a member of the body, or a parameter or header"},
			{"type", "object"},
			{"properties", object{
				{"field", object{{"type", "string"}, {"description", "The member; of an array, such as [3].title"}}},
				{"param", object{{"type", "string"}, {"description", "The parameter or header"}}},
				{"code", object{{"type", "string"}, {"description", "What is wrong, for programs"}}},
				{"detail", object{{"type", "string"}, {"description", "What is wrong, for people"}}},
			}},
			{"required", array{"code", "detail"}},
		}},
	}
}

func arrayOf(schema object) object { return object{{"type", "array"}, {"items", schema}} }

// oneOrMany is a row, or an array of as many as a create takes.
func oneOrMany(schema object) object {
	many := append(arrayOf(schema), member{"minItems", 1}, member{"maxItems", resource.MaxRows})
	return object{{"oneOf", array{schema, many}}}
}

// jsonContent is a body of JSON.
func jsonContent(schema object) object {
	return object{{"application/json", object{{"schema", schema}}}}
}

// patchBody is a merge patch, under its own media type and under that of JSON.
func patchBody(row string) object {
	schema := object{{"schema", ref("schemas", row+"Patch")}}
	return object{{"application/merge-patch+json", schema}, {"application/json", schema}}
}
