package plan

import (
	"context"
	"fmt"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	declared "slipway/internal/migrate/schema"
)

// planSQLite returns the statements for a schema diff. SQLite's ALTER TABLE supports few
// changes; for all others Atlas rebuilds the table: it creates a new table, copies the rows,
// drops the old table and renames the new one.
func planSQLite(ctx context.Context, changes []schema.Change) ([]*migrate.Change, error) {
	p := sqlitePlan{constraints: map[*schema.Column]string{}}
	rebuilt := map[string]bool{}
	var all []*migrate.Change
	var rest []schema.Change
	for _, c := range changes {
		m, ok := c.(*schema.ModifyTable)
		if !ok {
			rest = append(rest, c)
			continue
		}
		first, m, err := p.fillFirst(ctx, p.inlineConstraints(m))
		if err != nil {
			return nil, err
		}
		all = append(all, first...)
		if len(m.Changes) > 0 {
			rest = append(rest, splitIndexes(m))
			rebuilt["new_"+m.T.Name] = true
		}
	}
	freeing, rest := freeNames(rest)
	dropped, err := p.planned(ctx, freeing...)
	if err != nil {
		return nil, err
	}
	all = append(all, dropped...)
	statements, err := p.planned(ctx, rest...)
	if err != nil {
		return nil, err
	}
	convertCopies(statements, rest)
	for _, s := range statements {
		all = append(all, s)
		if c, ok := s.Source.(*schema.AddTable); ok && rebuilt[c.T.Name] && autoIncrement(c.T) {
			all = append(all, keepSequence(c.T.Name))
		}
	}
	return all, nil
}

// freeNames separates the tables to drop whose names new indexes get. On SQLite, tables and
// indexes share their names, whatever their case, and Atlas drops tables last.
func freeNames(changes []schema.Change) (freeing, rest []schema.Change) {
	added := map[string]bool{}
	for _, c := range changes {
		switch c := c.(type) {
		case *schema.AddTable:
			for _, i := range c.T.Indexes {
				added[strings.ToLower(i.Name)] = true
			}
		case *schema.ModifyTable:
			for _, i := range c.T.Indexes {
				added[strings.ToLower(i.Name)] = true
			}
		}
	}
	for _, c := range changes {
		if drop, ok := c.(*schema.DropTable); ok && added[strings.ToLower(drop.T.Name)] {
			freeing = append(freeing, c)
		} else {
			rest = append(rest, c)
		}
	}
	return freeing, rest
}

// sqlitePlan is the state of planSQLite.
type sqlitePlan struct {
	// constraints maps a new column to the end of its definition: its foreign key and its
	// CHECKs.
	constraints map[*schema.Column]string
}

// planned runs Atlas's planner, and appends the column's constraints to each ADD COLUMN.
func (p sqlitePlan) planned(ctx context.Context, changes ...schema.Change) ([]*migrate.Change, error) {
	statements, err := planned(ctx, sqlite.DefaultPlan, changes)
	for _, s := range statements {
		if add, ok := s.Source.(*schema.AddColumn); ok {
			s.Cmd += p.constraints[add.C]
		}
	}
	return statements, err
}

// inlineConstraints moves the CHECKs and foreign keys of new columns into the definitions of
// the columns, and returns the other changes of the table. SQLite can add a constraint
// together with a column, but Atlas would rebuild the table. A table that must be rebuilt
// anyway is returned unchanged.
func (p sqlitePlan) inlineConstraints(m *schema.ModifyTable) *schema.ModifyTable {
	if !addsOnly(m) {
		return m
	}
	inlined := &schema.ModifyTable{T: m.T}
	added := map[string]*schema.Column{}
	var last *schema.Column
	add := func(c *schema.Column) *schema.Column {
		// Atlas rebuilds the table if a column has an index or a foreign key.
		bare := *c
		bare.Indexes, bare.ForeignKeys = nil, nil
		added[c.Name], last = &bare, &bare
		return &bare
	}
	for _, action := range m.Changes {
		switch c := action.(type) {
		case *schema.AddColumn:
			action = &schema.AddColumn{C: add(c.C)}
		case *fill:
			filled := *c
			filled.add = add(c.add)
			action = &filled
		case *schema.AddCheck, *schema.AddForeignKey:
			continue
		}
		inlined.Changes = append(inlined.Changes, action)
	}
	// Foreign keys come first: Atlas parses their names only before a column's first comma.
	for _, action := range m.Changes {
		if c, ok := action.(*schema.AddForeignKey); ok {
			p.constraints[added[c.F.Columns[0].Name]] += referencesSQL(c.F)
		}
	}
	for _, action := range m.Changes {
		if c, ok := action.(*schema.AddCheck); ok {
			// A CHECK of the table may name any new column, so it follows the last one.
			column := last
			for name, own := range added {
				if c.C.Name == declared.TypeCheckName(m.T.Name, name) {
					column = own
				}
			}
			p.constraints[column] += checkSQL(c.C)
		}
	}
	return inlined
}

