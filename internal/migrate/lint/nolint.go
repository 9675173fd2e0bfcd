package lint

import (
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
)

// silence is what the nolint comments of a file say, by Atlas's rules: at the
// top of the file and followed by an empty line they are about all of it, above
// a statement about that one. After "-- atlas:nolint" come codes or classes, with
// spaces or commas between them, or nothing for all.
type silence struct {
	file       []string
	statements [][]string
}

// all stands for a nolint without codes.
const all = "*"

// silences reads the nolint comments of a file.
func silences(name, text string, statements []*migrate.Stmt) silence {
	s := silence{file: directives(migrate.NewLocalFile(name, []byte(text)).Directive("nolint"))}
	for _, statement := range statements {
		s.statements = append(s.statements, directives(statement.Directive("nolint")))
	}
	return s
}

// directives takes the arguments of nolint comments apart.
func directives(arguments []string) (names []string) {
	for _, a := range arguments {
		fields := strings.Fields(strings.ReplaceAll(a, ",", " "))
		if len(fields) == 0 {
			names = append(names, all)
		}
		names = append(names, fields...)
	}
	return names
}

// covers says whether a finding of a rule is silenced, at a statement or, with an
// index of -1, for the file as a whole.
func (s silence) covers(r Rule, index int) bool {
	if slices.ContainsFunc(s.file, r.named) {
		return true
	}
	return index >= 0 && slices.ContainsFunc(s.statements[index], r.named)
}

// named says whether a nolint comment names the rule.
func (r Rule) named(name string) bool {
	return name == all || strings.EqualFold(name, r.Code) || strings.EqualFold(name, r.Class)
}

// unknownNames reports the names that are neither a code nor a class.
func (p *pass) unknownNames() {
	check := func(names []string, s *step) {
		for _, n := range names {
			if !slices.ContainsFunc(rules, func(r Rule) bool { return r.named(n) }) {
				p.report("SW607", s, "There is no rule %q", n)
			}
		}
	}
	check(p.silence.file, &step{index: -1, line: 1})
	for i, names := range p.silence.statements {
		check(names, p.steps[i])
	}
}
