package lint

import (
	"maps"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// pass is one file being looked at.
type pass struct {
	file    File
	dialect string
	options Options
	steps   []*step
	// complete is false when the effect of a statement is not known.
	complete bool
	silence  silence
	found    []Finding
}

// step is one statement of the file.
type step struct {
	Statement
	head
	index, line int
	tokens      []token
	// changes is Changes; on SQLite the types are those that CHECKs stand for.
	changes []schema.Change
	// fresh has the tables that were made by the same file before this statement:
	// nobody uses them, and nothing is in them.
	fresh map[string]bool
	// renamed has the names before the file of the tables that it renamed before this
	// statement.
	renamed map[string]string
	// unchecked is true while foreign_key_checks is 0 on MySQL.
	unchecked bool
}

// walk reads the statements of the file.
func (p *pass) walk() {
	p.complete = true
	fresh, renamed, unchecked := map[string]bool{}, map[string]string{}, false
	for i, statement := range p.file.Statements {
		ts := tokens(statement.Text, p.dialect)
		s := &step{Statement: statement, head: readHead(ts), index: i, line: line(p.file.Text, statement.Pos),
			tokens: ts, changes: statement.Changes, fresh: maps.Clone(fresh), renamed: maps.Clone(renamed), unchecked: unchecked}
		p.steps = append(p.steps, s)
		if s.Problem != "" || s.Unknown {
			p.complete = false
		}
		for _, c := range s.changes {
			switch c := c.(type) {
			case *schema.AddTable:
				home(c.T)
				fresh[c.T.Name] = true
			case *schema.DropTable:
				home(c.T)
				delete(fresh, c.T.Name)
			case *schema.RenameTable:
				home(c.From)
				home(c.To)
				fresh[c.To.Name] = fresh[c.From.Name]
				renamed[c.To.Name] = c.From.Name
				delete(fresh, c.From.Name)
			case *schema.ModifyTable:
				home(c.T)
			}
		}
		if on, ok := setsForeignKeyChecks(s.tokens); ok {
			unchecked = !on
		}
	}
	if p.dialect == sqLite {
		p.readTypes()
	}
}

// home makes sure that a table has a schema: Atlas's analyzers ask for its name.
func home(t *schema.Table) {
	if t.Schema == nil {
		t.Schema = schema.New("")
	}
}

// tableChange is one action on a table that was there before the file.
type tableChange struct {
	*step
	// table is the table after the statement, old the one before it; old is nil
	// when the model knows none.
	table, old *schema.Table
	change     schema.Change
}

// existing gives the actions on tables that were there before the file.
func (p *pass) existing() (all []tableChange) {
	for _, s := range p.steps {
		for _, c := range s.changes {
			m, ok := c.(*schema.ModifyTable)
			if !ok || s.fresh[m.T.Name] {
				continue
			}
			for _, action := range m.Changes {
				all = append(all, tableChange{step: s, table: m.T, old: s.oldTable(m.T.Name), change: action})
			}
		}
	}
	return all
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

// newColumn says whether the file adds a column to a table, before or with a
// step.
func (p *pass) newColumn(table, column string, until *step) bool {
	for _, s := range p.steps[:until.index+1] {
		for _, c := range s.changes {
			if m, ok := c.(*schema.ModifyTable); ok && m.T.Name == table && schema.Changes(m.Changes).IndexAddColumn(column) >= 0 {
				return true
			}
		}
	}
	return false
}

// large says whether a table is known to have as many rows as count as large.
func (p *pass) large(table string) bool {
	if p.options.Rows == nil || p.options.LargeTable <= 0 {
		return false
	}
	n, known := p.options.Rows(table)
	return known && n >= p.options.LargeTable
}

// line is the line, from 1, of a position in a text. What stands before the
// statement in the way of space is passed over.
func line(text string, pos int) int {
	pos = min(max(pos, 0), len(text))
	pos += len(text[pos:]) - len(strings.TrimLeft(text[pos:], " \t\r\n"))
	return 1 + strings.Count(text[:pos], "\n")
}

// columnNames gives the names of the columns that an index stands on, and
// whether those are all its parts.
func columnNames(i *schema.Index) (names []string, all bool) {
	all = true
	for _, part := range i.Parts {
		if part.C == nil {
			all = false
			continue
		}
		names = append(names, part.C.Name)
	}
	return names, all
}
