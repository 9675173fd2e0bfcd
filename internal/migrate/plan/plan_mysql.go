package plan

import (
	"context"
	"fmt"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// The phases of a MySQL migration, over all its tables. Each change is planned
// alone and the phases run one after the other, so that
//
//   - each ALTER has one action: it happens as a whole or not at all, and the effect of
//     at most one action is unknown after a kill;
//   - what a statement needs exists before it: a foreign key is dropped before its index
//     and column, and added after them;
//   - MySQL-compatible distributed engines run the same files: they refuse an ALTER whose
//     actions depend on one another.
const (
	dropForeignKeys = iota
	dropTheirIndexes
	createAndDropTables
	dropChecks
	addColumns
	loosenColumns
	fillRows
	modifyColumns
	addIndexes
	dropIndexes
	renameIndexes
	dropColumns
	addChecks
	addForeignKeys
	phases
)

// planMySQL returns the statements for a schema diff, each with one action.
func planMySQL(ctx context.Context, changes []schema.Change) ([]*migrate.Change, error) {
	var steps [phases][]schema.Change
	add := func(phase int, t *schema.Table, actions ...schema.Change) {
		steps[phase] = append(steps[phase], &schema.ModifyTable{T: t, Changes: actions})
	}
	quoteMembers(changes)
	changes = withoutForeignKeys(changes)
	changed := map[string]bool{}
	for _, c := range changes {
		if m, ok := c.(*schema.ModifyTable); ok {
			changed[m.T.Name] = true
		}
	}
	for _, c := range changes {
		switch c := c.(type) {
		case *schema.ModifyTable:
			m, err := renameIndexesOf(ctx, c)
			if err != nil {
				return nil, err
			}
			splitTable(m, add)
		case *schema.AddTable:
			table, later := detachForeignKeys(c, changed)
			steps[createAndDropTables] = append(steps[createAndDropTables], table)
			for _, fk := range later {
				add(addForeignKeys, c.T, &schema.AddForeignKey{F: fk})
			}
		default:
			steps[createAndDropTables] = append(steps[createAndDropTables], c)
		}
	}
	sortGenerated(steps[addColumns], steps[dropColumns])
	var all []*migrate.Change
	// Atlas sorts created and dropped tables by their references. Other changes are planned one by one.
	for phase, step := range steps {
		if phase == createAndDropTables && len(step) > 0 {
			statements, err := planned(ctx, mysql.DefaultPlan, step)
			if err != nil {
				return nil, err
			}
			all = append(all, statements...)
			continue
		}
		for _, change := range step {
			if m, ok := change.(*schema.ModifyTable); ok && phase == fillRows {
				all = append(all, m.Changes[0].(*fill).statement(m.T.Name))
				continue
			}
			statements, err := planned(ctx, mysql.DefaultPlan, []schema.Change{change})
			if err != nil {
				return nil, err
			}
			for i := range statements {
				statements[i].Source = change
			}
			all = append(all, statements...)
		}
	}
	return withZeroDates(changes, all), nil
}

// splitTable assigns the actions on one table to their phases.
func splitTable(m *schema.ModifyTable, add func(phase int, t *schema.Table, actions ...schema.Change)) {
	var attributes []schema.Change
	actions, key := splitPrimaryKey(m.Changes)
	if len(key) > 0 {
		add(modifyColumns, m.T, key...)
	}
	for _, action := range actions {
		switch c := action.(type) {
		case *schema.DropForeignKey:
			add(dropForeignKeys, m.T, c)
			if i := ownIndex(m.T, c.F); i != nil {
				add(dropTheirIndexes, m.T, &schema.DropIndex{I: i})
			}
		case *schema.ModifyForeignKey:
			add(dropForeignKeys, m.T, &schema.DropForeignKey{F: c.From})
			if i := ownIndex(m.T, c.From); i != nil && !sameColumns(c.From.Columns, c.To.Columns) {
				add(dropTheirIndexes, m.T, &schema.DropIndex{I: i})
			}
			add(addForeignKeys, m.T, &schema.AddForeignKey{F: c.To})
		case *schema.ModifyCheck:
			if c.From.Name == c.To.Name && c.From.Expr != c.To.Expr {
				add(dropChecks, m.T, &schema.DropCheck{C: c.From})
				add(addChecks, m.T, &schema.AddCheck{C: c.To})
			} else {
				add(addChecks, m.T, c)
			}
		case *schema.ModifyIndex:
			// The new index is built under a temporary name before the old one is dropped: a
			// foreign key may need it, and unique values stay unique at every moment.
			interim := *c.To
			interim.Name = fmt.Sprintf("new_%s", c.To.Name)
			add(addIndexes, m.T, &schema.AddIndex{I: &interim})
			add(dropIndexes, m.T, &schema.DropIndex{I: c.From})
			add(renameIndexes, m.T, &schema.RenameIndex{From: &interim, To: c.To})
		case *fill:
			if c.add != nil {
				add(addColumns, m.T, &schema.AddColumn{C: c.add})
			}
			if c.loosen != nil {
				add(loosenColumns, m.T, c.loosen)
			}
			add(fillRows, m.T, c)
		case *schema.AddAttr, *schema.DropAttr, *schema.ModifyAttr:
			// The options of a table are one action: a charset without its collation would
			// set the default collation.
			attributes = append(attributes, action)
		default:
			add(phaseOf(action), m.T, action)
		}
	}
	if len(attributes) > 0 {
		add(dropChecks, m.T, attributes...)
		for _, column := range recollated(m) {
			add(modifyColumns, m.T, column)
		}
	}
}

// phaseOf returns the phase of an action that is one statement.
func phaseOf(action schema.Change) int {
	switch action.(type) {
	case *schema.AddForeignKey:
		return addForeignKeys
	case *schema.DropCheck:
		return dropChecks
	case *schema.AddCheck:
		return addChecks
	case *schema.AddIndex:
		return addIndexes
	case *schema.DropIndex:
		return dropIndexes
	case *schema.RenameIndex:
		return renameIndexes
	case *schema.AddColumn:
		return addColumns
	case *schema.DropColumn:
		return dropColumns
	}
	return modifyColumns
}

// detachForeignKeys removes from a new table the foreign keys that refer to a table that the
// same migration changes. They are added later, because their columns may not exist yet.
func detachForeignKeys(c *schema.AddTable, changed map[string]bool) (*schema.AddTable, []*schema.ForeignKey) {
	var inline, later []*schema.ForeignKey
	for _, fk := range c.T.ForeignKeys {
		if changed[fk.RefTable.Name] {
			later = append(later, fk)
		} else {
			inline = append(inline, fk)
		}
	}
	if len(later) == 0 {
		return c, nil
	}
	table := *c.T
	table.ForeignKeys = inline
	return &schema.AddTable{T: &table, Extra: c.Extra}, later
}
