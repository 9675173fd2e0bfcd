package lint

import (
	"slices"
	"strings"
)

// statement has what the words of a statement tell and the schemas around it do not. What
// cannot be read counts as missing.
type statement struct {
	tokens []token
	// verb is its kind in capitals: "ALTER TABLE", "CREATE INDEX", "UPDATE".
	verb string
	// about is the first table that it names, "" where it names none; rest is what
	// follows the name.
	about string
	rest  []token
	// sets has the expression for each column that an UPDATE sets.
	sets map[string][]token
	// where has the words of the condition of an UPDATE or DELETE.
	where []token
}

// between are words that may stand between a verb and what it is about.
var between = []string{"IF", "NOT", "EXISTS", "INTO", "FROM", "ONLY", "IGNORE", "LOW_PRIORITY", "DELAYED", "QUICK",
	"HIGH_PRIORITY", "OR", "TEMPORARY", "UNIQUE", "FULLTEXT", "SPATIAL"}

// parse reads the words of a statement. Any text is taken.
func parse(text, dialect string) statement {
	s := statement{tokens: tokens(text, dialect), sets: map[string][]token{}}
	rest := s.tokens
	next := func() (t token) {
		for begins(rest, between...) {
			rest = rest[1:]
		}
		if len(rest) > 0 {
			t, rest = rest[0], rest[1:]
		}
		return t
	}
	s.verb = strings.ToUpper(string(next()))
	switch s.verb {
	case "CREATE", "ALTER", "DROP", "RENAME":
		s.verb += " " + strings.ToUpper(string(next()))
		if strings.HasSuffix(s.verb, " INDEX") {
			rest = after(rest, "ON")
		}
	case "TRUNCATE":
		if begins(rest, "TABLE") {
			rest = rest[1:]
		}
	}
	s.about = next().name()
	if len(rest) > 1 && rest[0] == "." { // the database, and the table after it
		s.about, rest = rest[1].name(), rest[2:]
	}
	s.rest = rest
	if s.verb == "UPDATE" {
		s.readSets()
	}
	s.where = after(s.tokens, "WHERE")
	s.where = s.where[:topLevel(s.where, "ORDER", "LIMIT", "RETURNING")]
	return s
}

// readSets reads what an UPDATE sets.
func (s *statement) readSets() {
	sets := after(s.rest, "SET")
	for _, part := range split(sets[:topLevel(sets, "FROM", "WHERE", "ORDER", "LIMIT", "RETURNING")]) {
		if equal := slices.Index(part, "="); equal > 0 {
			s.sets[part[equal-1].name()] = part[equal+1:]
		}
	}
}

// after returns the tokens after a word outside of parentheses; none without the word.
func after(ts []token, word string) []token { return ts[min(topLevel(ts, word)+1, len(ts)):] }

// has reports whether one of some words stands outside of parentheses.
func (s statement) has(words ...string) bool { return topLevel(s.tokens, words...) < len(s.tokens) }

// fills reports whether an UPDATE sets a column in every row that has no value there.
func (s statement) fills(column string) bool {
	expression, set := s.sets[column]
	if !set || s.has("LIMIT") || len(expression) == 1 && expression[0].is("NULL") {
		return false
	}
	for i, t := range s.where {
		next := s.where[i+1:]
		if t.name() == column && len(next) > 1 && next[0].is("IS") && next[1].is("NULL") {
			return true
		}
	}
	return len(s.where) == 0
}

// foreignKeyChecks reads MySQL's SET foreign_key_checks = 0 and 1.
func (s statement) foreignKeyChecks() (on, set bool) {
	value := after(s.tokens, "foreign_key_checks")
	return len(value) > 1 && value[1].is("1", "ON"), s.verb == "SET" && len(value) > 1
}

// definitions returns the parts of a CREATE TABLE or ALTER TABLE that define a column or a
// constraint, each from the name of the column or the word of the constraint on.
func (s statement) definitions() (all [][]token) {
	switch s.verb {
	case "CREATE TABLE":
		return split(s.rest[slices.Index(s.rest, "(")+1:])
	case "ALTER TABLE":
		for _, part := range split(s.rest) {
			if !begins(part, "ADD", "MODIFY", "CHANGE") {
				continue
			}
			if part = part[1:]; begins(part, "COLUMN") {
				part = part[1:]
			}
			if begins(part, "(") { // several columns
				all = append(all, split(part[1:])...)
			} else {
				all = append(all, part)
			}
		}
	}
	return all
}

// constraints are the words that begin a constraint.
var constraints = map[string]string{
	"UNIQUE": "A unique index", "FOREIGN": "A foreign key", "REFERENCES": "A foreign key", "CHECK": "A check",
}

// unnamed lists the constraints of a definition that have no name.
func unnamed(definition []token) (all []string) {
	for i, t := range definition {
		what := constraints[strings.ToUpper(string(t))]
		if what == "" || t.is("REFERENCES") && mentions(definition, "FOREIGN") || named(definition, i) {
			continue
		}
		all = append(all, what)
	}
	return all
}

// named reports whether the constraint whose word is at i has a name, before it or behind.
func named(ts []token, i int) bool {
	if i >= 2 && ts[i-2].is("CONSTRAINT") {
		return true
	}
	rest := ts[i+1:]
	for begins(rest, "KEY", "INDEX") {
		rest = rest[1:]
	}
	return ts[i].is("UNIQUE", "FOREIGN") && len(rest) > 1 && rest[0].name() != "" && !rest[0].is("USING") &&
		rest[1].is("(", "USING")
}

// actions counts what an ALTER TABLE does, without its ALGORITHM and LOCK. The
// options of a table are one action, and so is all that goes with a new primary
// key: they have to be.
func (s statement) actions() (n int) {
	options := 0
	for _, part := range split(s.rest) {
		switch {
		case begins(part, "ALGORITHM", "LOCK"):
		case mentions(part, "PRIMARY") && mentions(part, "KEY"):
			return 1
		case begins(part, "ADD", "DROP", "MODIFY", "CHANGE", "ALTER", "RENAME", "CONVERT", "ORDER"):
			n++
		default:
			options = 1
		}
	}
	return n + options
}
