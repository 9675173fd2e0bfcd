package ddl

import (
	"fmt"
	"reflect"
	"slices"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// validate looks over a table of MySQL when a statement is done with it, for
// what the server would refuse.
func (w *work) validate() error {
	t := w.t
	seen := map[string]bool{}
	counters := 0
	for _, c := range t.columns {
		if seen[fold(c.name)] {
			return fmt.Errorf("table %q has two columns %q", t.name, c.name)
		}
		seen[fold(c.name)] = true
		if c.autoIncrement {
			counters++
			if !slices.ContainsFunc(t.all(), func(i *index) bool { return same(i.parts[0].column, c.name) }) {
				return fmt.Errorf("column %q of table %q is AUTO_INCREMENT and needs an index that begins with it", c.name, t.name)
			}
		}
	}
	if counters > 1 {
		return fmt.Errorf("table %q has two AUTO_INCREMENT columns", t.name)
	}
	if err := w.validatePrimary(); err != nil {
		return err
	}
	for _, i := range t.all() {
		for _, p := range i.parts {
			if c := t.column(p.column); c != nil && i.kind == "BTREE" {
				if long(c.typ) && p.length == 0 {
					return fmt.Errorf("the index %q of table %q needs a length for column %q, which is %s: %s(191)", i.name, t.name, c.name, c.raw, c.name)
				}
				if _, json := c.typ.(*schema.JSONType); json {
					return fmt.Errorf("the index %q of table %q cannot be on column %q, which is json", i.name, t.name, c.name)
				}
			}
		}
	}
	for _, k := range t.keys {
		if err := w.validateKey(t, k); err != nil {
			return err
		}
	}
	if w.old.name != t.name || len(w.old.columns) == 0 || w.state.unchecked {
		return nil
	}
	// Others may refer to what was here.
	var err error
	w.eachTable(func(child *table) {
		for _, k := range child.keys {
			if k.table == t.name && child.name != t.name && err == nil {
				err = w.validateReference(child, k, t)
			}
		}
	})
	return err
}

func (w *work) validatePrimary() error {
	if w.t.primary == nil {
		return nil
	}
	for _, p := range w.t.primary.parts {
		n := w.t.columnAt(p.column)
		if n < 0 {
			return fmt.Errorf("table %q has no column %q for its primary key", w.t.name, p.column)
		}
		if has(w.nullable, p.column) {
			return fmt.Errorf("column %q of table %q cannot be NULL: it is in the primary key", p.column, w.t.name)
		}
		if c := w.t.columns[n]; c.null {
			one := *c
			one.null = false
			w.latest[c] = &one
			w.t.columns[n] = &one
		}
	}
	return nil
}

// long says whether a type is one that an index takes a part of only.
func long(t schema.Type) bool {
	switch t := t.(type) {
	case *schema.StringType:
		return t.T != mysql.TypeVarchar && t.T != mysql.TypeChar
	case *schema.BinaryType:
		return t.T != mysql.TypeVarBinary && t.T != mysql.TypeBinary
	}
	return false
}

// validateKey looks at a foreign key from its own side.
func (w *work) validateKey(t *table, k *foreignKey) error {
	for _, name := range k.columns {
		c := t.column(name)
		if c == nil {
			return fmt.Errorf("table %q has no column %q for the foreign key %q", t.name, name, k.name)
		}
		if (k.onDelete == schema.SetNull || k.onUpdate == schema.SetNull) && !c.null {
			return fmt.Errorf("column %q of table %q cannot be NOT NULL: the foreign key %q sets it to NULL", name, t.name, k.name)
		}
	}
	if !slices.ContainsFunc(t.all(), func(i *index) bool { return i.leads(k.columns) }) {
		return fmt.Errorf("the foreign key %q of table %q needs the index on its columns", k.name, t.name)
	}
	for _, c := range t.checks {
		for _, name := range k.columns {
			if k.writes() && mentions(MySQL, c.expr, name) {
				return fmt.Errorf("the check %q of table %q cannot be on column %q, which the foreign key %q writes to", c.name, t.name, name, k.name)
			}
		}
	}
	parent := t
	if k.table != t.name {
		parent = w.find(k.table)
	} else if slices.EqualFunc(k.columns, k.refColumns, same) {
		return fmt.Errorf("the foreign key %q of table %q refers to its own columns", k.name, t.name)
	}
	if parent == nil {
		if w.state.unchecked || w.state.vague || w.isOther(k.table) == opaque {
			return nil
		}
		return w.noTable(k.table)
	}
	if w.state.unchecked {
		return nil
	}
	return w.validateReference(t, k, parent)
}

// writes says whether an action of a foreign key writes into its columns.
func (k *foreignKey) writes() bool {
	kept := func(a schema.ReferenceOption) bool { return a == schema.NoAction || a == schema.Restrict }
	return !kept(k.onUpdate) || !kept(k.onDelete) && k.onDelete != schema.Cascade
}

// validateReference looks at a foreign key from the side of the table it refers
// to.
func (w *work) validateReference(child *table, k *foreignKey, parent *table) error {
	columns := k.refColumns
	if len(columns) == 0 && parent.primary != nil {
		for _, p := range parent.primary.parts {
			columns = append(columns, p.column)
		}
	}
	if len(columns) != len(k.columns) {
		return fmt.Errorf("the foreign key %q of table %q has %d columns on one side and %d on the other", k.name, child.name, len(k.columns), len(columns))
	}
	for n, name := range columns {
		to, from := parent.column(name), child.column(k.columns[n])
		if to == nil {
			return fmt.Errorf("table %q has no column %q, to which the foreign key %q of table %q refers", parent.name, name, k.name, child.name)
		}
		if from != nil && !compatible(from, to) {
			return fmt.Errorf("the foreign key %q of table %q cannot be: column %q is %s, and column %q of table %q is %s",
				k.name, child.name, from.name, spelled(from), to.name, parent.name, spelled(to))
		}
	}
	if !slices.ContainsFunc(parent.all(), func(i *index) bool { return i.leads(columns) }) {
		return fmt.Errorf("table %q has no index on the columns to which the foreign key %q of table %q refers", parent.name, k.name, child.name)
	}
	return nil
}

func spelled(c *column) string {
	if c.collate != "" {
		return c.raw + " collate " + c.collate
	}
	return c.raw
}

// compatible says whether a foreign key can go from one column to another.
func compatible(a, b *column) bool {
	if reflect.TypeOf(a.typ) != reflect.TypeOf(b.typ) {
		return false
	}
	switch t := a.typ.(type) {
	case *schema.IntegerType:
		o := b.typ.(*schema.IntegerType)
		return t.T == o.T && t.Unsigned == o.Unsigned
	case *schema.StringType:
		return a.collate == b.collate
	}
	return true
}
