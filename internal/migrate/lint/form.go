package lint

import (
	"slices"
	"strings"

	"slipway/internal/migrate/plan"
)

// form checks the syntax of a statement rather than its effect.
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
			p.report("SW601", s, "ALTER TABLE %q has %d actions", s.about, n)
		}
	}
}

// schemaAndData reports a MySQL file that changes the schema and rows.
func (p *pass) schemaAndData() {
	hasChanges := slices.ContainsFunc(p.steps, func(s *step) bool { return len(s.Changes) > 0 })
	i := slices.IndexFunc(p.steps, (*step).changesRows)
	if p.dialect == plan.MySQL && hasChanges && i >= 0 {
		s := p.steps[i]
		p.report("SW602", s, "%s of table %q is in a file that changes the schema", s.verb, s.about)
	}
}

// allRules is the name for a nolint comment without codes.
const allRules = "*"

// silenced returns the codes and classes in nolint comments, by Atlas's rules. A comment at
// the top of a file, before an empty line, applies to the whole file; a comment above a
// statement applies to this statement. After "-- atlas:nolint" follow codes or classes,
// separated by spaces or commas; none means all.
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
			p.report("SW607", s, "Unknown rule %q", name)
		}
	}
}
