package lint

import (
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migration/ddl"
)

// form finds what is wrong with the writing of the file rather than with what it
// does.
func (p *pass) form() {
	p.unknownNames()
	for _, s := range p.steps {
		switch {
		case s.err != nil:
			p.report("SW606", s, strings.TrimSuffix(s.err.Error(), "."))
		case !s.effect.Understood && !dropsDatabase(s):
			p.report("SW605", s, shorten(s.Text))
		}
		p.names(s)
	}
	if p.dialect == ddl.MySQL {
		p.oneAction()
		p.schemaAndData()
	}
}

// oneAction finds ALTERs of MySQL with more than one action.
func (p *pass) oneAction() {
	for _, s := range p.steps {
		m, ok := tableOf(s)
		if !ok || s.effect.Verb != "ALTER TABLE" || s.fresh[m.T.Name] {
			continue
		}
		if n := actions(s.tokens); n > 1 {
			p.report("SW601", s, fmt.Sprintf("The ALTER of table %q has %d actions", m.T.Name, n))
		}
	}
}

// actions counts what an ALTER TABLE does, without its ALGORITHM and LOCK. The
// options of a table are one action, and so is all that goes with a new primary
// key: they have to be.
func actions(ts []token) (n int) {
	verbs := []string{"ADD", "DROP", "MODIFY", "CHANGE", "ALTER", "RENAME", "CONVERT", "ORDER"}
	options := 0
	for i, part := range split(trimEnd(ts)) {
		switch {
		case len(part) > 0 && (part[0].is("ALGORITHM") || part[0].is("LOCK")):
			continue
		case mentions(part, "PRIMARY") && mentions(part, "KEY"):
			return 1
		case i == 0:
			part = part[min(2, len(part)):] // ALTER TABLE
			if topLevel(part, 0, verbs...) == len(part) {
				options = 1
				continue
			}
		case len(part) > 0 && !slices.ContainsFunc(verbs, part[0].is):
			options = 1
			continue
		}
		n++
	}
	return n + options
}

// schemaAndData finds files of MySQL that change both.
func (p *pass) schemaAndData() {
	changes := false
	for _, s := range p.steps {
		changes = changes || len(s.changes) > 0
	}
	for _, s := range p.steps {
		switch s.effect.Verb {
		case "INSERT", "REPLACE", "UPDATE", "DELETE":
			if changes {
				p.report("SW602", s, fmt.Sprintf("%s of table %q stands in a file that changes the schema", s.effect.Verb, s.effect.Table))
				return
			}
		}
	}
}

// names finds constraints that the file leaves to the database to name.
func (p *pass) names(s *step) {
	unnamed := func(attrs []schema.Attr, what string, t *schema.Table) {
		if ddl.IsUnnamed(attrs) {
			p.report("SW603", s, fmt.Sprintf("%s of table %q has no name", what, t.Name))
		}
	}
	index := func(i *schema.Index, t *schema.Table) {
		if i.Unique {
			unnamed(i.Attrs, "A unique index", t)
		}
	}
	for _, c := range s.effect.Changes {
		switch c := c.(type) {
		case *schema.AddTable:
			for _, i := range c.T.Indexes {
				index(i, c.T)
			}
			for _, f := range c.T.ForeignKeys {
				unnamed(f.Attrs, "A foreign key", c.T)
			}
			for _, k := range c.T.Checks() {
				unnamed(k.Attrs, "A check", c.T)
			}
		case *schema.ModifyTable:
			for _, action := range c.Changes {
				switch action := action.(type) {
				case *schema.AddIndex:
					index(action.I, c.T)
				case *schema.AddForeignKey:
					unnamed(action.F.Attrs, "A foreign key", c.T)
				case *schema.AddCheck:
					unnamed(action.C.Attrs, "A check", c.T)
				}
			}
		}
	}
}

// shorten gives the beginning of a statement on one line.
func shorten(statement string) string {
	const most = 60
	line := []rune(strings.TrimSuffix(strings.Join(strings.Fields(statement), " "), ";"))
	if len(line) > most {
		return string(line[:most]) + "…"
	}
	return string(line)
}
