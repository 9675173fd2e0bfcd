package httpapi

import (
	"strings"

	"slipway/internal/resource"
)

// generatedKey reports whether the key is one id that the database generates.
func generatedKey(t *resource.Table) bool { return t.Auto != nil && len(t.Key) == 1 }

// keyParameter returns a reference to the parameter in a path with the key of a row of t: id, or other for the second
// row in the path.
func (d *document) keyParameter(t *resource.Table, name string) object {
	if generatedKey(t) && name == "id" {
		return d.parameter("id")
	}
	return d.parameter(t.Name + keySuffix[name])
}

// keySuffix is the end of the name of a component: the key in the path as id, or as other. A filter can have the name
// of the table and id.
var keySuffix = map[string]string{"id": "_key", "other": "_other"}

// keyParameters returns the parameters with a key.
func (d *document) keyParameters(tables []*resource.Table) object {
	var all object
	add := func(key, name, text string, schema object) {
		all = append(all, member{d.parameterName(key), object{{"name", name}, {"in", "path"}, {"required", true},
			{"description", text}, {"schema", schema}}})
	}
	generated := object{{"type", "integer"}, {"format", "int64"}, {"minimum", 1}}
	shared := false
	for _, t := range tables {
		if generatedKey(t) && !shared {
			shared = true
			add("id", "id", "The id of the row", generated)
		}
	}
	for _, t := range tables {
		text, schema := describedKey(t)
		if generatedKey(t) {
			text, schema = "The id of the row", generated
		} else if len(t.Key) > 0 {
			add(t.Name+keySuffix["id"], "id", text, schema)
		}
		if isLinked(t) {
			add(t.Name+keySuffix["other"], "other", text, schema)
		}
	}
	return all
}

// isLinked reports whether a row of t can be the second one in a path, such as /films/1/actors/5.
func isLinked(t *resource.Table) bool {
	for _, r := range t.Relations {
		if r.Through != nil {
			return true
		}
	}
	return false
}

// describedKey returns the description and the schema of a key in a path.
func describedKey(t *resource.Table) (text string, schema object) {
	if len(t.Key) == 0 {
		return "", nil
	}
	const escapes = ". Escapes, before percent-encoding: `~0` is `~`, `~1` is `/`, `~2` is `,`, `~3` is `?`, " +
		"`~4` is `%`, `~5` an empty value, `~6` the first `.` of `.` and `..`"
	if len(t.Key) == 1 {
		f := t.Key[0]
		if schema = columnSchema(f); f.Type == resource.Text {
			return "The `" + f.Name + "` of the row" + escapes, schema
		}
		return "The `" + f.Name + "` of the row", schema
	}
	names := make([]string, len(t.Key))
	for i, f := range t.Key {
		names[i] = f.Name
	}
	return "The key of the row: `" + strings.Join(names, ",") + "`" + escapes, object{{"type", "string"},
		{"pattern", "^[^,]+(,[^,]+)*$"}}
}
