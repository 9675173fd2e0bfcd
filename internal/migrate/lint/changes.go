package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// tables checks what the statements do to tables that were there before the file. The
// codes of Atlas's analyzers mean here what they mean there. They are not used: they know
// a table by its name only, and know nothing of the rows that SQLite copies.
func (p *pass) tables() {
	for _, s := range p.steps {
		for _, c := range s.Changes {
			switch c := c.(type) {
			case *schema.DropTable:
				if !s.fresh[c.T.Name] {
					p.report("DS102", s, "Dropping table %q", c.T.Name)
					p.takenAway(s, c.T, "dropped with its table", c.T.Columns...)
				}
			case *schema.RenameTable:
				if !s.fresh[c.From.Name] {
					p.renamedTable(s, c)
				}
			}
		}
	}
	for c, action := range p.changes(0, len(p.steps)) {
		c.check(action)
	}
}

func (p *pass) renamedTable(s *step, c *schema.RenameTable) {
	p.takenAway(s, c.From, fmt.Sprintf("in %q from then on", c.To.Name), c.From.Columns...)
	isView := func(s *step) bool {
		return s.verb == "CREATE VIEW" && mentions(s.tokens[:topLevel(s.tokens, "AS")], c.From.Name)
	}
	if !slices.ContainsFunc(p.steps[s.index:], isView) {
		p.report("BC101", s, "Renaming table %q to %q", c.From.Name, c.To.Name)
	}
}

// takenAway reports columns that this build uses and that the file takes away.
func (p *pass) takenAway(s *step, t *schema.Table, how string, columns ...*schema.Column) {
	for _, c := range columns {
		if p.used(t.Name, c.Name) {
			p.report("SW201", s, "Column %q of table %q is %s", c.Name, t.Name, how)
		}
	}
}

func (c change) check(action schema.Change) {
	table := c.table.Name
	switch a := action.(type) {
	case *schema.AddColumn:
		c.addedColumn(a.C)
	case *schema.DropColumn:
		c.droppedColumn(a.C)
	case *schema.RenameColumn:
		c.takenAway(c.step, c.table, fmt.Sprintf("renamed to %q", a.To.Name), a.From)
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

func (c change) droppedColumn(column *schema.Column) {
	c.takenAway(c.step, c.table, "dropped", column)
	var names []string
	for _, action := range c.actions {
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
		if c.actions.IndexDropColumn(column.Name) >= 0 {
			return
		}
	}
	for other, action := range c.changes(0, len(c.steps)) {
		if add, ok := action.(*schema.AddForeignKey); ok && other.table.Name == c.table.Name && add.F.Symbol == f.Symbol {
			return
		}
	}
	c.report("CD101", "Dropping foreign-key constraint %q of table %q", f.Symbol, c.table.Name)
}
