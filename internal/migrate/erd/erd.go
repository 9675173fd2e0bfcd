// Package erd draws a schema as an entity-relationship diagram: a Mermaid erDiagram or a
// standalone SVG. The same schema always returns the same bytes, and any name is valid. The
// package may not import database drivers. Of slipway it may import only package schema.
//
// The package computes the layout of the SVG itself. github.com/goccy/go-graphviz v0.2.10
// compiles its WebAssembly in an init function. So every command would start slower, and
// load machine code from the temporary directory, which another user can have written.
package erd

import (
	"cmp"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// column is a line of a table in a diagram.
type column struct {
	name, typ string
	keys      []string // PK, FK and UK
	nullable  bool
}

// relation is a foreign key. child and parent are indexes of tables in the schema.
type relation struct {
	child, parent int
	key           *schema.ForeignKey
	// optional means that a column of the key is nullable, so a child can have no parent.
	optional bool
	// single means that the key is unique, so a parent has at most one child.
	single bool
}

// relationsOf returns the foreign keys between the tables of a schema, in the order of the
// tables. It omits foreign keys to other schemas.
func relationsOf(s *schema.Schema) []relation {
	var all []relation
	for child, t := range s.Tables {
		for _, fk := range t.ForeignKeys {
			parent := slices.Index(s.Tables, fk.RefTable)
			if parent < 0 || len(fk.Columns) == 0 || len(fk.RefColumns) == 0 {
				continue
			}
			r := relation{child: child, parent: parent, key: fk, single: isUnique(t, fk.Columns)}
			for _, c := range fk.Columns {
				r.optional = r.optional || c.Type.Null
			}
			all = append(all, r)
		}
	}
	return all
}

// columnsOf returns the columns of a table.
func columnsOf(t *schema.Table) []column {
	columns := make([]column, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = column{name: c.Name, typ: typeName(c), nullable: c.Type.Null}
		if t.PrimaryKey != nil && slices.Contains(parts(t.PrimaryKey), c) {
			columns[i].keys = append(columns[i].keys, "PK")
		}
		refers := func(fk *schema.ForeignKey) bool { return slices.Contains(fk.Columns, c) }
		if slices.ContainsFunc(t.ForeignKeys, refers) {
			columns[i].keys = append(columns[i].keys, "FK")
		}
		alone := func(x *schema.Index) bool { return x.Unique && slices.Equal(parts(x), []*schema.Column{c}) }
		if slices.ContainsFunc(t.Indexes, alone) {
			columns[i].keys = append(columns[i].keys, "UK")
		}
	}
	return columns
}

// isUnique reports whether rows have unique values in these columns: the primary key or a
// unique index has no other columns.
func isUnique(t *schema.Table, columns []*schema.Column) bool {
	within := func(x *schema.Index) bool {
		return !slices.ContainsFunc(parts(x), func(c *schema.Column) bool { return !slices.Contains(columns, c) })
	}
	return t.PrimaryKey != nil && within(t.PrimaryKey) ||
		slices.ContainsFunc(t.Indexes, func(x *schema.Index) bool { return x.Unique && within(x) })
}

// parts returns the columns of an index, with nil for an expression.
func parts(x *schema.Index) []*schema.Column {
	columns := make([]*schema.Column, len(x.Parts))
	for i, p := range x.Parts {
		columns[i] = p.C
	}
	return columns
}

// typeName returns the SQL type of a column, such as varchar(80) or bigint unsigned.
func typeName(c *schema.Column) string {
	name, err := mysql.FormatType(c.Type.Type)
	if err != nil {
		name = ""
	}
	return cmp.Or(name, c.Type.Raw, "unknown")
}

// names returns the names of columns, separated by commas: "a, b".
func names(columns []*schema.Column) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c.Name
	}
	return strings.Join(all, ", ")
}
