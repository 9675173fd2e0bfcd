package ddl

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a token is.
type kind uint8

const (
	end    kind = iota // after the last token
	word               // a keyword, a function, an unquoted name
	quoted             // a name in quotes: `x`, "x" or [x] on SQLite
	text               // a string: 'x', and "x" on MySQL
	number             // 1, 1.5e3, 0x1f
	symbol             // an operator or a sign: one of ( ) , ; . or several as in >=
)

// token is one word of a statement. Its value is a name or a string without
// quotes and escapes, and the token as it stands for the others. A string's
// prefix, as in x'61', b'1' and n'a', is in lower case.
type token struct {
	kind     kind
	value    string
	prefix   string
	from, to int // where it stands in the text
}

// executedUpTo is the highest version whose comments /*!NNNNN … */ are read as
// statements: that of the newest MySQL there is.
const executedUpTo = 99999

// lexer cuts a text into tokens. Comments and space are left out, save MySQL's
// /*! … */, whose content counts.
type lexer struct {
	dialect string
	text    string
	at      int
	// inside is true between /*! and its */.
	inside bool
}

// tokens cuts a text into tokens, at most limit of them. The last token is of
// the kind end, unless the limit came first. A string, name or comment that does
// not end is an error.
func tokens(dialect, text string, limit int) ([]token, error) {
	l := lexer{dialect: dialect, text: text}
	all := make([]token, 0, min(limit, len(text)/4+2))
	for len(all) < limit {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		all = append(all, t)
		if t.kind == end {
			break
		}
	}
	return all, nil
}

func (l *lexer) next() (token, error) {
	if err := l.skip(); err != nil {
		return token{}, err
	}
	from := l.at
	if from >= len(l.text) {
		return token{kind: end, from: from, to: from}, nil
	}
	c := l.text[from]
	switch {
	case c == '\'':
		return l.enclosed(text, "", '\'')
	case c == '"' && l.dialect == MySQL:
		return l.enclosed(text, "", '"')
	case c == '"' || c == '`':
		return l.enclosed(quoted, "", c)
	case c == '[' && l.dialect == SQLite:
		stop := strings.IndexByte(l.text[from:], ']')
		if stop < 0 {
			return token{}, l.unfinished("name", from)
		}
		l.at = from + stop + 1
		return token{kind: quoted, value: l.text[from+1 : from+stop], from: from, to: l.at}, nil
	case c >= '0' && c <= '9', c == '.' && from+1 < len(l.text) && digit(l.text[from+1]):
		return l.number(), nil
	case from+1 < len(l.text) && l.text[from+1] == '\'' && strings.IndexByte("xXbBnN", c) >= 0:
		l.at++
		return l.enclosed(text, strings.ToLower(l.text[from:from+1]), '\'')
	}
	for l.at < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.at:])
		if !nameRune(r) {
			break
		}
		l.at += size
	}
	if l.at > from {
		return token{kind: word, value: l.text[from:l.at], from: from, to: l.at}, nil
	}
	l.at = from + operator(l.text[from:])
	return token{kind: symbol, value: l.text[from:l.at], from: from, to: l.at}, nil
}

// skip passes over space and comments.
func (l *lexer) skip() error {
	for l.at < len(l.text) {
		rest := l.text[l.at:]
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case unicode.IsSpace(r) || r == '\ufeff':
			l.at += size
		case strings.HasPrefix(rest, "--") && l.dash(rest), rest[0] == '#' && l.dialect == MySQL:
			line := strings.IndexByte(rest, '\n')
			if line < 0 {
				line = len(rest) - 1
			}
			l.at += line + 1
		case l.inside && strings.HasPrefix(rest, "*/"):
			l.at, l.inside = l.at+2, false
		case l.dialect == MySQL && !l.inside && strings.HasPrefix(rest, "/*!") && l.executed(rest):
		case strings.HasPrefix(rest, "/*"):
			stop := strings.Index(rest[2:], "*/")
			if stop < 0 {
				// SQLite takes the end of the text for the end of the comment.
				if l.dialect == MySQL {
					return l.unfinished("comment", l.at)
				}
				stop = len(rest) - 4
			}
			l.at += stop + 4
		default:
			return nil
		}
	}
	if l.inside {
		return l.unfinished("comment", l.at)
	}
	return nil
}

