package plan

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
)

// MySQL has no in-memory database on which files can run. To find the effect of generated
// statements, this file repeats the plan between two snapshots.

// matching maps the text of a planned statement to its change.
type matching map[string]schema.Change

// of returns the change of a statement. known is true if the plan contains the statement, or
// if the statement changes only rows.
func (m matching) of(statement string) (change schema.Change, known bool) {
	if ChangesOnlyRows(statement) {
		return nil, true
	}
	change, known = m[plainText(statement)]
	return change, known
}

func plainText(statement string) string { return strings.TrimSpace(strings.TrimSuffix(statement, ";")) }

// plannedRename matches a planned statement that renames a table or a column.
var plannedRename = lazyregexp.New("^(?:RENAME TABLE `([^`]+)` TO `([^`]+)`|" +
	"ALTER TABLE `([^`]+)` RENAME COLUMN `([^`]+)` TO `([^`]+)`);?$")

// match repeats the plan from one snapshot to another. It takes the renames from the
// statements of the files. It does not know the --fill options, so it plans twice, with and
// without a value for each column.
func (d Dialect) match(ctx context.Context, from, to Snapshot, statements []string) (matching, error) {
	found := matching{}
	for _, filled := range []bool{false, true} {
		before, err := d.Parse(from.Path(), from.Text)
		if err != nil {
			return nil, err
		}
		after, err := d.Parse(to.Path(), to.Text)
		if err != nil {
			return nil, err
		}
		planned, err := d.renameAll(ctx, before, renamesIn(statements, before, after))
		if err != nil {
			return nil, err
		}
		changes, err := d.diff(before, after)
		if err != nil {
			return nil, err
		}
		if filled {
			changes = fillAll(d, changes)
		}
		rest, err := d.plan(ctx, changes)
		if err != nil {
			return nil, err
		}
		found.add(append(planned, rest...))
	}
	return found, nil
}

func (m matching) add(planned []*migrate.Change) {
	for _, c := range planned {
		if !isData(c) {
			m[c.Cmd] = c.Source
		}
	}
}

// renamesIn returns the renames in statements that match the schemas.
func renamesIn(statements []string, before, after *schema.Schema) (all []rename) {
	tables := map[string]string{}
	for _, statement := range statements {
		m := plannedRename.FindStringSubmatch(statement)
		if m == nil {
			continue
		}
		r := rename{table: m[1], newTable: m[2]}
		if m[3] != "" {
			r = rename{table: m[3], newTable: m[3], column: m[4], newColumn: m[5]}
			if old, ok := tables[m[3]]; ok {
				r.table = old
			}
		}
		if r.check(before, after) != nil {
			continue
		}
		if r.column == "" {
			tables[r.newTable] = r.table
		}
		all = append(all, r)
	}
	return all
}

// fillAll adds a fill for each column that can have one.
func fillAll(d Dialect, changes []schema.Change) (all []schema.Change) {
	for _, c := range changes {
		m, ok := c.(*schema.ModifyTable)
		if !ok {
			all = append(all, c)
			continue
		}
		filled := &schema.ModifyTable{T: m.T}
		for _, part := range m.Changes {
			parts := []schema.Change{part}
			switch c := part.(type) {
			case *schema.AddColumn:
				if !inPrimaryKey(m.T, c.C) {
					parts = expandColumn(part, "''", "")
				}
			case *schema.ModifyColumn:
				if c.From.Type.Null && !c.To.Type.Null {
					parts = expandColumn(part, "''", "")
				}
			}
			filled.Changes = append(filled.Changes, parts...)
		}
		all = append(all, filled)
	}
	return all
}

// apply applies a change to a schema. The schema then shares objects with the change.
func apply(s *schema.Schema, change schema.Change) {
	switch c := change.(type) {
	case *schema.AddTable:
		s.Tables = append(s.Tables, c.T)
	case *schema.DropTable:
		s.Tables = slices.DeleteFunc(s.Tables, func(t *schema.Table) bool { return t.Name == c.T.Name })
	case *schema.RenameTable:
		if t, ok := s.Table(c.From.Name); ok {
			t.Name = c.To.Name
		}
	case *schema.ModifyTable:
		if t, ok := s.Table(c.T.Name); ok {
			for _, part := range c.Changes {
				applyPart(t, part)
			}
		}
	}
}

func applyPart(t *schema.Table, part schema.Change) {
	switch c := part.(type) {
	case *schema.AddColumn:
		t.Columns = append(t.Columns, c.C)
	case *schema.DropColumn:
		t.Columns = slices.DeleteFunc(t.Columns, func(o *schema.Column) bool { return o.Name == c.C.Name })
	case *schema.RenameColumn:
		if o, ok := t.Column(c.From.Name); ok {
			o.Name = c.To.Name
		}
	case *schema.ModifyColumn:
		if i := slices.IndexFunc(t.Columns, func(o *schema.Column) bool { return o.Name == c.From.Name }); i >= 0 {
			t.Columns[i] = c.To
		}
	case *schema.AddPrimaryKey:
		t.PrimaryKey = c.P
	case *schema.DropPrimaryKey:
		t.PrimaryKey = nil
	case *schema.ModifyPrimaryKey:
		t.PrimaryKey = c.To
	case *schema.AddIndex:
		t.Indexes = append(t.Indexes, c.I)
	case *schema.DropIndex:
		t.Indexes = slices.DeleteFunc(t.Indexes, func(i *schema.Index) bool { return i.Name == c.I.Name })
	case *schema.RenameIndex:
		if i := slices.IndexFunc(t.Indexes, func(i *schema.Index) bool { return i.Name == c.From.Name }); i >= 0 {
			t.Indexes[i] = c.To
		}
	case *schema.ModifyIndex:
		if i := slices.IndexFunc(t.Indexes, func(i *schema.Index) bool { return i.Name == c.From.Name }); i >= 0 {
			t.Indexes[i] = c.To
		}
	case *schema.AddForeignKey:
		t.ForeignKeys = append(t.ForeignKeys, c.F)
	case *schema.DropForeignKey:
		t.ForeignKeys = slices.DeleteFunc(t.ForeignKeys, func(f *schema.ForeignKey) bool { return f.Symbol == c.F.Symbol })
	case *schema.ModifyForeignKey:
		applyPart(t, &schema.DropForeignKey{F: c.From})
		applyPart(t, &schema.AddForeignKey{F: c.To})
	default:
		applyAttr(t, part)
	}
}

// applyAttr is applyPart for checks and other attributes of a table.
func applyAttr(t *schema.Table, part schema.Change) {
	drop := func(gone schema.Attr) {
		t.Attrs = slices.DeleteFunc(t.Attrs, func(a schema.Attr) bool { return sameAttr(a, gone) })
	}
	switch c := part.(type) {
	case *schema.AddCheck:
		t.Attrs = append(t.Attrs, c.C)
	case *schema.DropCheck:
		drop(c.C)
	case *schema.ModifyCheck:
		drop(c.From)
		t.Attrs = append(t.Attrs, c.To)
	case *schema.AddAttr:
		t.Attrs = append(t.Attrs, c.A)
	case *schema.DropAttr:
		drop(c.A)
	case *schema.ModifyAttr:
		drop(c.From)
		t.Attrs = append(t.Attrs, c.To)
	}
}

// sameAttr reports whether two attributes are checks with the same name, or have the same
// type.
func sameAttr(a, b schema.Attr) bool {
	if x, ok := a.(*schema.Check); ok {
		y, ok := b.(*schema.Check)
		return ok && x.Name == y.Name
	}
	return reflect.TypeOf(a) == reflect.TypeOf(b)
}
