package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// changes checks what the statements do to tables that were there before the file. The
// codes of Atlas's analyzers mean here what they mean there. They are not used: they know
// a table by its name only, and know nothing of the rows that SQLite copies.
func (p *pass) changes() {
	for _, s := range p.steps {
		for _, c := range s.Changes {
			switch c := c.(type) {
			case *schema.DropTable:
				if !s.fresh[c.T.Name] {
					p.droppedTable(s, c.T)
				}
			case *schema.RenameTable:
				if !s.fresh[c.From.Name] {
					p.renamedTable(s, c)
				}
			case *schema.ModifyTable:
				if !s.fresh[c.T.Name] {
					p.modifiedTable(change{step: s, table: c.T, old: s.oldTable(c.T.Name)}, c.Changes)
				}
			}
		}
	}
}

func (p *pass) droppedTable(s *step, t *schema.Table) {
	p.report("DS102", s, "Dropping table %q", t.Name)
	for _, c := range t.Columns {
		p.takenAway(s, t, c, "dropped with its table")
	}
}

func (p *pass) renamedTable(s *step, c *schema.RenameTable) {
	for _, column := range c.From.Columns {
		p.takenAway(s, c.From, column, fmt.Sprintf("in %q from then on", c.To.Name))
	}
	// A view may take the old name.
	for _, later := range p.steps[s.index+1:] {
		if later.verb == "CREATE VIEW" && mentions(later.tokens[:topLevel(later.tokens, 0, "AS")], c.From.Name) {
			return
		}
	}
	p.report("BC101", s, "Renaming table %q to %q", c.From.Name, c.To.Name)
}

// takenAway reports a column that this build uses and that the file takes away.
func (p *pass) takenAway(s *step, t *schema.Table, c *schema.Column, how string) {
	if p.used(t.Name, c.Name) {
		p.report("SW201", s, "Column %q of table %q is %s", c.Name, t.Name, how)
	}
}

// change is what a statement does to a table that was there before the file.
type change struct {
	*step
	// table is the table after the statement, old the one before it; old is nil
	// when it is not known.
	table, old *schema.Table
}

func (p *pass) modifiedTable(c change, actions schema.Changes) {
	var dropped []string
	for _, action := range actions {
		switch a := action.(type) {
		case *schema.AddColumn:
			p.addedColumn(c, a.C)
		case *schema.DropColumn:
			p.takenAway(c.step, c.table, a.C, "dropped")
			if generated(a.C) != "VIRTUAL" && !p.newColumn(c.table.Name, a.C.Name, c.step) {
				dropped = append(dropped, strconv.Quote(a.C.Name))
			}
		case *schema.RenameColumn:
			p.takenAway(c.step, c.table, a.From, fmt.Sprintf("renamed to %q", a.To.Name))
			if !addsColumn(p.steps[c.index:], c.table.Name, a.From.Name) {
				p.report("BC102", c.step, "Renaming column %q to %q of table %q", a.From.Name, a.To.Name, c.table.Name)
			}
		case *schema.ModifyColumn:
			p.modifiedColumn(c, a.From, a.To)
		case *schema.AddIndex:
			p.addedIndex(c, a.I)
		case *schema.ModifyIndex:
			if a.To.Unique && !a.From.Unique {
				p.report("MF102", c.step, "Modifying an index %q on table %q might fail in case of duplicate entries",
					a.To.Name, c.table.Name)
			}
		case *schema.AddCheck:
			p.addedCheck(c, a.C)
		case *schema.ModifyCheck:
			if a.From.Expr != a.To.Expr {
				p.report("SW206", c.step, "Table %q gets the check %s", c.table.Name, a.To.Expr)
			}
		case *schema.AddForeignKey:
			p.addedForeignKey(c, a.F)
		case *schema.DropForeignKey:
			p.droppedForeignKey(c, a.F, actions)
		}
	}
	switch last := len(dropped) - 1; {
	case last == 0:
		p.report("DS103", c.step, "Dropping column %s of table %q", dropped[0], c.table.Name)
	case last > 0:
		p.report("DS103", c.step, "Dropping columns %s and %s of table %q",
			strings.Join(dropped[:last], ", "), dropped[last], c.table.Name)
	}
}

// anyAction says whether one of some steps does something to a table.
func anyAction(steps []*step, table string, is func(schema.Change) bool) bool {
	return slices.ContainsFunc(steps, func(s *step) bool {
		return slices.ContainsFunc(s.Changes, func(c schema.Change) bool {
			m, ok := c.(*schema.ModifyTable)
			return ok && m.T.Name == table && slices.ContainsFunc(m.Changes, is)
		})
	})
}

func addsColumn(steps []*step, table, column string) bool {
	return anyAction(steps, table, func(action schema.Change) bool {
		add, ok := action.(*schema.AddColumn)
		return ok && add.C.Name == column
	})
}

// newColumn says whether the file has added a column to a table, before or with a step.
func (p *pass) newColumn(table, column string, until *step) bool {
	return addsColumn(p.steps[:until.index+1], table, column)
}

// addedCheck reports a CHECK, unless it was there before or is only about columns that
// the file has added.
func (p *pass) addedCheck(c change, check *schema.Check) {
	if c.old != nil && slices.ContainsFunc(c.old.Checks(), func(o *schema.Check) bool { return o.Expr == check.Expr }) {
		return
	}
	words := tokens(check.Expr, p.dialect)
	about := slices.DeleteFunc(slices.Clone(c.table.Columns), func(column *schema.Column) bool {
		return !mentions(words, column.Name)
	})
	isOld := func(column *schema.Column) bool { return !p.newColumn(c.table.Name, column.Name, c.step) }
	if len(about) == 0 || slices.ContainsFunc(about, isOld) {
		p.report("SW206", c.step, "Table %q gets the check %s", c.table.Name, check.Expr)
	}
}

// addedForeignKey reports a foreign key, unless it stands on columns that the file has
// added: the running code does not write them, and they are NULL.
func (p *pass) addedForeignKey(c change, f *schema.ForeignKey) {
	holdsValues := func(column *schema.Column) bool {
		return !column.Type.Null || column.Default != nil || !p.newColumn(c.table.Name, column.Name, c.step)
	}
	if len(f.Columns) == 0 || slices.ContainsFunc(f.Columns, holdsValues) {
		p.report("SW207", c.step, "Table %q gets the foreign key %q to %q", c.table.Name, f.Symbol, f.RefTable.Name)
	}
}

// droppedForeignKey reports a foreign key that goes, unless one of its columns goes with
// it, or the file makes one with the same name.
func (p *pass) droppedForeignKey(c change, f *schema.ForeignKey, actions schema.Changes) {
	for _, column := range f.Columns {
		if actions.IndexDropColumn(column.Name) >= 0 {
			return
		}
	}
	madeAgain := anyAction(p.steps, c.table.Name, func(action schema.Change) bool {
		add, ok := action.(*schema.AddForeignKey)
		return ok && add.F.Symbol == f.Symbol
	})
	if !madeAgain {
		p.report("CD101", c.step, "Dropping foreign-key constraint %q of table %q", f.Symbol, c.table.Name)
	}
}
