package lint

import (
	"slices"
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

// schemaAndData finds files of MySQL that change both.
func (p *pass) schemaAndData() {
	hasChanges := slices.ContainsFunc(p.steps, func(s *step) bool { return len(s.Changes) > 0 })
	i := slices.IndexFunc(p.steps, (*step).changesRows)
	if p.dialect == plan.MySQL && hasChanges && i >= 0 {
		s := p.steps[i]
		p.report("SW602", s, "%s of table %q stands in a file that changes the schema", s.verb, s.about)
	}
}

// allRules stands for a nolint without codes.
const allRules = "*"

// silenced returns the codes and classes that nolint comments name, by Atlas's rules: at
// the top of a file and followed by an empty line they are about all of it, above a
// statement about that one. After "-- atlas:nolint" come codes or classes, with spaces or
// commas between them, or nothing for all.
func silenced(by interface{ Directive(string) []string }) (names []string) {
	for _, list := range by.Directive("nolint") {
		fields := strings.Fields(strings.ReplaceAll(list, ",", " "))
		if len(fields) == 0 {
			fields = []string{allRules}
		}
		names = append(names, fields...)
	}
	return names
}

// named reports whether a nolint comment names the rule.
func (r Rule) named(name string) bool {
	return name == allRules || strings.EqualFold(name, r.Code) || strings.EqualFold(name, r.Class)
}

// unknownNames reports names that are neither a code nor a class.
func (p *pass) unknownNames(s *step, names []string) {
	for _, name := range names {
		if !slices.ContainsFunc(rules, func(r Rule) bool { return r.named(name) }) {
			p.report("SW607", s, "There is no rule %q", name)
		}
	}
}
