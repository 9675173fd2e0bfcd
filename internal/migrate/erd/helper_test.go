package erd_test

import (
	"fmt"
	"math/rand/v2"

	"ariga.io/atlas/sql/schema"
)

// table returns a table with the primary key id and these columns.
func table(name string, columns ...*schema.Column) *schema.Table {
	id := schema.NewIntColumn("id", "bigint")
	return schema.NewTable(name).AddColumns(append([]*schema.Column{id}, columns...)...).
		SetPrimaryKey(schema.NewPrimaryKey(id))
}

// refer adds a column to a table, and a foreign key from it to the first column of
// another.
func refer(from, to *schema.Table, name string, null bool) *schema.Column {
	c := schema.NewIntColumn(name, "bigint").SetNull(null)
	from.AddColumns(c)
	from.AddForeignKeys(schema.NewForeignKey(from.Name + "_" + name).AddColumns(c).SetRefTable(to).
		AddRefColumns(to.Columns[0]))
	return c
}

func schemaOf(tables ...*schema.Table) *schema.Schema { return schema.New("app").AddTables(tables...) }

// random returns a schema of n tables with random references. The same seed returns the same
// schema.
func random(n int, seed uint64) *schema.Schema {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	tables := make([]*schema.Table, n)
	for i := range tables {
		tables[i] = table(fmt.Sprintf("table_%d", i))
		for j := range r.IntN(12) {
			tables[i].AddColumns(
				schema.NewStringColumn(fmt.Sprintf("column_%d_%d", i, j), "varchar", schema.StringSize(r.IntN(200))))
		}
	}
	// A random number of references. Some of them close cycles.
	for range r.IntN(3*n + 1) {
		from, to := tables[r.IntN(n)], tables[r.IntN(n)]
		refer(from, to, fmt.Sprintf("key_%d", len(from.Columns)), r.IntN(2) == 0)
	}
	return schemaOf(tables...)
}