// dash says whether -- begins a comment: MySQL wants a space behind it.
func (l *lexer) dash(rest string) bool {
	return l.dialect == SQLite || len(rest) == 2 || rest[2] <= ' '
}

// executed steps into a comment that MySQL executes, and says whether it is one.
func (l *lexer) executed(rest string) bool {
	version, at := 0, 3
	for at < len(rest) && at < 9 && digit(rest[at]) {
		version = version*10 + int(rest[at]-'0')
		at++
	}
	if version > executedUpTo {
		return false
	}
	l.at, l.inside = l.at+at, true
	return true
}

// enclosed reads a string or a name in quotes. A doubled quote stands for one,
// and a backslash escapes in MySQL's strings.
func (l *lexer) enclosed(k kind, prefix string, quote byte) (token, error) {
	start := l.at
	escapes := k == text && l.dialect == MySQL
	from := start - len(prefix)
	var b strings.Builder
	at := start + 1
	for at < len(l.text) {
		c := l.text[at]
		switch {
		case c == quote && at+1 < len(l.text) && l.text[at+1] == quote:
			b.WriteByte(quote)
			at += 2
		case c == quote:
			l.at = at + 1
			return token{kind: k, value: b.String(), prefix: prefix, from: from, to: l.at}, nil
		case c == '\\' && escapes && at+1 < len(l.text):
			b.WriteString(unescaped(l.text[at+1]))
			at += 2
		default:
			b.WriteByte(c)
			at++
		}
	}
	what := "string"
	if k == quoted {
		what = "name"
	}
	return token{}, l.unfinished(what, from)
}

// unescaped is what MySQL makes of a backslash and a letter. \% and \_ keep
// their backslash: it matters to LIKE only.
func unescaped(c byte) string {
	switch c {
	case '0':
		return "\x00"
	case 'b':
		return "\b"
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 't':
		return "\t"
	case 'Z':
		return "\x1a"
	case '%', '_':
		return `\` + string(rune(c))
	}
	return string([]byte{c})
}

func (l *lexer) number() token {
	from := l.at
	hex := strings.HasPrefix(l.text[from:], "0x") || strings.HasPrefix(l.text[from:], "0X")
	for l.at < len(l.text) {
		c := l.text[l.at]
		sign := (c == '+' || c == '-') && !hex && l.at > from && (l.text[l.at-1] == 'e' || l.text[l.at-1] == 'E')
		if c != '.' && !sign && !nameRune(rune(c)) {
			break
		}
		l.at++
	}
	return token{kind: number, value: l.text[from:l.at], from: from, to: l.at}
}

func (l *lexer) unfinished(what string, from int) error {
	return fmt.Errorf("the %s that begins at %s does not end", what, excerpt(l.text[from:]))
}

// operator is the length of the sign a text begins with.
func operator(rest string) int {
	for _, o := range []string{"<=>", "->>", "<=", ">=", "<>", "!=", "||", "&&", "<<", ">>", "->", ":=", "=="} {
		if strings.HasPrefix(rest, o) {
			return len(o)
		}
	}
	_, size := utf8.DecodeRuneInString(rest)
	return size
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// nameRune says whether a rune may be in a name without quotes. MySQL's @ and $
// are among them: @x is then one word.
func nameRune(r rune) bool {
	return r == '_' || r == '$' || r == '@' || r >= 0x80 && r != '\ufeff' && !unicode.IsSpace(r) ||
		r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// excerpt is the beginning of a text, for an error.
func excerpt(s string) string {
	s = strings.Join(strings.Fields(s[:min(len(s), 120)]), " ")
	const most = 40
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
