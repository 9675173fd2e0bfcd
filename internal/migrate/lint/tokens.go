package lint

import (
	"regexp"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"
)

// What the model of the schema does not tell, because it changes no schema, is read from
// the words of a statement. Whatever cannot be read counts as not there.

// kind is a kind of token.
type kind int

const (
	aWord   kind = iota // a keyword or a name without quotes
	aName               // a name in quotes
	aString             // a string
	aSymbol             // anything else, one character
)

// token is a word of a statement; comments and spaces are none. The text of a name is
// without its quotes, that of a string with them.
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

// What the dialects take for comments and for quotes; a quote may lack its end. MySQL runs
// what stands in /*! … */: the words count, the marks do not.
const (
	comments      = `--[^\n]*|/\*.*?(?:\*/|$)|\*/`
	mysqlComments = `#[^\n]*|/\*!\d*`
	mysqlQuotes   = `'(?:\\.|''|[^'\\])*'?|"(?:\\.|""|[^"\\])*"?` + "|`(?:``|[^`])*`?"
	sqliteQuotes  = `'(?:''|[^'])*'?|"(?:""|[^"])*"?|\[[^\]]*\]?` + "|`(?:``|[^`])*`?"
)

// tokenPattern finds a comment, a text in quotes, a word, or a symbol, in this order.
func tokenPattern(comments, quotes string) *regexp.Regexp {
	return regexp.MustCompile(`(?s)(` + comments + `)|(` + quotes + `)|([\w$\x{80}-\x{10FFFF}]+)|\S`)
}

var tokenPatterns = map[string]*regexp.Regexp{
	plan.MySQL:  tokenPattern(mysqlComments+"|"+comments, mysqlQuotes),
	plan.SQLite: tokenPattern(comments, sqliteQuotes),
}

// tokens takes a statement apart. Any text is taken.
func tokens(s, dialect string) (all []token) {
	for _, m := range tokenPatterns[dialect].FindAllStringSubmatch(s, -1) {
		switch comment, quoted, word := m[1], m[2], m[3]; {
		case comment != "":
		case word != "":
			all = append(all, token{aWord, word})
		case strings.HasPrefix(quoted, "'"):
			all = append(all, token{aString, quoted})
		case quoted != "":
			name := strings.Trim(quoted, "`\"[]")
			all = append(all, token{aName, strings.ReplaceAll(name, "``", "`")})
		default:
			all = append(all, token{aSymbol, m[0]})
		}
	}
	return all
}

// depth is how many parentheses a token opens; -1 where it closes one.
func (t token) depth() int {
	switch {
	case t.sym("("):
		return 1
	case t.sym(")"):
		return -1
	}
	return 0
}

// topLevel returns the index of the first of some words outside of parentheses,
// from an index on, or len(ts).
func topLevel(ts []token, from int, words ...string) int {
	depth := 0
	for i := from; i < len(ts); i++ {
		if depth += ts[i].depth(); depth == 0 && slices.ContainsFunc(words, ts[i].is) {
			return i
		}
	}
	return len(ts)
}

// split cuts tokens at the commas outside of parentheses, up to a parenthesis that closes
// what was opened before, or a semicolon.
func split(ts []token) (parts [][]token) {
	depth, start := 0, 0
	for i, t := range ts {
		depth += t.depth()
		switch {
		case depth < 0, t.sym(";"):
			return append(parts, ts[start:i])
		case depth == 0 && t.sym(","):
			parts = append(parts, ts[start:i])
			start = i + 1
		}
	}
	return append(parts, ts[start:])
}

// begins says whether the first token is one of some words.
func begins(ts []token, words ...string) bool { return len(ts) > 0 && slices.ContainsFunc(words, ts[0].is) }

// mentions says whether a name stands among tokens.
func mentions(ts []token, name string) bool {
	return slices.ContainsFunc(ts, func(t token) bool { return t.name() && strings.EqualFold(t.text, name) })
}
