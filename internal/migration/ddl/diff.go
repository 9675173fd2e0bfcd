package ddl

import (
	"fmt"
	"slices"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// revisions is Atlas's table of applied versions, which is no part of a schema.
const revisions = "atlas_schema_revisions"

// Diff says what has to change so that from becomes to, in Atlas's terms. What
// differs in spelling only is left out: how the server writes an expression, a
// type with two names, the index that MySQL makes for a foreign key, a table's
// counter. So are the order of columns and Atlas's table of applied versions.
//
// The schemas may be a State's, one that Atlas inspected, or one evaluated from
// HCL. Neither is changed; the changes name their objects. The error is Atlas's,
// for a type that it cannot compare.
func Diff(dialect string, from, to *schema.Schema) (changes []schema.Change, err error) {
	differ := mysql.DefaultDiff
	switch dialect {
	case MySQL:
	case SQLite:
		differ = sqlite.DefaultDiff
	default:
		return nil, fmt.Errorf("ddl: no dialect %q: use %s or %s", dialect, MySQL, SQLite)
	}
	c := &comparison{dialect: dialect, original: map[any]any{}, defaults: map[*schema.Column]string{}}
	a, b := c.copy(from), c.copy(to)
	c.settle(a, from, to)
	c.settle(b, to, from)
	c.pair(a, b)
	changes, err = differ.SchemaDiff(a, b, schema.DiffNormalized())
	if err != nil {
		return nil, fmt.Errorf("compare two schemas: %w", err)
	}
	changes = c.columns(a, b, changes)
	for _, one := range changes {
		c.restore(one)
	}
	return changes, nil
}

// comparison compares copies of two schemas, in which what may be spelled in two
// ways is spelled in one.
type comparison struct {
	dialect string
	// original leads from what was copied to what it is a copy of.
	original map[any]any
	// defaults are compared by themselves, not by Atlas.
	defaults map[*schema.Column]string
}

// columns adds to the changes what Atlas does not compare: AUTO_INCREMENT, ON
// UPDATE, and the defaults.
func (c *comparison) columns(from, to *schema.Schema, changes []schema.Change) []schema.Change {
	for _, b := range to.Tables {
		a, ok := from.Table(b.Name)
		if !ok {
			continue
		}
		var m *schema.ModifyTable
		for _, one := range changes {
			if o, ok := one.(*schema.ModifyTable); ok && o.T == b {
				m = o
			}
		}
		added := m == nil
		if added {
			m = &schema.ModifyTable{T: b}
		}
		for _, column := range b.Columns {
			if old, ok := a.Column(column.Name); ok {
				c.column(m, a, b, old, column)
			}
		}
		if added && len(m.Changes) > 0 {
			changes = append(changes, m)
		}
	}
	return changes
}

func (c *comparison) column(m *schema.ModifyTable, a, b *schema.Table, old, column *schema.Column) {
	var kind schema.ChangeKind
	if c.defaults[old] != c.defaults[column] {
		kind |= schema.ChangeDefault
	}
	if c.counts(a, old) != c.counts(b, column) || onUpdate(old) != onUpdate(column) {
		kind |= schema.ChangeAttr
	}
	if kind == schema.NoChange {
		return
	}
	for _, one := range m.Changes {
		if o, ok := one.(*schema.ModifyColumn); ok && o.To == column {
			o.Change |= kind
			return
		}
	}
	m.Changes = append(m.Changes, &schema.ModifyColumn{From: old, To: column, Change: kind})
}

// counts says whether a column is AUTO_INCREMENT.
func (c *comparison) counts(t *schema.Table, column *schema.Column) bool {
	for _, a := range column.Attrs {
		switch a.(type) {
		case *mysql.AutoIncrement, *sqlite.AutoIncrement:
			return true
		}
	}
	if c.dialect == MySQL || t.PrimaryKey == nil || len(t.PrimaryKey.Parts) != 1 || t.PrimaryKey.Parts[0].C != column {
		return false
	}
	// Atlas sees it in a column's definition only.
	for _, a := range t.Attrs {
		if create, ok := a.(*sqlite.CreateStmt); ok {
			all, err := tokens(SQLite, create.S, len(create.S)+1)
			return err == nil && slices.ContainsFunc(all, func(t token) bool { return t.is("AUTOINCREMENT") })
		}
	}
	return false
}

func onUpdate(c *schema.Column) string {
	for _, a := range c.Attrs {
		if u, ok := a.(*mysql.OnUpdate); ok {
			return canonical(MySQL, u.A)
		}
	}
	return ""
}

// restore puts the originals into a change.
func (c *comparison) restore(one schema.Change) {
	switch o := one.(type) {
	case *schema.ModifyTable:
		o.T = original(c, o.T)
		for _, inner := range o.Changes {
			c.restore(inner)
		}
	case *schema.AddTable:
		o.T = original(c, o.T)
	case *schema.DropTable:
		o.T = original(c, o.T)
	case *schema.AddColumn:
		o.C = original(c, o.C)
	case *schema.DropColumn:
		o.C = original(c, o.C)
	case *schema.ModifyColumn:
		o.From, o.To = original(c, o.From), original(c, o.To)
	case *schema.AddIndex:
		o.I = original(c, o.I)
	case *schema.DropIndex:
		o.I = original(c, o.I)
	case *schema.ModifyIndex:
		o.From, o.To = original(c, o.From), original(c, o.To)
	case *schema.AddPrimaryKey:
		o.P = original(c, o.P)
	case *schema.DropPrimaryKey:
		o.P = original(c, o.P)
	case *schema.ModifyPrimaryKey:
		o.From, o.To = original(c, o.From), original(c, o.To)
	case *schema.AddForeignKey:
		o.F = original(c, o.F)
	case *schema.DropForeignKey:
		o.F = original(c, o.F)
	case *schema.ModifyForeignKey:
		o.From, o.To = original(c, o.From), original(c, o.To)
	case *schema.AddCheck:
		o.C = original(c, o.C)
	case *schema.DropCheck:
		o.C = original(c, o.C)
	case *schema.ModifyCheck:
		o.From, o.To = original(c, o.From), original(c, o.To)
	}
}

func original[T any](c *comparison, object *T) *T {
	if o, ok := c.original[object].(*T); ok {
		return o
	}
	return object
}
