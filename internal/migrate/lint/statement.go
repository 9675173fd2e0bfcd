package lint

import (
	"slices"
	"strings"
)

// statement is what a statement says, by its words.
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
	// where has the words of the condition; limit says that there is a LIMIT.
	where []token
	limit bool
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
	s.verb = strings.ToUpper(next().text)
	switch s.verb {
	case "CREATE", "ALTER", "DROP", "RENAME":
		s.verb += " " + strings.ToUpper(next().text)
		if strings.HasSuffix(s.verb, " INDEX") {
			on := topLevel(rest, 0, "ON")
			rest = rest[min(on+1, len(rest)):]
		}
	case "TRUNCATE":
		if begins(rest, "TABLE") {
			rest = rest[1:]
		}
	}
	name := next()
	if len(rest) > 1 && rest[0].sym(".") { // the database, and the table after it
		name, rest = rest[1], rest[2:]
	}
	if name.name() {
		s.about, s.rest = name.text, rest
	}
	if s.verb == "UPDATE" {
		s.readSets()
	}
	if where := topLevel(s.tokens, 0, "WHERE"); where < len(s.tokens) {
		s.where = s.tokens[where+1 : topLevel(s.tokens, where+1, "ORDER", "LIMIT", "RETURNING")]
	}
	s.limit = s.has("LIMIT")
	return s
}

// readSets reads what an UPDATE sets.
func (s *statement) readSets() {
	set := topLevel(s.rest, 0, "SET")
	if set == len(s.rest) {
		return
	}
	end := topLevel(s.rest, set, "FROM", "WHERE", "ORDER", "LIMIT", "RETURNING")
	for _, part := range split(s.rest[set+1 : end]) {
		equal := slices.IndexFunc(part, func(t token) bool { return t.sym("=") })
		if equal > 0 && part[equal-1].name() {
			s.sets[part[equal-1].text] = part[equal+1:]
		}
	}
}

// has says whether one of some words stands outside of parentheses.
func (s statement) has(words ...string) bool { return topLevel(s.tokens, 0, words...) < len(s.tokens) }

// fills says whether an UPDATE gives a column a value in every row that has none.
func (s statement) fills(column string) bool {
	expression, set := s.sets[column]
	if !set || s.limit || len(expression) == 1 && expression[0].is("NULL") {
		return false
	}
	for i := range s.where {
		next := s.where[i:]
		if len(next) > 2 && next[0].name() && next[0].text == column && next[1].is("IS") && next[2].is("NULL") {
			return true
		}
	}
	return len(s.where) == 0
}

// foreignKeyChecks reads MySQL's SET foreign_key_checks = 0 and 1.
func (s statement) foreignKeyChecks() (on, set bool) {
	i := slices.IndexFunc(s.tokens, func(t token) bool { return t.is("foreign_key_checks") })
	if s.verb != "SET" || i < 0 || i+2 >= len(s.tokens) {
		return false, false
	}
	value := s.tokens[i+2]
	return value.is("1") || value.is("ON"), true
}

// definitions returns the parts of a CREATE TABLE or ALTER TABLE that define a column or a
// constraint, each from the name of the column or the word of the constraint on.
func (s statement) definitions() (all [][]token) {
	switch s.verb {
	case "CREATE TABLE":
		open := slices.IndexFunc(s.rest, func(t token) bool { return t.sym("(") })
		return split(s.rest[open+1:])
	case "ALTER TABLE":
		for _, part := range split(s.rest) {
			if !begins(part, "ADD", "MODIFY", "CHANGE") {
				continue
			}
			if part = part[1:]; begins(part, "COLUMN") {
				part = part[1:]
			}
			if len(part) > 0 && part[0].sym("(") { // several columns
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
		what := constraints[strings.ToUpper(t.text)]
		if t.kind != aWord || what == "" || t.is("REFERENCES") && mentions(definition, "FOREIGN") {
			continue
		}
		if !named(definition, i) {
			all = append(all, what)
		}
	}
	return all
}

// named says whether the constraint whose word is at i has a name, before it or behind.
func named(ts []token, i int) bool {
	if i >= 2 && ts[i-2].is("CONSTRAINT") {
		return true
	}
	if !ts[i].is("UNIQUE") && !ts[i].is("FOREIGN") {
		return false
	}
	for i++; i < len(ts) && (ts[i].is("KEY") || ts[i].is("INDEX")); i++ {
	}
	return i+1 < len(ts) && ts[i].name() && !ts[i].is("USING") && (ts[i+1].sym("(") || ts[i+1].is("USING"))
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