// addsOnly reports whether the changes of a table need no rebuild on SQLite: they only add
// columns, with their CHECKs and foreign keys, or change indexes. A new column with a foreign
// key must have the default NULL (sqlite.org/lang_altertable.html).
func addsOnly(m *schema.ModifyTable) bool {
	refer := map[string]bool{}
	for _, action := range m.Changes {
		switch c := action.(type) {
		case *schema.AddColumn:
			refer[c.C.Name] = c.C.Type.Null && c.C.Default == nil
		case *fill:
			if c.add != nil {
				refer[c.add.Name] = true
			}
		}
	}
	for _, action := range m.Changes {
		switch c := action.(type) {
		case *schema.AddColumn, *schema.AddIndex, *schema.DropIndex, *schema.ModifyIndex, *schema.RenameIndex:
		case *fill:
			if c.add == nil {
				return false
			}
		case *schema.AddCheck:
			if len(refer) == 0 {
				return false
			}
		case *schema.AddForeignKey:
			if len(c.F.Columns) != 1 || !refer[c.F.Columns[0].Name] {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// checkSQL returns a CHECK for the end of a column's definition.
func checkSQL(c *schema.Check) string {
	expr := c.Expr
	if !strings.HasPrefix(expr, "(") || !strings.HasSuffix(expr, ")") {
		expr = "(" + expr + ")"
	}
	return fmt.Sprintf(" CONSTRAINT %s CHECK %s", Quote(c.Name), expr)
}

// referencesSQL returns a foreign key of one column for the end of the column's definition.
func referencesSQL(fk *schema.ForeignKey) string {
	text := fmt.Sprintf(" CONSTRAINT %s REFERENCES %s (%s)",
		Quote(fk.Symbol), Quote(fk.RefTable.Name), Quote(fk.RefColumns[0].Name))
	if fk.OnUpdate != "" {
		text += " ON UPDATE " + string(fk.OnUpdate)
	}
	if fk.OnDelete != "" {
		text += " ON DELETE " + string(fk.OnDelete)
	}
	return text
}

// fillFirst returns the statements that add columns and fill the rows. They run before the
// rebuild of the table for the other changes, so that the copy has a value in every row.
func (p sqlitePlan) fillFirst(
	ctx context.Context, m *schema.ModifyTable,
) (first []*migrate.Change, left *schema.ModifyTable, err error) {
	left = &schema.ModifyTable{T: m.T}
	for _, action := range m.Changes {
		f, ok := action.(*fill)
		if !ok {
			left.Changes = append(left.Changes, action)
			continue
		}
		if f.add != nil {
			add := &schema.ModifyTable{T: m.T, Changes: []schema.Change{&schema.AddColumn{C: f.add}}}
			statements, err := p.planned(ctx, add)
			if err != nil {
				return nil, nil, err
			}
			first = append(first, statements...)
		}
		first = append(first, f.statement(m.T.Name))
	}
	return first, left, nil
}

// keepSequence copies the last generated id to the table that replaces another. Without it,
// SQLite would generate the id of a deleted last row again.
func keepSequence(newName string) *migrate.Change {
	text := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	oldName := strings.TrimPrefix(newName, "new_")
	return &migrate.Change{
		Cmd: fmt.Sprintf("INSERT INTO `sqlite_sequence` (`name`, `seq`) SELECT %s, `seq` FROM `sqlite_sequence` "+
			"WHERE `name` = %s", text(newName), text(oldName)),
		Comment: fmt.Sprintf("carry over the last id of %q, so that no id is given twice", oldName),
	}
}

func autoIncrement(t *schema.Table) bool {
	if t.PrimaryKey == nil || len(t.PrimaryKey.Parts) != 1 || t.PrimaryKey.Parts[0].C == nil {
		return false
	}
	return declared.HasAttr[*sqlite.AutoIncrement](t.PrimaryKey.Parts[0].C.Attrs)
}

// splitIndexes replaces the change of an index by a drop and a create: for a change, Atlas
// would rebuild the table.
func splitIndexes(m *schema.ModifyTable) *schema.ModifyTable {
	split := &schema.ModifyTable{T: m.T}
	for _, action := range m.Changes {
		if c, ok := action.(*schema.ModifyIndex); ok {
			split.Changes = append(split.Changes, &schema.DropIndex{I: c.From}, &schema.AddIndex{I: c.To})
			continue
		}
		split.Changes = append(split.Changes, action)
	}
	return split
}
