package openapi

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/internal/resource"
	"slipway/internal/test/dbtest/blog"
)

// walked returns the operations to walk: those of tables, and those of the service with the tables of package blog.
func (w *walk) walked() []operation {
	return slices.DeleteFunc(w.operations(), func(o operation) bool {
		return w.tableOf(o) == nil && w.tables[0] != blog.Tables[0]
	})
}

// firstTable returns the table at the beginning of a path, or nil.
func (w *walk) firstTable(o operation) *resource.Table {
	i := slices.IndexFunc(w.tables, func(t *resource.Table) bool { return t.Name == strings.Split(o.path, "/")[1] })
	if i < 0 {
		return nil
	}
	return w.tables[i]
}

// tableOf returns the table whose rows an operation reads or writes, or nil.
func (w *walk) tableOf(o operation) *resource.Table {
	t, parts := w.firstTable(o), strings.Split(o.path, "/")
	if t != nil && len(parts) > 3 {
		return t.Relation(parts[3]).Table
	}
	return t
}

// newRow creates a row and returns the last segment of its path.
func (w *walk) newRow(table string) string {
	t := w.tables[slices.IndexFunc(w.tables, func(t *resource.Table) bool { return t.Name == table })]
	schema := w.at(w.root, "paths", "/"+table, "post", "requestBody", "content", "application/json", "schema")
	got := w.api.Must(http.StatusCreated, "POST", "/"+table, encode(w.t, w.newBody(t, schema)))
	decoder := json.NewDecoder(strings.NewReader(got.Body))
	decoder.UseNumber()
	var row map[string]any
	if err := decoder.Decode(&row); err != nil {
		w.t.Fatal(err)
	}
	w.rows[table] = row
	location := got.Header.Get("Location")
	return location[strings.LastIndexByte(location, '/')+1:]
}

// parent returns a row of the table of a foreign key. If the key is unique, it is a new row.
func (w *walk) parent(k *resource.ForeignKey) map[string]any {
	name := k.Table.Name
	unique := slices.ContainsFunc(k.Fields, func(f *resource.Field) bool { return f.InKey || f.Unique != "" })
	if unique || w.parents[name] == nil {
		w.newRow(name)
		w.parents[name] = w.rows[name]
		delete(w.rows, name)
	}
	return w.parents[name]
}

// newBody returns a valid body with new values, which references rows of other tables. The table may be nil.
func (w *walk) newBody(t *resource.Table, schema any) any {
	w.n++
	n := w.n
	body := w.sample(schema, n)
	row, ok := body.(map[string]any)
	if !ok || t == nil {
		return body
	}
	for _, f := range t.Fields {
		if _, has := row[f.Name]; has && (f.InKey || f.Unique != "") && f.Custom() {
			row[f.Name] = distinct(f, row[f.Name], n)
		}
	}
	for _, f := range t.Key {
		switch _, has := row[f.Name]; {
		case !has:
		case f.Type == resource.Integer && f.Min != nil && *f.Min > 0: // a year
			row[f.Name] = int(*f.Min) + n%200
		case f.Type == resource.Integer || f.Type == resource.Number:
			row[f.Name] = n % 30_000 // a smallint
		}
	}
	for _, k := range t.ForeignKeys {
		var parent map[string]any
		if _, has := row[k.Fields[0].Name]; has && k.Table != t {
			parent = w.parent(k)
		}
		for i, f := range k.Fields {
			if _, has := row[f.Name]; !has {
				continue
			}
			if k.Table == t { // a row cannot reference itself
				delete(row, f.Name)
				continue
			}
			row[f.Name] = parent[k.Refs[i].Name]
		}
	}
	return row
}

// distinct returns a value of a type that is not a basic one, which differs for each n if there are enough.
func distinct(f *resource.Field, example any, n int) any {
	switch f.Type {
	case resource.Decimal:
		_, after, _ := f.Decimal()
		return fmt.Sprintf("%d.%0*d", n, after, 0)
	case resource.Unsigned:
		return n
	case resource.Day:
		return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case resource.TimeOfDay:
		return fmt.Sprintf("%02d:%02d:%02d", n/3600, n/60%60, n%60)
	case resource.Identifier:
		return fmt.Sprintf("%08x-7d3c-7c1e-9f2a-3b4c5d6e7f80", n)
	case resource.Binary:
		return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, uint32(n)))
	}
	return example
}

// hasYearZero reports whether a body has the year 0, which the document leaves out: MySQL has it besides 1901 to 2155.
func hasYearZero(t *resource.Table, body any) bool {
	row, _ := body.(map[string]any)
	return t != nil && slices.ContainsFunc(t.Fields, func(f *resource.Field) bool {
		return f.Min != nil && *f.Min == 1901 && (row[f.Name] == any(0) || row[f.Name] == any(0.0))
	})
}

// hasNumber reports whether a body has a decimal as a number: the document only describes texts.
func hasNumber(t *resource.Table, body any) bool {
	row, _ := body.(map[string]any)
	return t != nil && slices.ContainsFunc(t.Fields, func(f *resource.Field) bool {
		switch row[f.Name].(type) {
		case int, float64:
			return f.Type == resource.Decimal
		}
		return false
	})
}

// isNarrower reports whether a body has what its schema cannot exclude: null for a document that must not be null, or a
// text with more bytes than the column.
func isNarrower(t *resource.Table, body any) bool {
	row, _ := body.(map[string]any)
	return t != nil && slices.ContainsFunc(t.Fields, func(f *resource.Field) bool {
		value, has := row[f.Name]
		text, _ := value.(string)
		return has && value == nil && f.Type == resource.Document && !f.Nullable || f.Bytes > 0 && len(text) > f.Bytes
	})
}

// plain returns a value of a row as text in a query.
func plain(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	}
	return string(value.(json.Number))
}
