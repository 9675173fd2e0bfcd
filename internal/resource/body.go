package resource

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is the maximum nesting of a body, and of a [JSON] in it.
const maxDepth = 100

var errDeep = &SyntaxError{fmt.Sprintf("The body is nested more than %d deep", maxDepth)}

// checkJSON returns a *[SyntaxError] for a body that is not JSON. A [scanner] relies on
// this check.
func checkJSON(body []byte) error {
	if !utf8.Valid(body) {
		return &SyntaxError{"The body is not valid UTF-8"}
	}
	if json.Valid(body) {
		return nil
	}
	// With a space appended, only a body that ends too early has an error after its end.
	err := json.Unmarshal(append(bytes.Clone(body), ' '), new(json.RawMessage))
	var at *json.SyntaxError
	switch {
	case !errors.As(err, &at): // impossible
		return &SyntaxError{"The body is not valid JSON"}
	case deep(body[:min(int(at.Offset), len(body))], maxDepth):
		return errDeep
	case int(at.Offset) > len(body):
		return &SyntaxError{"The body is not valid JSON: unexpected end of input"}
	}
	return &SyntaxError{fmt.Sprintf("The body is not valid JSON: %s (byte %d)", at.Error(), at.Offset)}
}

// deep reports whether JSON, or the beginning of JSON, has more levels.
func deep(text []byte, levels int) bool {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > levels {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// kind is the type of a JSON value, with its article, for messages.
type kind string

const (
	object kind = "an object"
	list   kind = "an array"
)

// scanner reads a body of valid JSON. Its position is before a value or, in an array or
// object, before an element, a member or the end.
type scanner struct {
	body []byte
	at   int
	// nested is true after value has returned an array or object.
	nested bool
}

// kind returns the type of the next value.
func (s *scanner) kind() kind {
	s.space()
	switch s.body[s.at] {
	case '{':
		return object
	case '[':
		return list
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// open enters an array or object.
func (s *scanner) open() {
	s.space()
	s.at++
}

// more moves to the next element or member and returns true, or leaves the array or object
// at its closing bracket and returns false.
func (s *scanner) more(bracket byte) bool {
	s.space()
	switch s.body[s.at] {
	case bracket:
		s.at++
		return false
	case ',':
		s.at++
	}
	return true
}

// member reads a member. The name is without escapes; the value is JSON.
func (s *scanner) member() (name, value []byte) {
	raw := s.value()
	name = raw[1 : len(raw)-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		name, _ = unescape(name)
	}
	s.space()
	s.at++ // the colon
	return name, s.value()
}

// value reads a value and returns its JSON.
func (s *scanner) value() []byte {
	s.space()
	start := s.at
	switch s.body[s.at] {
	case '"':
		s.string()
	case '{', '[':
		s.nested = true
		s.brackets()
	default:
		for s.at < len(s.body) && !ends(s.body[s.at]) {
			s.at++
		}
	}
	return s.body[start:s.at]
}

// string skips a string.
func (s *scanner) string() {
	for s.at++; s.body[s.at] != '"'; s.at++ {
		if s.body[s.at] == '\\' {
			s.at++
		}
	}
	s.at++
}

// brackets skips an array or object.
func (s *scanner) brackets() {
	for depth := 0; ; {
		switch s.body[s.at] {
		case '"':
			s.string()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		s.at++
		if depth == 0 {
			return
		}
	}
}

func (s *scanner) space() {
	for s.at < len(s.body) && isSpace(s.body[s.at]) {
		s.at++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// ends reports whether a number, true, false or null ends before c.
func ends(c byte) bool { return c == ',' || c == '}' || c == ']' || isSpace(c) }

// unescape decodes the content of a JSON string. It reports false if there is an unpaired
// surrogate.
func unescape(raw []byte) (text []byte, ok bool) {
	text, ok = make([]byte, 0, len(raw)), true
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			text = append(text, raw[i])
			continue
		}
		i++
		switch raw[i] {
		case 'b':
			text = append(text, '\b')
		case 'f':
			text = append(text, '\f')
		case 'n':
			text = append(text, '\n')
		case 'r':
			text = append(text, '\r')
		case 't':
			text = append(text, '\t')
		case 'u':
			r := unit(raw[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(0)
				if i+2 < len(raw) && raw[i+1] == '\\' && raw[i+2] == 'u' {
					low = unit(raw[i+3:])
				}
				if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
					ok = false
				} else {
					i += 6
				}
			}
			text = utf8.AppendRune(text, r)
		default: // a quote, a backslash or a slash
			text = append(text, raw[i])
		}
	}
	return text, ok
}

// unit parses the four hexadecimal digits of a UTF-16 code unit.
func unit(digits []byte) (r rune) {
	for _, c := range digits[:4] {
		switch {
		case c <= '9':
			c -= '0'
		case c <= 'F':
			c -= 'A' - 10
		default:
			c -= 'a' - 10
		}
		r = r<<4 | rune(c)
	}
	return r
}
