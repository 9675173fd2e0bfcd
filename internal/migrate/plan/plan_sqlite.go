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

// planSQLite turns a schema diff into statements. SQLite's ALTER TABLE can do
// little; for the rest Atlas rebuilds the table: a new one is created, rows are
// copied, the old one is dropped and the new one takes its name.
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

// sqlitePlan is a plan that is being made.
type sqlitePlan struct {
	// constraints are what a new column's definition ends with: its foreign key and
	// its CHECKs.
	constraints map[*schema.Column]string
}

// planned runs Atlas's planner, and ends each ADD COLUMN with the column's
// constraints.
func (p sqlitePlan) planned(ctx context.Context, changes ...schema.Change) ([]*migrate.Change, error) {
	statements, err := planned(ctx, sqlite.DefaultPlan, changes)
	for _, s := range statements {
		if add, ok := s.Source.(*schema.AddColumn); ok {
			s.Cmd += p.constraints[add.C]
		}
	}
	return statements, err
}

// inlineConstraints returns the changes of a table without the CHECKs and foreign keys
// that come with its new columns, which become part of the columns' definitions: SQLite
// adds a constraint to a table together with a column, and Atlas would rebuild the
// table. A table that has to be rebuilt anyway comes back as it is.
func (p sqlitePlan) inlineConstraints(m *schema.ModifyTable) *schema.ModifyTable {
	if !addsOnly(m) {
		return m
	}
	inlined := &schema.ModifyTable{T: m.T}
	added := map[string]*schema.Column{}
	var last *schema.Column
	add := func(c *schema.Column) *schema.Column {
		// Atlas rebuilds for a column that knows an index or a foreign key of its own.
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
	// Atlas reads the name of a foreign key only in front of a column's first comma.
	for _, action := range m.Changes {
		if c, ok := action.(*schema.AddForeignKey); ok {
			p.constraints[added[c.F.Columns[0].Name]] += referencesSQL(c.F)
		}
	}
	for _, action := range m.Changes {
		if c, ok := action.(*schema.AddCheck); ok {
			// A CHECK that is no column's own may name any of the new ones.
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

// addsOnly says that a table gets new columns, with their indexes, CHECKs and foreign
// keys, and changes in nothing else that SQLite rebuilds a table for. A column that
// refers to another table has to begin as NULL (sqlite.org/lang_altertable.html).
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

// checkSQL is a CHECK at the end of a column's definition.
func checkSQL(c *schema.Check) string {
	expr := c.Expr
	if !strings.HasPrefix(expr, "(") || !strings.HasSuffix(expr, ")") {
		expr = "(" + expr + ")"
	}
	return fmt.Sprintf(" CONSTRAINT %s CHECK %s", Quote(c.Name), expr)
}

// referencesSQL is a foreign key of one column at the end of the column's definition.
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

// fillFirst adds the columns that need a value and fills the rows, before the
// table is rebuilt with what is left: in the copy every row has its value.
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

// keepSequence carries the last id ever given over to the table that replaces
// another: without it the id of a deleted last row would be given again.
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

// splitIndexes turns the change of an index into dropping and creating it: for
// Atlas it would be a reason to rebuild the table.
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
