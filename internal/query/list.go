package query

import (
	"fmt"
	"strings"
)

// appendValues parses the value of in or nin and appends its values to texts. The syntax is
//
//	list   = value *( "," value )
//	value  = quoted / plain
//	quoted = DQUOTE *( any character but DQUOTE and "\" / "\" DQUOTE / "\\" ) DQUOTE
//	plain  = any text without "," that does not begin with DQUOTE
//
// In a plain value, quotes and backslashes are literal. Both kinds of value may be empty.
func appendValues(texts []string, list string) ([]string, *valueError) {
	for {
		if strings.HasPrefix(list, `"`) {
			text, rest, err := cutQuoted(list)
			if err != nil {
				return nil, &valueError{"syntax", fmt.Sprintf("has an invalid value at position %d: %s", len(texts)+1,
					err.detail)}
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

// cutQuoted splits s, which begins with a quoted value, into this value and the rest, which
// is empty or begins with a comma.
func cutQuoted(s string) (text, rest string, err *valueError) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' && i+1 < len(s) && s[i+1] != ',':
			return "", "", &valueError{"syntax",
				`a comma must follow the closing quote (write a quote inside a quoted value as \")`}
		case c == '"':
			return b.String(), s[i+1:], nil
		case c != '\\':
			b.WriteByte(c)
		case i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		default:
			return "", "", &valueError{"syntax",
				`a quote or a backslash must follow each backslash in a quoted value, as in \" and \\`}
		}
	}
	return "", "", &valueError{"syntax", "the closing quote is missing"}
}
