package lint

import (
	"slices"

	"ariga.io/atlas/sql/schema"
)

// looksLikeRename reports a dropped column or table if the file adds one of the same shape.
func (c change) looksLikeRename() {
	for _, other := range c.changes {
		switch drop := c.action.(type) {
		case *schema.DropTable:
			add, ok := other.action.(*schema.AddTable)
			if ok && add.T.Name != drop.T.Name && c.sameColumns(add.T, drop.T) {
				c.report("SW604", "Dropping table %q and creating table %q with the same columns", drop.T.Name, add.T.Name)
				return
			}
		case *schema.DropColumn:
			add, ok := other.action.(*schema.AddColumn)
			if ok && other.table.Name == c.table.Name && add.C.Name != drop.C.Name && c.sameShape(add.C, drop.C) &&
				!c.copiedFrom(c.table.Name, add.C.Name, drop.C.Name) {
				c.report("SW604", "Dropping column %q of table %q and adding column %q of the same type",
					drop.C.Name, c.table.Name, add.C.Name)
				return
			}
		}
	}
}

// sameShape reports whether two columns have the same type.
func (p *pass) sameShape(a, b *schema.Column) bool {
	return generated(a) == "" && generated(b) == "" && p.typeName(a) == p.typeName(b)
}

func (p *pass) sameColumns(a, b *schema.Table) bool {
	return len(a.Columns) > 1 && slices.EqualFunc(a.Columns, b.Columns, func(x, y *schema.Column) bool {
		return x.Name == y.Name && p.sameShape(x, y)
	})
}

// copiedFrom reports whether the file fills a column from another one.
func (p *pass) copiedFrom(table, column, from string) bool {
	return slices.ContainsFunc(p.steps, func(s *step) bool {
		return s.about == table && mentions(s.sets[column], from) ||
			s.Rebuilds == table && mentions(tokens(s.Sources[column], p.dialect), from)
	})
}
