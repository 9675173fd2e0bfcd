package lint

import (
	"slices"
	"strings"
)

// What the model of the schema does not tell, because it changes no schema, is
// read here from the words of a statement: what an UPDATE sets, what an INSERT …
// SELECT copies. Whatever cannot be read counts as not there.

// kind is a kind of token.
type kind int

const (
	aWord   kind = iota // a keyword or a name without quotes
	aName               // a name in quotes
	aString             // a string
	aSymbol             // anything else, one character
)

// token is a word of a statement; comments and spaces are none. Its text is
// without quotes.
type token struct {
	kind kind
	text string
}

// is compares a word without regard to case.
func (t token) is(s string) bool { return t.kind == aWord && strings.EqualFold(t.text, s) }

// sym says whether a token is this symbol.
func (t token) sym(s string) bool { return t.kind == aSymbol && t.text == s }

// name says whether a token can be the name of something.
func (t token) name() bool { return t.kind == aWord || t.kind == aName }

// tokens takes a statement apart. Any text is taken.
func tokens(s, dialect string) (all []token) {
	mysql := dialect == mySQL
	for len(s) > 0 {
		c := s[0]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			s = s[1:]
		case strings.HasPrefix(s, "--") || mysql && c == '#':
			_, s, _ = strings.Cut(s, "\n")
		case mysql && strings.HasPrefix(s, "/*!"):
			// What MySQL runs all the same: the words count, the marks do not.
			s = strings.TrimLeft(s[3:], "0123456789")
		case strings.HasPrefix(s, "/*"):
			_, s, _ = strings.Cut(s[2:], "*/")
		case strings.HasPrefix(s, "*/"):
			s = s[2:]
		case c == '\'' || c == '"' || c == '`' || !mysql && c == '[':
			value, rest := quoted(s, mysql)
			k := aName
			if c == '\'' {
				k = aString
			}
			all = append(all, token{k, value})
			s = rest
		case wordByte(c):
			n := 1
			for n < len(s) && wordByte(s[n]) {
				n++
			}
			all = append(all, token{aWord, s[:n]})
			s = s[n:]
		default:
			all = append(all, token{aSymbol, s[:1]})
			s = s[1:]
		}
	}
	return all
}

