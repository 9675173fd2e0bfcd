package lint

import (
	"slices"
	"strings"
)

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

// named says whether a nolint comment names the rule.
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
