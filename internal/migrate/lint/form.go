package lint

import (
	"strings"

	"slipway/internal/migrate/plan"
)

// form checks the writing of the file rather than what it does.
func (p *pass) form() {
	p.unknownNames()
	for _, s := range p.steps {
		switch {
		case s.Problem != nil:
			p.report("SW606", s, "%v", s.Problem)
		case s.dropsDatabase():
			p.report("DS101", s, "Dropping a database: %s", s.shorten())
		case s.Unknown:
			p.report("SW605", s, "%s", s.shorten())
		}
		p.definitions(s)
		n := s.actions()
		if p.dialect == plan.MySQL && s.verb == "ALTER TABLE" && s.Problem == nil && !s.fresh[s.about] && n > 1 {
			p.report("SW601", s, "The ALTER of table %q has %d actions", s.about, n)
		}
	}
	if p.dialect == plan.MySQL {
		p.schemaAndData()
	}
}

// dropsDatabase says whether a statement is DROP DATABASE, which MySQL also calls
// DROP SCHEMA.
func (s *step) dropsDatabase() bool { return s.verb == "DROP DATABASE" || s.verb == "DROP SCHEMA" }

// shorten returns the beginning of the statement on one line.
func (s *step) shorten() string { return plan.Headline(strings.TrimSuffix(s.Statement, ";")) }

// definitions finds constraints that the file leaves to the database to name, and, on
// MySQL, those that some versions do not make.
func (p *pass) definitions(s *step) {
	for _, d := range s.definitions() {
		for _, what := range unnamed(d) {
			if s.Problem == nil {
				p.report("SW603", s, "%s of table %q has no name", what, s.about)
			}
		}
		if p.dialect == plan.MySQL && mentions(d, "REFERENCES") && !mentions(d, "FOREIGN") {
			p.report("MY102", s, "Column %q of table %q has REFERENCES in its own definition", d[0].text, s.about)
		}
	}
}

// schemaAndData finds files of MySQL that change both.
func (p *pass) schemaAndData() {
	changes := false
	for _, s := range p.steps {
		changes = changes || len(s.Changes) > 0
	}
	for _, s := range p.steps {
		switch s.verb {
		case "INSERT", "REPLACE", "UPDATE", "DELETE":
			if changes {
				p.report("SW602", s, "%s of table %q stands in a file that changes the schema", s.verb, s.about)
				return
			}
		}
	}
}
