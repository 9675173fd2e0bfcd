// Package erd draws a schema as an entity-relationship diagram: as the text of a
// Mermaid erDiagram, or as an SVG that stands for itself.
//
// It is pure: it reads no file and no database, the same schema gives the same
// bytes, and no name in a schema can break the drawing.
//
// The layout of the SVG is our own because github.com/goccy/go-graphviz v0.2.10,
// Graphviz without C, compiles its WebAssembly in an init function: every command
// of a program that links it starts later, and loads machine code from
// go-graphviz in the temporary directory, which another user may have written.
package erd

import (
	"cmp"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// column is one line of a table in a diagram.
type column struct {
	name, typ string
	keys      []string // of PK, FK and UK
	nullable  bool
}

// relation is a foreign key: child and parent are places in the schema's tables.
type relation struct {
	child, parent int
	key           *schema.ForeignKey
	// optional says that a row of the child may have no parent: a column of the
	// key may be NULL.
	optional bool
	// single says that a parent has at most one such child: the key is unique.
	single bool
}

// relationsOf returns the foreign keys between the schema's tables, in the order of
// the tables. One that refers to a table of another schema is left out.
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

// columnsOf returns the lines of a table.
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

// isUnique says whether no two rows have the same values in these columns: the
// primary key, or a unique index, has no column besides them.
func isUnique(t *schema.Table, columns []*schema.Column) bool {
	within := func(x *schema.Index) bool {
		return !slices.ContainsFunc(parts(x), func(c *schema.Column) bool { return !slices.Contains(columns, c) })
	}
	return t.PrimaryKey != nil && within(t.PrimaryKey) ||
		slices.ContainsFunc(t.Indexes, func(x *schema.Index) bool { return x.Unique && within(x) })
}

// parts are the columns of an index; nil stands for a part that is an expression.
func parts(x *schema.Index) []*schema.Column {
	columns := make([]*schema.Column, len(x.Parts))
	for i, p := range x.Parts {
		columns[i] = p.C
	}
	return columns
}

// typeName is the type as SQL has it: varchar(80), bigint unsigned.
func typeName(c *schema.Column) string {
	name, err := mysql.FormatType(c.Type.Type)
	if err != nil {
		name = ""
	}
	return cmp.Or(name, c.Type.Raw, "unknown")
}

// names joins the names of columns: "a, b".
func names(columns []*schema.Column) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c.Name
	}
	return strings.Join(all, ", ")
}
