// Package rowtypes writes the row types of package app from schema.hcl: for each table
// that is served a struct, as GORM and package resource read it, and the list of all.
//
// It works on text alone and returns text; it does not import what that text imports.
// Of slipway it imports schema, which reads schema.hcl.
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
	// Text is Go, as gofmt writes it. The same schema.hcl has the same text every time.
	Text []byte
	// Notes say what a developer should know, one sentence each: tables and columns
	// that are not served, and names that had to be chosen.
	Notes []string
}

// Generate returns the row types of the tables in the text of a schema.hcl, as one
// file of a package. file is the name that errors have for the text.
//
// Errors name the file, the line and the column: those of [schema.MySQL], and a table
// whose path the API has for something else.
func Generate(pkg, file string, text []byte) (Source, error) {
	s, err := schema.MySQL(file, text)
	if err != nil {
		return Source{}, err
	}
	g := generator{typeNames: names{"Tables": true}, tables: map[string]*table{}}
	for _, t := range s.Tables {
		if slices.Contains(reserved, t.Name) {
			err := fmt.Errorf("table %q cannot be served: the API has something else at /%s; choose another name",
				t.Name, t.Name)
			return Source{}, schema.At(file, text, err)
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

// reserved are the names at which the API has something other than a table.
var reserved = []string{"docs", "healthz", "readyz", "_", "openapi.json"}

// ownTable is slipway's, and never served.
const ownTable = "idempotency_keys"

// generator collects what the file says.
type generator struct {
	notes     []string
	typeNames names
	order     []*table
	tables    map[string]*table // by their names in the database
}

func (g *generator) note(format string, args ...any) {
	g.notes = append(g.notes, fmt.Sprintf(format, args...))
}

// table is one table that is served.
type table struct {
	*atlas.Table
	goName     string
	fields     []*field
	fieldNames names
	relations  []*relation
	// members are the names of columns and relations, which share an object in JSON.
	members names
}

// add takes a table up if it can be served, or notes why not.
func (g *generator) add(t *atlas.Table) {
	if t.Name == ownTable {
		return
	}
	if reason := unserved(t); reason != "" {
		g.note("%s is not served: %s", t.Name, reason)
		return
	}
	made := &table{Table: t, fieldNames: names{"TableName": true, "Rules": true}, members: names{}}
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
	}
	g.order = append(g.order, made)
	g.tables[t.Name] = made
}

// unserved returns why a table is not served, "" for one that is. Its sentence goes
// on behind a colon.
func unserved(t *atlas.Table) string {
	if strings.ContainsFunc(t.Name, notInPath) {
		return "its name cannot be a path; use letters, digits, _ and -"
	}
	if !hasID(t) {
		return "its primary key is not an integer column id with auto_increment, and no other key is served yet"
	}
	for _, c := range t.Columns {
		if reason := unservedColumn(c); reason != "" && !c.Type.Null && c.Default == nil && !isGenerated(c) {
			return fmt.Sprintf("no row can be written without %s, which has no default, and %s", c.Name, reason)
		}
	}
	return ""
}

// hasID reports whether the primary key is an integer id that the database counts.
func hasID(t *atlas.Table) bool {
	if t.PrimaryKey == nil || len(t.PrimaryKey.Parts) != 1 {
		return false
	}
	c := t.PrimaryKey.Parts[0].C
	if c == nil || c.Name != "id" || c.Type.Null || !isAutoIncrement(c) {
		return false
	}
	typ, _ := typeOf(c.Type.Type)
	return typ == "int64"
}

func isAutoIncrement(c *atlas.Column) bool { return schema.HasAttr[*mysql.AutoIncrement](c.Attrs) }

func isGenerated(c *atlas.Column) bool { return schema.HasAttr[*atlas.GeneratedExpr](c.Attrs) }

// isClock reports whether MySQL sets a column to the time of every change.
func isClock(c *atlas.Column) bool { return schema.HasAttr[*mysql.OnUpdate](c.Attrs) }
