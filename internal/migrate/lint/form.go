package lint

import (
	"fmt"
	"slices"
	"strings"
)

// form finds what is wrong with the writing of the file rather than with what it
// does.
func (p *pass) form() {
	p.unknownNames()
	for _, s := range p.steps {
		switch {
		case s.Problem != "":
			p.report("SW606", s, strings.TrimSuffix(s.Problem, "."))
		case s.Unknown && !dropsDatabase(s):
			p.report("SW605", s, shorten(s.Text))
		}
		p.names(s)
	}
	if p.dialect == mySQL {
		p.oneAction()
		p.schemaAndData()
	}
}

// oneAction finds ALTERs of MySQL with more than one action.
func (p *pass) oneAction() {
	for _, s := range p.steps {
		if s.verb != "ALTER TABLE" || s.Problem != "" || s.fresh[s.head.table] {
			continue
		}
		if n := actions(s.tokens); n > 1 {
			p.report("SW601", s, fmt.Sprintf("The ALTER of table %q has %d actions", s.head.table, n))
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
		switch s.verb {
		case "INSERT", "REPLACE", "UPDATE", "DELETE":
			if changes {
				p.report("SW602", s, fmt.Sprintf("%s of table %q stands in a file that changes the schema", s.verb, s.head.table))
				return
			}
		}
	}
}

// names finds constraints that the file leaves to the database to name.
func (p *pass) names(s *step) {
	if s.verb != "CREATE TABLE" && s.verb != "ALTER TABLE" || s.Problem != "" {
		return
	}
	for _, what := range unnamed(s.tokens) {
		p.report("SW603", s, fmt.Sprintf("%s of table %q has no name", what, s.table()))
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
