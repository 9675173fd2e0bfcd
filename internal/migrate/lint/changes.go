package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// change is one action on a table that an earlier migration created, or the creation of a
// table.
type change struct {
	*pass
	*step
	// table is the table after the statement.
	table *schema.Table
	// old is the table before the statement; nil if it is unknown.
	old    *schema.Table
	action schema.Change
	// all contains all actions of the statement on the table.
	all schema.Changes
}

// changesOf returns the actions of a statement on tables that the same file did not create.
func (p *pass) changesOf(s *step) (all []change) {
	for _, c := range s.Changes {
		actions := []schema.Change{c}
		var t *schema.Table
		switch c := c.(type) {
		case *schema.AddTable:
			t = c.T
		case *schema.DropTable:
			t = c.T
		case *schema.RenameTable:
			t = c.From
		case *schema.ModifyTable:
			t, actions = c.T, c.Changes
		default: // a change of the database
			continue
		}
		for _, action := range actions {
			if !s.fresh[t.Name] {
				all = append(all, change{p, s, t, s.oldTable(t.Name), action, actions})
			}
		}
	}
	return all
}

// report is [pass.report] for the statement of the change.
func (c change) report(code, format string, args ...any) {
	c.pass.report(code, c.step, format, args...)
}

// oldTable returns a table as it was before the statement; nil if it did not exist. It finds
// a renamed table by its old name.
func (s *step) oldTable(name string) *schema.Table {
	if s.Before == nil {
		return nil
	}
	t, ok := s.Before.Table(name)
	if !ok {
		t, _ = s.Before.Table(s.renamed[name])
	}
	return t
}

// addsColumn reports whether a step with an index in [from, to) adds a column to a table.
func (p *pass) addsColumn(table, column string, from, to int) bool {
	return slices.ContainsFunc(p.changes, func(c change) bool {
		add, ok := c.action.(*schema.AddColumn)
		return ok && from <= c.index && c.index < to && c.table.Name == table && add.C.Name == column
	})
}

// isNew reports whether the file adds a column, in the statement of the change or earlier.
func (c change) isNew(column string) bool { return c.addsColumn(c.table.Name, column, 0, c.index+1) }

// check checks one change. The codes of Atlas's analyzers have the same meaning here. The
// analyzers themselves are not used, because they identify tables only by name and do not
// handle the copy of rows on SQLite.
func (c change) check() {
	table := c.table.Name
	switch a := c.action.(type) {
	case *schema.DropTable:
		c.report("DS102", "Dropping table %q", table)
		c.takenAway("dropped with its table", a.T.Columns...)
	case *schema.RenameTable:
		c.renamedTable(a)
	case *schema.AddColumn:
		c.addedColumn(a.C)
	case *schema.DropColumn:
		c.droppedColumn(a.C)
	case *schema.RenameColumn:
		c.takenAway(fmt.Sprintf("renamed to %q", a.To.Name), a.From)
		if !c.addsColumn(table, a.From.Name, c.index, len(c.steps)) { // under the old name
			c.report("BC102", "Renaming column %q to %q of table %q", a.From.Name, a.To.Name, table)
		}
	case *schema.ModifyColumn:
		c.modifiedColumn(a.From, a.To)
	case *schema.AddIndex:
		c.addedIndex(a.I)
	case *schema.ModifyIndex:
		if a.To.Unique && !a.From.Unique {
			c.report("MF102", "Modifying an index %q on table %q might fail in case of duplicate entries", a.To.Name, table)
		}
	case *schema.AddCheck:
		c.addedCheck(a.C)
	case *schema.ModifyCheck:
		if a.From.Expr != a.To.Expr {
			c.report("SW206", "Adding the check %s to table %q", a.To.Expr, table)
		}
	case *schema.AddForeignKey:
		c.addedForeignKey(a.F)
	case *schema.DropForeignKey:
		c.droppedForeignKey(a.F)
	}
}

// takenAway reports columns that this build uses and that the file removes.
func (c change) takenAway(how string, columns ...*schema.Column) {
	if c.uses == nil {
		return
	}
	t, ok := c.uses.Table(c.table.Name)
	if !ok {
		return
	}
	for _, column := range columns {
		if _, used := t.Column(column.Name); used {
			c.report("SW201", "Column %q of table %q is %s", column.Name, c.table.Name, how)
		}
	}
}

// renamedTable reports a renamed table, unless the file creates a view with the old name.
func (c change) renamedTable(r *schema.RenameTable) {
	c.takenAway(fmt.Sprintf("moved to table %q", r.To.Name), r.From.Columns...)
	isView := func(s *step) bool {
		return s.verb == "CREATE VIEW" && mentions(s.tokens[:topLevel(s.tokens, "AS")], r.From.Name)
	}
	if !slices.ContainsFunc(c.steps[c.index:], isView) {
		c.report("BC101", "Renaming table %q to %q", r.From.Name, r.To.Name)
	}
}

func (c change) droppedColumn(column *schema.Column) {
	c.takenAway("dropped", column)
	var names []string
	for _, action := range c.all {
		drop, ok := action.(*schema.DropColumn)
		if ok && generated(drop.C) != "VIRTUAL" && !c.isNew(drop.C.Name) {
			names = append(names, strconv.Quote(drop.C.Name))
		}
	}
	switch last := len(names) - 1; {
	case last == 0:
		c.report("DS103", "Dropping column %s of table %q", names[0], c.table.Name)
	case last > 0: // one finding for all columns
		c.report("DS103", "Dropping columns %s and %s of table %q",
			strings.Join(names[:last], ", "), names[last], c.table.Name)
	}
}

// addedCheck reports a CHECK, unless it existed before or concerns only columns that the
// file adds.
func (c change) addedCheck(check *schema.Check) {
	if c.old != nil && slices.ContainsFunc(c.old.Checks(), func(o *schema.Check) bool { return o.Expr == check.Expr }) {
		return
	}
	words := tokens(check.Expr, c.dialect)
	known, isNew := false, true
	for _, column := range c.table.Columns {
		if mentions(words, column.Name) {
			known, isNew = true, isNew && c.isNew(column.Name)
		}
	}
	if !known || !isNew {
		c.report("SW206", "Adding the check %s to table %q", check.Expr, c.table.Name)
	}
}

// addedForeignKey reports a foreign key, unless all its columns are new: the running code
// does not write them, and they are NULL.
func (c change) addedForeignKey(f *schema.ForeignKey) {
	holdsValues := func(column *schema.Column) bool {
		return !column.Type.Null || column.Default != nil || !c.isNew(column.Name)
	}
	if slices.ContainsFunc(f.Columns, holdsValues) {
		c.report("SW207", "Adding the foreign key %q to table %q, which refers to table %q", f.Symbol, c.table.Name,
			f.RefTable.Name)
	}
}

// droppedForeignKey reports a dropped foreign key, unless one of its columns is dropped too,
// or the file adds a foreign key with the same name.
func (c change) droppedForeignKey(f *schema.ForeignKey) {
	for _, column := range f.Columns {
		if c.all.IndexDropColumn(column.Name) >= 0 {
			return
		}
	}
	isReplaced := slices.ContainsFunc(c.changes, func(other change) bool {
		add, ok := other.action.(*schema.AddForeignKey)
		return ok && other.table.Name == c.table.Name && add.F.Symbol == f.Symbol
	})
	if isReplaced {
		return
	}
	c.report("CD101", "Dropping foreign-key constraint %q of table %q", f.Symbol, c.table.Name)
}
