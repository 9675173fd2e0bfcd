// Package rowtypes generates the row types of package app from schema.hcl: a struct with
// tags for GORM and package resource for each served table, and the list of all tables.
//
// Of slipway it may import only package schema, so that it works even if the generated code
// does not compile.
package rowtypes

import (
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/schema"
)

// Source is a generated file.
type Source struct {
	// Text is Go code in the format of gofmt. The same schema.hcl always generates the same
	// text.
	Text []byte
	// Notes has messages for the developer: tables and columns that are not served, and
	// names that do not follow from the usual rules.
	Notes []string
}

// Generate returns the row types for the text of a schema.hcl, as a file of the package
// pkg. file is the name of the text in errors.
//
// It returns the errors of [schema.MySQL]. They start with the file, the line and the column.
func Generate(pkg, file string, text []byte) (Source, error) {
	s, err := schema.MySQL(file, text)
	if err != nil {
		return Source{}, err
	}
	g := generator{typeNames: names{"Tables": true}, tables: map[string]*table{}}
	for _, t := range s.Tables {
		if Reserved(t.Name) {
			g.note("%s is not served: the API uses the path /%s itself", t.Name, t.Name)
			continue
		}
		g.add(t)
	}
	for _, t := range g.order {
		t.nameForeignKeys(g.tables)
	}
	for _, t := range g.order {
		t.nameInverses(&g)
	}
	code, err := g.write(pkg)
	return Source{Text: code, Notes: g.notes}, err
}

// Reserved reports whether the API uses the path of a table itself, so that the table cannot
// be served.
func Reserved(table string) bool {
	return slices.Contains([]string{"docs", "healthz", "readyz", "_", "openapi.json"}, table)
}

// ownTable is the table of slipway itself, which the API does not serve.
const ownTable = "idempotency_keys"

// generator collects the content of the file.
type generator struct {
	notes     []string
	typeNames names
	order     []*table
	tables    map[string]*table // by their names in the database
}

func (g *generator) note(format string, args ...any) {
	g.notes = append(g.notes, fmt.Sprintf(format, args...))
}

// table is a served table.
type table struct {
	*atlas.Table
	goName     string
	fields     []*field
	fieldNames names
	relations  []*relation
	// readOnly means that the API cannot create rows.
	readOnly bool
	// members are the names of columns and relations, which are members of the same JSON
	// object.
	members names
}

// add adds a table if it can be served. Otherwise it adds a note with the reason.
func (g *generator) add(t *atlas.Table) {
	if t.Name == ownTable {
		return
	}
	if reason := unserved(t); reason != "" {
		g.note("%s is not served: %s", t.Name, reason)
		return
	}
	made := &table{Table: t, members: names{},
		fieldNames: names{"TableName": true, "Rules": true, "ReadOnlyTable": true}}
	single, usual := singularName(t.Name)
	plural, _ := goName(t.Name)
	made.goName = g.typeNames.take(single, plural)
	if !usual || made.goName != single {
		g.note("%s: its type is called %s", t.Name, made.goName)
	}
	for _, c := range t.Columns {
		reason := unservedColumn(c)
		if reason == "" {
			g.addField(made, c)
			continue
		}
		g.note("%s.%s is not served: %s", t.Name, c.Name, reason)
		if !c.Type.Null && c.Default == nil && !isGenerated(c) && !made.readOnly {
			made.readOnly = true
			g.note("%s is read-only: a new row requires %s, which has no default", t.Name, c.Name)
		}
	}
	g.order = append(g.order, made)
	g.tables[t.Name] = made
}

// unserved returns why a table is not served, or "" if it is served.
func unserved(t *atlas.Table) string {
	if words := strings.Split(t.Name, " "); slices.Contains(words, "") || slices.ContainsFunc(words, hasNotInPath) {
		return "its name is not valid in a path; use letters, digits, _, - and blanks between them"
	}
	for _, c := range keyOf(t) {
		if reason := unservedColumn(c); reason != "" {
			return fmt.Sprintf("its key contains %s, and %s", c.Name, reason)
		}
	}
	return ""
}

// keyOf returns the columns of the primary key, in its order.
func keyOf(t *atlas.Table) (columns []*atlas.Column) {
	if t.PrimaryKey == nil {
		return nil
	}
	for _, p := range t.PrimaryKey.Parts {
		if p.C != nil { // always: schema.hcl has columns only
			columns = append(columns, p.C)
		}
	}
	return columns
}

func isAutoIncrement(c *atlas.Column) bool { return schema.HasAttr[*mysql.AutoIncrement](c.Attrs) }

func isGenerated(c *atlas.Column) bool { return schema.HasAttr[*atlas.GeneratedExpr](c.Attrs) }

// isClock reports whether a column has ON UPDATE CURRENT_TIMESTAMP.
func isClock(c *atlas.Column) bool { return schema.HasAttr[*mysql.OnUpdate](c.Attrs) }
