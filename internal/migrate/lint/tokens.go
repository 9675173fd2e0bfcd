package lint

import (
	"regexp"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"
)

// token is a word, a quoted text, or a symbol of a statement.
type token string

// is reports whether a token is one of the words, ignoring case.
func (t token) is(words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(string(t), w) })
}

// name returns the token as an identifier without quotes; "" if it is not an identifier.
func (t token) name() string {
	if t == "" || !strings.ContainsRune("`\"[", rune(t[0])) && !wordPattern.MatchString(string(t)) {
		return ""
	}
	return strings.ReplaceAll(strings.Trim(string(t), "`\"[]"), "``", "`")
}

var wordPattern = regexp.MustCompile("^" + word + "$")

const (
	word = `[\w$\x{80}-\x{10FFFF}]+`
	// The comments and quotes of the dialects; a closing quote may be missing. MySQL executes
	// the text in /*! … */, so only the marks count as comments.
	comments      = `--[^\n]*|/\*.*?(?:\*/|$)|\*/`
	mysqlComments = `#[^\n]*|/\*!\d*|` + comments
	mysqlQuotes   = `'(?:\\.|''|[^'\\])*'?|"(?:\\.|""|[^"\\])*"?` + "|`(?:``|[^`])*`?"
	sqliteQuotes  = `'(?:''|[^'])*'?|"(?:""|[^"])*"?|\[[^\]]*\]?` + "|`(?:``|[^`])*`?"
)

var tokenPatterns = map[string]*regexp.Regexp{
	plan.MySQL:  regexp.MustCompile(`(?s)(` + mysqlComments + `)|` + mysqlQuotes + `|` + word + `|\S`),
	plan.SQLite: regexp.MustCompile(`(?s)(` + comments + `)|` + sqliteQuotes + `|` + word + `|\S`),
}

// tokens returns the tokens of a statement without comments and spaces. It accepts any text.
func tokens(s, dialect string) (all []token) {
	for _, m := range tokenPatterns[dialect].FindAllStringSubmatch(s, -1) {
		if comment := m[1]; comment == "" {
			all = append(all, token(m[0]))
		}
	}
	return all
}

// depth returns 1 for an opening parenthesis, -1 for a closing one, otherwise 0.
func (t token) depth() int {
	switch t {
	case "(":
		return 1
	case ")":
		return -1
	}
	return 0
}

// topLevel returns the index of the first of the words outside parentheses, or len(ts).
func topLevel(ts []token, words ...string) int {
	depth := 0
	for i, t := range ts {
		if depth += t.depth(); depth == 0 && t.is(words...) {
			return i
		}
	}
	return len(ts)
}

// split splits tokens at the commas outside parentheses. It stops at a semicolon, or at a
// closing parenthesis without an opening one.
func split(ts []token) (parts [][]token) {
	depth, start := 0, 0
	for i, t := range ts {
		depth += t.depth()
		switch {
		case depth < 0, t == ";":
			return append(parts, ts[start:i])
		case depth == 0 && t == ",":
			parts = append(parts, ts[start:i])
			start = i + 1
		}
	}
	return append(parts, ts[start:])
}

// begins reports whether the first token is one of the words.
func begins(ts []token, words ...string) bool { return len(ts) > 0 && ts[0].is(words...) }

// mentions reports whether the tokens contain a name.
func mentions(ts []token, name string) bool {
	return slices.ContainsFunc(ts, func(t token) bool { return strings.EqualFold(t.name(), name) })
}
