package query

import (
	"fmt"
	"strings"
)

// appendValues appends the values of a list to texts:
//
//	list   = value *( "," value )
//	value  = quoted / plain
//	quoted = DQUOTE *( any character but DQUOTE and "\" / "\" DQUOTE / "\\" ) DQUOTE
//	plain  = any text without "," that does not begin with DQUOTE
//
// A quoted value stands for what is between its quotes. In a plain one every
// character stands for itself, a quote and a backslash too. Either may be empty.
func appendValues(texts []string, list string) ([]string, *valueError) {
	for {
		if strings.HasPrefix(list, `"`) {
			text, rest, err := cutQuoted(list)
			if err != nil {
				return nil, &valueError{"syntax", fmt.Sprintf("has value %d wrong: %s", len(texts)+1, err.detail)}
			}
			texts = append(texts, text)
			if rest == "" {
				return texts, nil
			}
			list = rest[1:]
			continue
		}
		text, rest, more := strings.Cut(list, ",")
		texts = append(texts, text)
		if !more {
			return texts, nil
		}
		list = rest
	}
}

// cutQuoted cuts the quoted value that s begins with from the rest, which is empty
// or begins with a comma.
func cutQuoted(s string) (text, rest string, err *valueError) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' && i+1 < len(s) && s[i+1] != ',':
			return "", "", &valueError{"syntax",
				`after its closing quote a comma must follow, or nothing; a quote inside a quoted value is written \"`}
		case c == '"':
			return b.String(), s[i+1:], nil
		case c != '\\':
			b.WriteByte(c)
		case i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		default:
			return "", "", &valueError{"syntax",
				`in a quoted value a backslash must stand before a quote or a backslash, as in \" and \\`}
		}
	}
	return "", "", &valueError{"syntax", "it begins with a quote, and has no closing one"}
}
