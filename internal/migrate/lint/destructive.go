package lint

import (
	"fmt"

	"ariga.io/atlas/sql/schema"
)

// destructive finds what deletes or overwrites data beyond the drops that Atlas
// finds.
func (p *pass) destructive() {
	for _, s := range p.steps {
		table := s.head.table
		u, read := readUpdate(s.tokens)
		if dropsDatabase(s) {
			p.report("DS101", s, fmt.Sprintf("Dropping a database: %s", shorten(s.Text)))
		}
		switch s.verb {
		case "TRUNCATE":
			if !s.fresh[table] {
				p.report("SW101", s, fmt.Sprintf("TRUNCATE of table %q", table))
			}
		case "DELETE":
			if !s.fresh[table] && !s.where && !(read && u.limit) {
				p.report("SW102", s, fmt.Sprintf("DELETE of all rows of table %q", table))
			}
		case "UPDATE":
			if !s.fresh[table] && !s.where && !(read && p.setsNewOnly(s, u)) {
				p.report("SW103", s, fmt.Sprintf("UPDATE of all rows of table %q", table))
			}
		case "REPLACE":
			if !s.fresh[table] {
				p.report("SW104", s, fmt.Sprintf("REPLACE into table %q", table))
			}
		}
	}
	p.looksLikeRename()
}

// dropsDatabase says whether a statement is DROP DATABASE, which MySQL also calls
// DROP SCHEMA.
func dropsDatabase(s *step) bool {
	return len(s.tokens) > 1 && s.tokens[0].is("DROP") && (s.tokens[1].is("DATABASE") || s.tokens[1].is("SCHEMA"))
}

// setsNewOnly says whether an UPDATE sets only columns that the file itself has
// added: there is nothing in them to overwrite.
func (p *pass) setsNewOnly(s *step, u update) bool {
	for column := range u.sets {
		if !p.newColumn(s.head.table, column, s) {
			return false
		}
	}
	return len(u.sets) > 0
}

// looksLikeRename finds a column or a table that goes while another one with the
// same shape comes.
func (p *pass) looksLikeRename() {
	type column struct {
		*step
		table string
		c     *schema.Column
	}
	var added, dropped []column
	var made, gone []tableStep
	for _, s := range p.steps {
		for _, c := range s.changes {
			switch c := c.(type) {
			case *schema.AddTable:
				made = append(made, tableStep{s, c.T})
			case *schema.DropTable:
				if !s.fresh[c.T.Name] {
					gone = append(gone, tableStep{s, c.T})
				}
			}
		}
	}
	for _, c := range p.existing() {
		switch change := c.change.(type) {
		case *schema.AddColumn:
			added = append(added, column{c.step, c.table.Name, change.C})
		case *schema.DropColumn:
			dropped = append(dropped, column{c.step, c.table.Name, change.C})
		}
	}
	for _, d := range dropped {
		for _, a := range added {
			if a.table == d.table && a.c.Name != d.c.Name && p.sameShape(a.c, d.c) && !p.copiedFrom(a.table, a.c.Name, d.c.Name) {
				p.report("SW604", d.step, fmt.Sprintf("Column %q of table %q goes and %q of the same type comes", d.c.Name, d.table, a.c.Name))
				break
			}
		}
	}
	for _, d := range gone {
		for _, a := range made {
			if a.t.Name != d.t.Name && p.sameColumns(a.t, d.t) {
				p.report("SW604", d.step, fmt.Sprintf("Table %q goes and %q with the same columns comes", d.t.Name, a.t.Name))
				break
			}
		}
	}
}

type tableStep struct {
	*step
	t *schema.Table
}

// sameShape says whether two columns have the same type.
func (p *pass) sameShape(a, b *schema.Column) bool {
	return generated(a) == "" && generated(b) == "" && p.typeName(a) == p.typeName(b)
}

func (p *pass) sameColumns(a, b *schema.Table) bool {
	if len(a.Columns) != len(b.Columns) || len(a.Columns) < 2 {
		return false
	}
	for i, c := range a.Columns {
		if c.Name != b.Columns[i].Name || !p.sameShape(c, b.Columns[i]) {
			return false
		}
	}
	return true
}

// copiedFrom says whether the file fills a column from another one.
func (p *pass) copiedFrom(table, column, from string) bool {
	for _, s := range p.steps {
		if u, ok := readUpdate(s.tokens); ok && s.head.table == table && mentions(u.sets[column], from) {
			return true
		}
		if s.Rebuilds == table && mentions(p.copied(s, column), from) {
			return true
		}
	}
	return false
}
