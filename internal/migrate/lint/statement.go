package lint

import (
	"slices"
	"strings"
)

// statement is a parsed statement: facts that the schemas before and after it do not show.
// It omits parts that cannot be parsed.
type statement struct {
	tokens []token
	// verb is its kind in capitals: "ALTER TABLE", "CREATE INDEX", "UPDATE".
	verb string
	// about is the name of its first table; "" for none.
	about string
	// rest contains the tokens after about.
	rest []token
	// sets maps each column that an UPDATE sets to its expression.
	sets map[string][]token
	// where contains the tokens of the condition of an UPDATE or DELETE.
	where []token
}

// between lists keywords that may follow a verb before the name of the table.
var between = []string{"IF", "NOT", "EXISTS", "INTO", "FROM", "ONLY", "IGNORE", "LOW_PRIORITY", "DELAYED", "QUICK",
	"HIGH_PRIORITY", "OR", "TEMPORARY", "UNIQUE", "FULLTEXT", "SPATIAL"}

// parse parses a statement. It accepts any text.
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

// readSets parses the SET clause of an UPDATE.
func (s *statement) readSets() {
	sets := after(s.rest, "SET")
	for _, part := range split(sets[:topLevel(sets, "FROM", "WHERE", "ORDER", "LIMIT", "RETURNING")]) {
		if equal := slices.Index(part, "="); equal > 0 {
			s.sets[part[equal-1].name()] = part[equal+1:]
		}
	}
}

// after returns the tokens after the first word outside parentheses; none if it is missing.
func after(ts []token, word string) []token { return ts[min(topLevel(ts, word)+1, len(ts)):] }

// has reports whether the statement contains one of the words outside parentheses.
func (s statement) has(words ...string) bool { return topLevel(s.tokens, words...) < len(s.tokens) }

// fills reports whether an UPDATE sets a column in every row in which it is NULL.
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

// foreignKeyChecks parses MySQL's SET foreign_key_checks. set is false for other statements.
func (s statement) foreignKeyChecks() (on, set bool) {
	value := after(s.tokens, "foreign_key_checks")
	return len(value) > 1 && value[1].is("1", "ON"), s.verb == "SET" && len(value) > 1
}

// definitions returns the parts of a CREATE TABLE or ALTER TABLE that define a column or a
// constraint. Each starts with the name of the column or the keyword of the constraint.
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

// constraints maps the keyword that starts a constraint to its name in messages.
var constraints = map[string]string{
	"UNIQUE": "A unique index", "FOREIGN": "A foreign key", "REFERENCES": "A foreign key", "CHECK": "A check",
}

// unnamed returns the constraints of a definition that have no name.
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

// named reports whether the constraint whose keyword is at i has a name, before or after it.
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

// actions returns the number of actions of an ALTER TABLE, without ALGORITHM and LOCK. All
// table options count as one action. An ALTER with a new primary key counts as one action,
// because it cannot be split.
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
