package lint

import (
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migration/ddl"
)

// pass is one file being looked at.
type pass struct {
	file    File
	dialect string
	options Options
	// start is the state before the file.
	start *ddl.State
	steps []*step
	// complete is false when a statement could not be followed: the state after
	// the file is then a guess.
	complete bool
	silence  silence
	found    []Finding
}

// step is one statement and what it does.
type step struct {
	Statement
	index, line int
	tokens      []token
	effect      ddl.Effect
	// err says why the statement cannot be applied.
	err error
	// changes is what the statement changes in the end. It differs from the effect
	// where SQLite rebuilds a table: then all of it stands with the first statement.
	changes []schema.Change
	// before is the schema that the changes of an existing table meet.
	before *schema.Schema
	// fresh has the tables that were made by the same file before this statement:
	// nobody uses them, and nothing is in them.
	fresh map[string]bool
	// rebuilt is the table that SQLite copies, beginning with this statement.
	rebuilt string
	// unchecked is true while foreign_key_checks is 0 on MySQL.
	unchecked bool
}

// walk applies the file's statements to the state and notes what each does.
func (p *pass) walk(state *ddl.State) {
	p.complete = true
	fresh := map[string]bool{}
	unchecked := false
	for i, statement := range p.file.Statements {
		s := &step{Statement: statement, index: i, line: line(p.file.Text, statement.Pos),
			tokens: tokens(statement.Text, p.dialect), fresh: clone(fresh), unchecked: unchecked}
		p.steps = append(p.steps, s)
		if alters(s.tokens) {
			s.before = state.Schema()
		}
		s.effect, s.err = state.Apply(statement.Text)
		if s.err != nil || !s.effect.Understood {
			p.complete = false
		}
		if s.err != nil {
			continue
		}
		s.changes = s.effect.Changes
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
				delete(fresh, c.From.Name)
			case *schema.ModifyTable:
				home(c.T)
			}
		}
		if on, ok := setsForeignKeyChecks(s.tokens); ok {
			unchecked = !on
		}
	}
	if p.dialect == ddl.SQLite {
		p.foldRebuilds()
		p.readTypes()
	}
}

// home makes sure that a table has a schema: Atlas's analyzers ask for its name.
func home(t *schema.Table) {
	if t.Schema == nil {
		t.Schema = schema.New("")
	}
}

// alters says whether a statement may change a table that is there, so that the
// schema before it will be asked for.
func alters(ts []token) bool {
	for _, t := range ts {
		if t.kind == aWord {
			return t.is("ALTER") || t.is("CREATE") || t.is("DROP") || t.is("RENAME")
		}
	}
	return false
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

func (s *step) oldTable(name string) *schema.Table {
	if s.before == nil {
		return nil
	}
	t, _ := s.before.Table(name)
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

func clone(m map[string]bool) map[string]bool {
	c := make(map[string]bool, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
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

// sameIndex says whether two indexes are the same in name and in what they stand
// on.
func sameIndex(a, b *schema.Index) bool {
	x, allX := columnNames(a)
	y, allY := columnNames(b)
	return a.Name == b.Name && a.Unique == b.Unique && allX == allY && slices.Equal(x, y)
}
