package migration

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// planSQLite turns a schema diff into statements. SQLite's ALTER TABLE can do
// little; for the rest Atlas rebuilds the table: a new one is created, rows are
// copied, the old one is dropped and the new one takes its name.
func planSQLite(ctx context.Context, changes []schema.Change) ([]*migrate.Change, error) {
	rebuilt := map[string]bool{}
	var all []*migrate.Change
	var rest []schema.Change
	for _, c := range changes {
		m, ok := c.(*schema.ModifyTable)
		if !ok {
			rest = append(rest, c)
			continue
		}
		first, m, err := fillFirst(ctx, m)
		if err != nil {
			return nil, err
		}
		all = append(all, first...)
		if len(m.Changes) > 0 {
			rest = append(rest, splitIndexes(m))
			rebuilt["new_"+m.T.Name] = true
		}
	}
	statements, err := planned(ctx, sqlite.DefaultPlan, rest)
	if err != nil {
		return nil, err
	}
	for _, s := range statements {
		all = append(all, s)
		if c, ok := s.Source.(*schema.AddTable); ok && rebuilt[c.T.Name] && autoIncrement(c.T) {
			all = append(all, keepSequence(c.T.Name))
		}
	}
	return all, nil
}

// fillFirst adds the columns that need a value and fills the rows, before the
// table is rebuilt with what is left: in the copy every row has its value.
func fillFirst(ctx context.Context, m *schema.ModifyTable) (first []*migrate.Change, left *schema.ModifyTable, err error) {
	left = &schema.ModifyTable{T: m.T}
	for _, action := range m.Changes {
		f, ok := action.(*fill)
		if !ok {
			left.Changes = append(left.Changes, action)
			continue
		}
		if f.add != nil {
			statements, err := planned(ctx, sqlite.DefaultPlan, []schema.Change{
				&schema.ModifyTable{T: m.T, Changes: []schema.Change{&schema.AddColumn{C: f.add}}},
			})
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
		Cmd: fmt.Sprintf("INSERT INTO `sqlite_sequence` (`name`, `seq`) SELECT %s, `seq` FROM `sqlite_sequence` WHERE `name` = %s",
			text(newName), text(oldName)),
		Comment: fmt.Sprintf("carry over the last id of %q, so that no id is given twice", oldName),
	}
}

func autoIncrement(t *schema.Table) bool {
	if t.PrimaryKey == nil || len(t.PrimaryKey.Parts) != 1 || t.PrimaryKey.Parts[0].C == nil {
		return false
	}
	return slices.ContainsFunc(t.PrimaryKey.Parts[0].C.Attrs, func(a schema.Attr) bool {
		_, ok := a.(*sqlite.AutoIncrement)
		return ok
	})
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
