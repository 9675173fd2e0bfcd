package lint

import (
	"slices"

	"ariga.io/atlas/sql/schema"
)

// looksLikeRename finds a column or a table that goes while another one with the
// same shape comes.
func (p *pass) looksLikeRename() {
	for _, s := range p.steps {
		for _, c := range s.Changes {
			if drop, ok := c.(*schema.DropTable); ok && !s.fresh[drop.T.Name] {
				p.likeNewTable(s, drop.T)
			}
		}
	}
	for c, action := range p.changes(0, len(p.steps)) {
		if drop, ok := action.(*schema.DropColumn); ok {
			c.likeNewColumn(drop.C)
		}
	}
}

func (p *pass) likeNewTable(s *step, dropped *schema.Table) {
	for _, other := range p.steps {
		for _, c := range other.Changes {
			if add, ok := c.(*schema.AddTable); ok && add.T.Name != dropped.Name && p.sameColumns(add.T, dropped) {
				p.report("SW604", s, "Table %q goes and %q with the same columns comes", dropped.Name, add.T.Name)
				return
			}
		}
	}
}

func (c change) likeNewColumn(dropped *schema.Column) {
	table := c.table.Name
	for other, action := range c.changes(0, len(c.steps)) {
		add, ok := action.(*schema.AddColumn)
		if ok && other.table.Name == table && add.C.Name != dropped.Name && c.sameShape(add.C, dropped) &&
			!c.copiedFrom(table, add.C.Name, dropped.Name) {
			c.report("SW604", "Column %q of table %q goes and %q of the same type comes", dropped.Name, table, add.C.Name)
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
