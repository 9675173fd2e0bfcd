package lint

import (
	"slices"

	"ariga.io/atlas/sql/schema"
)

// looksLikeRename finds a column or a table that goes while another one with the
// same shape comes.
func (p *pass) looksLikeRename() {
	var made []*schema.Table
	added := map[string][]*schema.Column{}
	for _, s := range p.steps {
		for _, c := range s.Changes {
			switch c := c.(type) {
			case *schema.AddTable:
				made = append(made, c.T)
			case *schema.ModifyTable:
				for _, action := range c.Changes {
					if add, ok := action.(*schema.AddColumn); ok && !s.fresh[c.T.Name] {
						added[c.T.Name] = append(added[c.T.Name], add.C)
					}
				}
			}
		}
	}
	for _, s := range p.steps {
		for _, c := range s.Changes {
			switch c := c.(type) {
			case *schema.DropTable:
				i := slices.IndexFunc(made, func(t *schema.Table) bool { return t.Name != c.T.Name && p.sameColumns(t, c.T) })
				if i >= 0 && !s.fresh[c.T.Name] {
					p.report("SW604", s, "Table %q goes and %q with the same columns comes", c.T.Name, made[i].Name)
				}
			case *schema.ModifyTable:
				for _, action := range c.Changes {
					if drop, ok := action.(*schema.DropColumn); ok {
						p.droppedFor(s, c.T.Name, drop.C, added[c.T.Name])
					}
				}
			}
		}
	}
}

// droppedFor reports a column that goes while one of the same shape comes, which the file
// does not fill from it.
func (p *pass) droppedFor(s *step, table string, dropped *schema.Column, added []*schema.Column) {
	for _, a := range added {
		if a.Name != dropped.Name && p.sameShape(a, dropped) && !p.copiedFrom(table, a.Name, dropped.Name) {
			p.report("SW604", s, "Column %q of table %q goes and %q of the same type comes", dropped.Name, table, a.Name)
			return
		}
	}
}

// sameShape says whether two columns have the same type.
func (p *pass) sameShape(a, b *schema.Column) bool {
	return generated(a) == "" && generated(b) == "" && p.typeName(a) == p.typeName(b)
}

func (p *pass) sameColumns(a, b *schema.Table) bool {
	return len(a.Columns) > 1 && slices.EqualFunc(a.Columns, b.Columns, func(x, y *schema.Column) bool {
		return x.Name == y.Name && p.sameShape(x, y)
	})
}

// copiedFrom says whether the file fills a column from another one.
func (p *pass) copiedFrom(table, column, from string) bool {
	return slices.ContainsFunc(p.steps, func(s *step) bool {
		return s.about == table && mentions(s.sets[column], from) ||
			s.Rebuilds == table && mentions(tokens(s.Sources[column], p.dialect), from)
	})
}
