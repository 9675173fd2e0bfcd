package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// change is one action on a table that was there before the file, or is made.
type change struct {
	*pass
	*step
	// table is the table after the statement, old the one before it; old is nil
	// when it is not known.
	table, old *schema.Table
	action     schema.Change
	// all are the actions of the statement on the table.
	all schema.Changes
}

// changesOf returns what a statement does to tables that the file itself has not made.
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
		default: // of the database
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

// report is [pass.report] about the table's statement.
func (c change) report(code, format string, args ...any) {
	c.pass.report(code, c.step, format, args...)
}

// oldTable returns the table that has a name now, as it was before; nil where it was
// made since.
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

// addsColumn reports whether the file adds a column to a table, from a step on and before
// another one.
func (p *pass) addsColumn(table, column string, from, to int) bool {
	return slices.ContainsFunc(p.changes, func(c change) bool {
		add, ok := c.action.(*schema.AddColumn)
		return ok && from <= c.index && c.index < to && c.table.Name == table && add.C.Name == column
	})
}

// isNew reports whether the file has added a column, before or with the change.
func (c change) isNew(column string) bool { return c.addsColumn(c.table.Name, column, 0, c.index+1) }

// check checks a change by itself. The codes of Atlas's analyzers mean here what they mean
// there. The analyzers are not used: they know a table by its name only, and know nothing
// of the rows that SQLite copies.
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
			c.report("SW206", "Table %q gets the check %s", table, a.To.Expr)
		}
	case *schema.AddForeignKey:
		c.addedForeignKey(a.F)
	case *schema.DropForeignKey:
		c.droppedForeignKey(a.F)
	}
}

// takenAway reports columns that this build uses and that the file takes away.
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

// renamedTable reports a table that gets another name, unless a view takes the old one.
func (c change) renamedTable(r *schema.RenameTable) {
	c.takenAway(fmt.Sprintf("in %q from then on", r.To.Name), r.From.Columns...)
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
	case last > 0: // said once for all
		c.report("DS103", "Dropping columns %s and %s of table %q",
			strings.Join(names[:last], ", "), names[last], c.table.Name)
	}
}

// addedCheck reports a CHECK, unless it was there before or is only about columns that
// the file has added.
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
		c.report("SW206", "Table %q gets the check %s", c.table.Name, check.Expr)
	}
}

// addedForeignKey reports a foreign key, unless it stands on columns that the file has
// added: the running code does not write them, and they are NULL.
func (c change) addedForeignKey(f *schema.ForeignKey) {
	holdsValues := func(column *schema.Column) bool {
		return !column.Type.Null || column.Default != nil || !c.isNew(column.Name)
	}
	if slices.ContainsFunc(f.Columns, holdsValues) {
		c.report("SW207", "Table %q gets the foreign key %q to %q", c.table.Name, f.Symbol, f.RefTable.Name)
	}
}

// droppedForeignKey reports a foreign key that goes, unless one of its columns goes with
// it, or the file makes one with the same name.
func (c change) droppedForeignKey(f *schema.ForeignKey) {
	for _, column := range f.Columns {
		if c.all.IndexDropColumn(column.Name) >= 0 {
			return
		}
	}
	madeAgain := slices.ContainsFunc(c.changes, func(other change) bool {
		add, ok := other.action.(*schema.AddForeignKey)
		return ok && other.table.Name == c.table.Name && add.F.Symbol == f.Symbol
	})
	if madeAgain {
		return
	}
	c.report("CD101", "Dropping foreign-key constraint %q of table %q", f.Symbol, c.table.Name)
}
