package ddl

import (
	"slices"

	"ariga.io/atlas/sql/schema"
)

// copy copies a schema for comparing: Atlas writes into what it compares. What
// refers to another object refers to its copy.
func (c *comparison) copy(s *schema.Schema) *schema.Schema {
	made := &schema.Schema{}
	tables := map[*schema.Table]*schema.Table{}
	for _, t := range s.Tables {
		if t.Name == revisions {
			continue
		}
		one := &schema.Table{Name: t.Name, Schema: made, Attrs: slices.Clone(t.Attrs)}
		c.original[one], tables[t] = t, one
		made.Tables = append(made.Tables, one)
	}
	for _, t := range s.Tables {
		if one := tables[t]; one != nil {
			c.copyTable(t, one)
		}
	}
	for _, t := range s.Tables {
		one := tables[t]
		if one == nil {
			continue
		}
		for _, k := range t.ForeignKeys {
			one.ForeignKeys = append(one.ForeignKeys, c.copyKey(k, one, tables))
		}
	}
	return made
}

func (c *comparison) copyTable(t, one *schema.Table) {
	for _, column := range t.Columns {
		n := *column
		typ := *column.Type
		typ.Type = copyType(typ.Type)
		n.Type, n.Attrs, n.Indexes, n.ForeignKeys = &typ, slices.Clone(column.Attrs), nil, nil
		c.original[&n] = column
		one.Columns = append(one.Columns, &n)
	}
	if t.PrimaryKey != nil {
		one.PrimaryKey = c.copyIndex(t.PrimaryKey, one)
	}
	for _, i := range t.Indexes {
		one.Indexes = append(one.Indexes, c.copyIndex(i, one))
	}
	for n, a := range one.Attrs {
		if check, ok := a.(*schema.Check); ok {
			k := *check
			k.Attrs = slices.Clone(check.Attrs)
			c.original[&k] = check
			one.Attrs[n] = &k
		}
	}
}

func (c *comparison) copyIndex(i *schema.Index, t *schema.Table) *schema.Index {
	n := &schema.Index{Name: i.Name, Unique: i.Unique, Table: t, Attrs: slices.Clone(i.Attrs)}
	c.original[n] = i
	for _, p := range i.Parts {
		one := &schema.IndexPart{SeqNo: p.SeqNo, Desc: p.Desc, X: copyExpr(p.X), Attrs: slices.Clone(p.Attrs)}
		if p.C != nil {
			one.C, _ = column0(t, p.C.Name)
		}
		n.Parts = append(n.Parts, one)
	}
	return n
}

func (c *comparison) copyKey(k *schema.ForeignKey, t *schema.Table, tables map[*schema.Table]*schema.Table) *schema.ForeignKey {
	n := *k
	n.Table, n.Columns, n.RefColumns, n.Attrs = t, nil, slices.Clone(k.RefColumns), slices.Clone(k.Attrs)
	if ref := tables[k.RefTable]; ref != nil {
		n.RefTable = ref
	}
	for _, column := range k.Columns {
		if one, ok := column0(t, column.Name); ok {
			n.Columns = append(n.Columns, one)
		}
	}
	c.original[&n] = k
	return &n
}