// wordByte says whether a byte can stand in a word or a number.
func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// quoted reads a quoted piece at the beginning of s, which may lack its end.
func quoted(s string, escapes bool) (value, rest string) {
	end := s[0]
	if end == '[' {
		end = ']'
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\' && end != '`' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == end && i+1 < len(s) && s[i+1] == end && end != ']':
			i++
			b.WriteByte(end)
		case s[i] == end:
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// topLevel gives the index of the first of some words outside of parentheses,
// from an index on, or len(ts).
func topLevel(ts []token, from int, words ...string) int {
	depth := 0
	for i := from; i < len(ts); i++ {
		switch {
		case ts[i].sym("("):
			depth++
		case ts[i].sym(")"):
			depth--
		case depth == 0 && slices.ContainsFunc(words, ts[i].is):
			return i
		}
	}
	return len(ts)
}

// split cuts tokens at the commas outside of parentheses.
func split(ts []token) (parts [][]token) {
	depth, start := 0, 0
	for i, t := range ts {
		switch {
		case t.sym("("):
			depth++
		case t.sym(")"):
			depth--
		case t.sym(",") && depth == 0:
			parts = append(parts, ts[start:i])
			start = i + 1
		}
	}
	return append(parts, ts[start:])
}

// update is what an UPDATE or DELETE says.
type update struct {
	// sets has the expression for each column that is set.
	sets map[string][]token
	// where has the words of the condition; limit says that there is a LIMIT.
	where []token
	limit bool
}

// readUpdate reads an UPDATE or DELETE.
func readUpdate(ts []token) (u update, ok bool) {
	if len(ts) == 0 || !ts[0].is("UPDATE") && !ts[0].is("DELETE") {
		return u, false
	}
	u.sets = map[string][]token{}
	tails := []string{"FROM", "WHERE", "ORDER", "LIMIT", "RETURNING"}
	if ts[0].is("UPDATE") {
		set := topLevel(ts, 1, "SET")
		if set == len(ts) {
			return u, false
		}
		for _, part := range split(ts[set+1 : topLevel(ts, set+1, tails...)]) {
			equal := slices.IndexFunc(part, func(t token) bool { return t.sym("=") })
			if equal > 0 && part[equal-1].name() {
				u.sets[part[equal-1].text] = trimEnd(part[equal+1:])
			}
		}
	}
	if where := topLevel(ts, 1, "WHERE"); where < len(ts) {
		u.where = ts[where+1 : topLevel(ts, where+1, "ORDER", "LIMIT", "RETURNING")]
	}
	u.limit = topLevel(ts, 1, "LIMIT") < len(ts)
	return u, true
}

// trimEnd takes the semicolon off the end of a statement.
func trimEnd(ts []token) []token {
	for len(ts) > 0 && ts[len(ts)-1].sym(";") {
		ts = ts[:len(ts)-1]
	}
	return ts
}

// mentions says whether a name stands among tokens.
func mentions(ts []token, column string) bool {
	return slices.ContainsFunc(ts, func(t token) bool { return t.name() && strings.EqualFold(t.text, column) })
}

// fills says whether a statement gives a column of a table a value in every row
// that has none.
func (u update) fills(column string) bool {
	expression, set := u.sets[column]
	if !set || u.limit || len(expression) == 1 && expression[0].is("NULL") {
		return false
	}
	if len(u.where) == 0 {
		return true
	}
	for i := range u.where {
		rest := u.where[i:]
		if len(rest) >= 3 && rest[0].name() && rest[0].text == column && rest[1].is("IS") && rest[2].is("NULL") {
			return true
		}
	}
	return false
}

// insertSelect is what an INSERT INTO … SELECT says.
type insertSelect struct {
	table string
	// some says that it leaves rows out.
	some bool
	// filled has the expression that each column is filled with.
	filled map[string][]token
}

// readInsertSelect reads INSERT INTO t (a, b) SELECT x, y FROM …. Without a list
// of columns it says only which table it fills.
func readInsertSelect(ts []token) (i insertSelect, ok bool) {
	into, from := topLevel(ts, 0, "INTO"), topLevel(ts, 0, "SELECT")
	if len(ts) == 0 || !ts[0].is("INSERT") && !ts[0].is("REPLACE") || into+1 >= len(ts) || from <= into || from == len(ts) {
		return i, false
	}
	i = insertSelect{table: ts[into+1].text, filled: map[string][]token{}}
	i.some = topLevel(ts, from, "WHERE", "LIMIT", "DISTINCT", "GROUP") < len(ts)
	list := ts[into+2 : from]
	if len(list) < 3 || !list[0].sym("(") || !list[len(list)-1].sym(")") {
		return i, true
	}
	columns := split(list[1 : len(list)-1])
	values := split(ts[from+1 : topLevel(ts, from, "FROM")])
	if len(columns) != len(values) {
		return i, true
	}
	for k, column := range columns {
		if len(column) == 1 {
			i.filled[column[0].text] = values[k][:topLevel(values[k], 0, "AS")]
		}
	}
	return i, true
}

// setsForeignKeyChecks reads MySQL's SET foreign_key_checks = 0 and 1.
func setsForeignKeyChecks(ts []token) (on, ok bool) {
	if len(ts) == 0 || !ts[0].is("SET") {
		return false, false
	}
	for i, t := range ts {
		if t.is("foreign_key_checks") {
			value := trimEnd(ts[i+1:])
			return len(value) > 0 && (value[len(value)-1].is("1") || value[len(value)-1].is("ON")), true
		}
	}
	return false, false
}

// inlineReferences gives the columns that refer to another table in their own
// definition, as in: user_id bigint REFERENCES users (id).
func inlineReferences(ts []token) (columns []string) {
	for i, t := range ts {
		if !t.is("REFERENCES") || isTableConstraint(ts, i) {
			continue
		}
		start := definitionStart(ts, i)
		if ts[start].is("COLUMN") {
			start++
		}
		if start < i && ts[start].name() {
			columns = append(columns, ts[start].text)
		}
	}
	return columns
}

// definitionStart finds where the definition that holds token i begins: after the
// last comma or the opening parenthesis on its own level, or after ADD.
func definitionStart(ts []token, i int) int {
	depth := 0
	for k := i - 1; k >= 0; k-- {
		switch {
		case ts[k].sym(")"):
			depth++
		case ts[k].sym("("):
			if depth == 0 {
				return k + 1
			}
			depth--
		case ts[k].sym(",") && depth == 0, ts[k].is("ADD") && depth == 0:
			return k + 1
		}
	}
	return 0
}

// isTableConstraint says whether the REFERENCES at i belongs to a FOREIGN KEY.
func isTableConstraint(ts []token, i int) bool {
	return slices.ContainsFunc(ts[definitionStart(ts, i):i], func(t token) bool { return t.is("FOREIGN") })
}
