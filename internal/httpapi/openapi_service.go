package httpapi

// serviceSchemas returns the schemas that belong to no table.
func (d *document) serviceSchemas() object {
	text := object{{"type", "string"}}
	described := func(s string) object { return object{{"type", "string"}, {"description", s}} }
	table := structOf("", object{{"name", text}, {"path", text}}, "name", "path")
	return object{
		{d.schemaName("Affected"), structOf("The result of a bulk write: the number of rows that matched", object{
			{"affected", object{{"type", "integer"}, {"format", "int64"}, {"minimum", 0}}},
		}, "affected")},
		{d.schemaName("Index"), structOf("", object{
			{"tables", arrayOf(table)}, {"docs", text}, {"openapi", text},
		}, "tables", "docs", "openapi")},
		{d.schemaName("Status"), structOf("", object{
			{"status", object{{"type", "string"}, {"enum", array{"ok"}}}},
			{"schema", described("The version of the latest migration")},
		}, "status")},
		{d.schemaName("Problem"), structOf("An error (RFC 9457)", object{
			{"type", object{{"type", "string"}, {"format", "uri-reference"}}},
			{"title", described("The name of the status")},
			{"status", object{{"type", "integer"}, {"minimum", 400}, {"maximum", 599}}},
			{"detail", described("What is wrong, for people")},
			{"request_id", described("The id of the request, as in the log")},
			{"error", described("The same as detail")},
			{"errors", arrayOf(d.schema("Fault"))},
		}, "type", "title", "status", "detail", "request_id", "error")},
		{d.schemaName("Fault"), structOf("An error in a member of the body, a parameter or a header", object{
			{"field", described("The member. In an array, such as [3].title")},
			{"param", described("The parameter or header")},
			{"code", described("What is wrong, for programs")},
			{"detail", described("What is wrong, for people")},
		}, "code", "detail")},
	}
}

// structOf returns the schema of an object with these members.
func structOf(text string, properties object, required ...any) object {
	schema := object{{"type", "object"}, {"properties", properties}, {"required", array(required)}}
	if text == "" {
		return schema
	}
	return append(object{{"description", text}}, schema...)
}
