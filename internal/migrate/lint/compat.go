package lint

import (
	"fmt"
	"slices"

	"ariga.io/atlas/sql/schema"
)

// compatible finds what the code that is still running while the migration is
// applied, or the code of this build, cannot live with.
func (p *pass) compatible() {
	p.takenAway()
	for _, c := range p.existing() {
		switch change := c.change.(type) {
		case *schema.AddColumn:
			column := change.C
			if !column.Type.Null && column.Default == nil && generated(column) == "" && !automatic(column) {
				p.report("SW202", c.step, fmt.Sprintf("Column %q of table %q is NOT NULL and has no default", column.Name, c.table.Name))
			}
		case *schema.ModifyColumn:
			p.tightened(c, change)
		case *schema.AddIndex:
			p.newUnique(c, change.I)
		case *schema.AddCheck:
			if !p.checksNewOnly(c, change.C) {
				p.report("SW206", c.step, fmt.Sprintf("Table %q gets the check %s", c.table.Name, change.C.Expr))
			}
		case *schema.ModifyCheck:
			if change.From.Expr != change.To.Expr {
				p.report("SW206", c.step, fmt.Sprintf("Table %q gets the check %s", c.table.Name, change.To.Expr))
			}
		case *schema.AddForeignKey:
			if p.refersByNew(c, change.F) {
				continue
			}
			p.report("SW207", c.step, fmt.Sprintf("Table %q gets the foreign key %q to %q", c.table.Name, change.F.Symbol, refTable(change.F)))
		}
	}
}

// checksNewOnly says whether a check is about columns only that the file has
// added, or was there before.
func (p *pass) checksNewOnly(c tableChange, check *schema.Check) bool {
	if c.old != nil && slices.ContainsFunc(c.old.Checks(), func(old *schema.Check) bool { return old.Expr == check.Expr }) {
		return true
	}
	about := 0
	words := tokens(check.Expr, p.dialect)
	for _, column := range c.table.Columns {
		if mentions(words, column.Name) {
			if about++; !p.newColumn(c.table.Name, column.Name, c.step) {
				return false
			}
		}
	}
	return about > 0
}

// refTable is the name of the table that a foreign key refers to.
func refTable(f *schema.ForeignKey) string {
	if f.RefTable == nil {
		return "?"
	}
	return f.RefTable.Name
}

// refersByNew says whether a foreign key stands on columns that the file has
// added: the running code does not write them, and they are NULL.
func (p *pass) refersByNew(c tableChange, f *schema.ForeignKey) bool {
	return len(f.Columns) > 0 && !slices.ContainsFunc(f.Columns, func(column *schema.Column) bool {
		return !column.Type.Null || column.Default != nil || !p.newColumn(c.table.Name, column.Name, c.step)
	})
}

// takenAway finds columns that this build uses and the file takes away or
// renames.
func (p *pass) takenAway() {
	if p.options.Uses == nil {
		return
	}
	report := func(s *step, table, column, what string) {
		if p.options.Uses(table, column) {
			p.report("SW201", s, fmt.Sprintf("Column %q of table %q is %s", column, table, what))
		}
	}
	for _, s := range p.steps {
		for _, c := range s.changes {
			switch c := c.(type) {
			case *schema.DropTable:
				if s.fresh[c.T.Name] {
					continue
				}
				for _, column := range c.T.Columns {
					report(s, c.T.Name, column.Name, "dropped with its table")
				}
			case *schema.RenameTable:
				if s.fresh[c.From.Name] {
					continue
				}
				for _, column := range c.From.Columns {
					report(s, c.From.Name, column.Name, fmt.Sprintf("in %q from then on", c.To.Name))
				}
			}
		}
	}
	for _, c := range p.existing() {
		switch change := c.change.(type) {
		case *schema.DropColumn:
			report(c.step, c.table.Name, change.C.Name, "dropped")
		case *schema.RenameColumn:
			report(c.step, c.table.Name, change.From.Name, fmt.Sprintf("renamed to %q", change.To.Name))
		case *schema.ModifyColumn:
			if change.From.Name != change.To.Name {
				report(c.step, c.table.Name, change.From.Name, fmt.Sprintf("renamed to %q", change.To.Name))
			}
		}
	}
}

// tightened finds what a changed column no longer takes or gives.
func (p *pass) tightened(c tableChange, change *schema.ModifyColumn) {
	from, to := change.From, change.To
	where := fmt.Sprintf("column %q of table %q", to.Name, c.table.Name)
	if p.newColumn(c.table.Name, to.Name, c.step) {
		if from.Type.Null && !to.Type.Null && to.Default == nil {
			p.report("SW202", c.step, fmt.Sprintf("Column %q of table %q, added in this file, becomes NOT NULL and has no default", to.Name, c.table.Name))
		}
		return
	}
	if from.Type.Null && !to.Type.Null {
		p.report("SW203", c.step, fmt.Sprintf("NULL is refused in %s", where))
	}
	if from.Default != nil && to.Default == nil && !to.Type.Null && !automatic(to) {
		p.report("SW204", c.step, fmt.Sprintf("The default of %s goes", where))
	}
	if a, b := family(from), family(to); a != b && a != "" && b != "" && p.conversion(c, change) == "" {
		p.report("SW208", c.step, fmt.Sprintf("The type of %s changes from %s to %s", where, p.typeName(from), p.typeName(to)))
	}
	if p.dialect == mySQL && isText(from) && isText(to) {
		setA, a := charset(from, c.old)
		setB, b := charset(to, c.table)
		if setA == setB && a != b && a != "" && b != "" {
			p.report("SW209", c.step, fmt.Sprintf("The collation of %s changes from %s to %s", where, a, b))
		}
	}
}

// newUnique finds a unique index that says something new about rows that are
// there.
func (p *pass) newUnique(c tableChange, i *schema.Index) {
	names, exact := columnNames(i)
	if !i.Unique || c.old == nil {
		return
	}
	if implied(i, c.old) {
		return
	}
	isNew := func(n string) bool { return p.newColumn(c.table.Name, n, c.step) }
	if len(names) > 0 && exact && !slices.ContainsFunc(names, func(n string) bool { return !isNew(n) }) {
		p.sameInAllRows(c, i, names)
		return
	}
	p.report("SW205", c.step, fmt.Sprintf("Table %q gets the unique index %q", c.table.Name, i.Name))
}

// implied says whether an index has to be unique anyway: what was unique in some
// of its columns is unique in all of them.
func implied(i *schema.Index, old *schema.Table) bool {
	names, exact := columnNames(i)
	if !exact {
		return false
	}
	covers := func(key *schema.Index) bool {
		columns, all := columnNames(key)
		return all && !slices.ContainsFunc(columns, func(n string) bool { return !slices.Contains(names, n) })
	}
	return old.PrimaryKey != nil && covers(old.PrimaryKey) ||
		slices.ContainsFunc(old.Indexes, func(key *schema.Index) bool { return key.Unique && covers(key) })
}

// sameInAllRows finds a unique index on new columns that hold the same value in
// every row.
func (p *pass) sameInAllRows(c tableChange, i *schema.Index, names []string) {
	for _, n := range names {
		column, ok := c.table.Column(n)
		if !ok || column.Type.Null && column.Default == nil || automatic(column) || generated(column) != "" || p.filled(c.table.Name, n, 0, c.index) {
			return
		}
		if _, literal := column.Default.(*schema.Literal); column.Default != nil && !literal {
			return
		}
	}
	p.report("MF101", c.step, fmt.Sprintf("The unique index %q of table %q is on new columns that have the same value in every row", i.Name, c.table.Name))
}
