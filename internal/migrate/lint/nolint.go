package lint

import (
	"fmt"
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
func silences(f File, dialect string) silence {
	s := silence{file: directives(migrate.NewLocalFile(f.Name, []byte(f.Text)).Directive("nolint")),
		statements: make([][]string, len(f.Statements))}
	end := 0
	for i, statement := range f.Statements {
		pos := min(max(statement.Pos, end, 0), len(f.Text))
		s.statements[i] = directives(comments(f.Text[min(end, pos):pos], dialect).Directive("nolint"))
		end = min(pos+len(statement.Text), len(f.Text))
	}
	return s
}

// comments reads the comments before a statement as Atlas would: the scanner is
// given a statement after them.
func comments(before, dialect string) *migrate.Stmt {
	// The rest of the statement before, its semicolon, is no comment.
	before = strings.TrimLeft(before, "; \t\r")
	scanner := migrate.Scanner{ScannerOptions: migrate.ScannerOptions{HashComments: dialect == mySQL}}
	stmts, err := scanner.Scan(before + "x;")
	if err != nil || len(stmts) != 1 {
		return &migrate.Stmt{}
	}
	return stmts[0]
}

// directives takes the arguments of nolint comments apart.
func directives(arguments []string) (names []string) {
	for _, a := range arguments {
		fields := strings.FieldsFunc(a, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == '\r' || r == '\n' })
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
	covered := func(name string) bool {
		return name == all || strings.EqualFold(name, r.Code) || strings.EqualFold(name, r.Class)
	}
	if slices.ContainsFunc(s.file, covered) {
		return true
	}
	return index >= 0 && index < len(s.statements) && slices.ContainsFunc(s.statements[index], covered)
}

// unknownNames reports the names that are neither a code nor a class.
func (p *pass) unknownNames() {
	check := func(names []string, s *step) {
		for _, n := range names {
			if n == all || slices.ContainsFunc(rules, func(r Rule) bool { return strings.EqualFold(n, r.Code) || strings.EqualFold(n, r.Class) }) {
				continue
			}
			p.report("SW607", s, fmt.Sprintf("There is no rule %q", n))
		}
	}
	check(p.silence.file, &step{index: -1, line: 1})
	for i, names := range p.silence.statements {
		check(names, p.steps[i])
	}
}
