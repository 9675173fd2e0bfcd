package schema

import (
	"fmt"
	"strings"

	"slipway/internal/migrate/lazyregexp"
)

type tokenKind int

const (
	word tokenKind = iota
	quotedName
	number
	stringLiteral
	symbol
)

// token is a token of a MySQL expression. The text of a string literal or a quoted name
// has no quotes.
type token struct {
	kind tokenKind
	text string
}

// nesting returns 1 for an opening parenthesis, -1 for a closing one, and otherwise 0.
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

// tokenForms are the kinds of tokens without quotes.
var tokenForms = []struct {
	kind    tokenKind
	pattern *lazyregexp.Regexp
}{
	{word, lazyregexp.New(`^0[xX][0-9a-fA-F]+`)},
	{number, lazyregexp.New(`^(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?`)},
	{word, lazyregexp.New(`^[\pL_$][\pL\pN_$]*`)},
	{symbol, lazyregexp.New(`^(<=>|->>|->|<=|>=|<>|!=|&&|\|\||<<|>>|:=|[-+*/%=<>!(),&|^~.@?:{}\[\];#\\])`)},
}

var introducer = lazyregexp.New(`^(?i:_utf8mb4|_utf8mb3|_utf8|_ascii|_latin1|n)$`)

// tokenize splits a MySQL expression into tokens
// (dev.mysql.com/doc/refman/en/language-structure.html). A comment is an error.
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
			err = fmt.Errorf("comments are not supported in an expression")
		default:
			for _, form := range tokenForms {
				if t.text = form.pattern.FindString(s); t.text != "" {
					t.kind, s = form.kind, s[len(t.text):]
					break
				}
			}
			if t.text == "" {
				err = fmt.Errorf("%q is not supported in an expression", s[:1])
			}
		}
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
	}
}

// withoutIntroducer removes the character set before a string, as in _utf8mb4'a'. SQLite
// needs none.
func withoutIntroducer(tokens []token) []token {
	n := len(tokens) - 1
	if n >= 0 && tokens[n].kind == word && introducer.MatchString(tokens[n].text) {
		return tokens[:n]
	}
	return tokens
}

// escapes maps the letter after a backslash in a MySQL string to its character.
var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', '0': 0, 'Z': 26}

// unquote returns the quoted text at the start of s, and the rest of s. Inside it,
// quotes are doubled or, except in names, escaped.
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
				return "", "", fmt.Errorf("a NUL character is not supported in an expression")
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
	return "", "", fmt.Errorf("closing quote %c is missing", quote)
}
