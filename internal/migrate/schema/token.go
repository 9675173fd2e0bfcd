package schema

import (
	"fmt"
	"regexp"
	"strings"
)

type tokenKind int

const (
	word tokenKind = iota
	quotedName
	number
	stringLiteral
	symbol
)

// token is one word of an expression of MySQL. The text of a literal and of a quoted
// name is without its quotes.
type token struct {
	kind tokenKind
	text string
}

// nesting is 1 for an opening parenthesis, -1 for a closing one, else 0.
func (t token) nesting() int {
	switch {
	case t.kind != symbol:
		return 0
	case t.text == "(":
		return 1
	case t.text == ")":
		return -1
	}
	return 0
}

// tokenForms are the tokens that are not in quotes.
var tokenForms = []struct {
	kind    tokenKind
	pattern *regexp.Regexp
}{
	{number, regexp.MustCompile(`^(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?`)},
	{word, regexp.MustCompile(`^[\pL_$][\pL\pN_$]*`)},
	{symbol, regexp.MustCompile(`^(<=>|->>|->|<=|>=|<>|!=|&&|\|\||<<|>>|:=|[-+*/%=<>!(),&|^~.@?:{}\[\];#\\])`)},
}

var introducer = regexp.MustCompile(`^(?i:_utf8mb4|_utf8mb3|_utf8|_ascii|_latin1|n)$`)

// tokenize splits an expression of MySQL into words
// (dev.mysql.com/doc/refman/en/language-structure.html). Comments are errors.
func tokenize(s string) (tokens []token, err error) {
	for {
		if s = strings.TrimLeft(s, " \t\r\n"); s == "" {
			return tokens, nil
		}
		var t token
		switch {
		case s[0] == '`':
			t.kind = quotedName
			t.text, s, err = unquote(s)
		case s[0] == '\'', s[0] == '"':
			t.kind, tokens = stringLiteral, withoutIntroducer(tokens)
			t.text, s, err = unquote(s)
		case strings.HasPrefix(s, "--"), strings.HasPrefix(s, "/*"), s[0] == '#':
			err = fmt.Errorf("a comment in an expression is not known")
		default:
			for _, form := range tokenForms {
				if t.text = form.pattern.FindString(s); t.text != "" {
					t.kind, s = form.kind, s[len(t.text):]
					break
				}
			}
			if t.text == "" {
				err = fmt.Errorf("%q is not known in an expression", s[:1])
			}
		}
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
	}
}

// withoutIntroducer takes off the word in front of a string that names its character
// set: _utf8mb4'a' is 'a' in a set that SQLite has anyway.
func withoutIntroducer(tokens []token) []token {
	n := len(tokens) - 1
	if n >= 0 && tokens[n].kind == word && introducer.MatchString(tokens[n].text) {
		return tokens[:n]
	}
	return tokens
}

// escapes are what a backslash and a letter mean in a string of MySQL.
var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', '0': 0, 'Z': 26}

// unquote takes a quoted text off the front of s: quotes are doubled or, but for names,
// escaped.
func unquote(s string) (text, rest string, err error) {
	quote := s[0]
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote && i+1 < len(s) && s[i+1] == quote:
			i++
			b.WriteByte(quote)
		case c == quote:
			if strings.IndexByte(b.String(), 0) >= 0 {
				return "", "", fmt.Errorf("a NUL in a text is not known in an expression")
			}
			return b.String(), s[i+1:], nil
		case c == '\\' && quote != '`' && i+1 < len(s):
			i++
			switch e, ok := escapes[s[i]]; {
			case ok:
				b.WriteByte(e)
			case s[i] == '%' || s[i] == '_': // kept for LIKE
				b.WriteString(s[i-1 : i+1])
			default:
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", "", fmt.Errorf("the quote %c is not closed", quote)
}
