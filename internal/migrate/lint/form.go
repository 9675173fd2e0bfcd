package lint

import (
	"strings"

	"slipway/internal/migrate/plan"
)

// form checks the writing of a statement rather than what it does.
func (p *pass) form(s *step) {
	short := plan.Headline(strings.TrimSuffix(s.Statement, ";"))
	switch {
	case s.Problem != nil:
		p.report("SW606", s, "%v", s.Problem)
	case s.verb == "DROP DATABASE", s.verb == "DROP SCHEMA":
		p.report("DS101", s, "Dropping a database: %s", short)
	case s.Unknown:
		p.report("SW605", s, "%s", short)
	}
	for _, d := range s.definitions() {
		for _, what := range unnamed(d) {
			if s.Problem == nil {
				p.report("SW603", s, "%s of table %q has no name", what, s.about)
			}
		}
		if p.dialect == plan.MySQL && mentions(d, "REFERENCES") && !mentions(d, "FOREIGN") {
			p.report("MY102", s, "Column %q of table %q has REFERENCES in its own definition", d[0].name(), s.about)
		}
	}
	if p.dialect == plan.MySQL && s.verb == "ALTER TABLE" && s.Problem == nil && !s.fresh[s.about] {
		if n := s.actions(); n > 1 {
			p.report("SW601", s, "The ALTER of table %q has %d actions", s.about, n)
		}
	}
}
