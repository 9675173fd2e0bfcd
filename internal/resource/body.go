package resource

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep a body may be nested: far deeper than any that is valid.
const maxDepth = 100

var errDeep = &SyntaxError{fmt.Sprintf("The body is nested more than %d deep", maxDepth)}

// checkJSON says what is wrong with a body that is not JSON. A [scanner] can read
// any other.
func checkJSON(body []byte) error {
	if !utf8.Valid(body) {
		return &SyntaxError{"The body is not UTF-8"}
	}
	if json.Valid(body) {
		return nil
	}
	// Only a body that ends too early has its fault behind its end.
	err := json.Unmarshal(append(bytes.Clone(body), ' '), new(json.RawMessage))
	var at *json.SyntaxError
	switch {
	case !errors.As(err, &at): // it cannot be
		return &SyntaxError{"The body is not JSON"}
	case deep(body[:min(int(at.Offset), len(body))]):
		return errDeep
	case int(at.Offset) > len(body):
		return &SyntaxError{"The body is not JSON: it ends too early"}
	}
	return &SyntaxError{fmt.Sprintf("The body is not JSON: %s (byte %d)", at.Error(), at.Offset)}
}

// deep says whether JSON, or the beginning of JSON, is nested deeper than a body
// may be.
func deep(text []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// kind is what a JSON value is, as a sentence has it.
type kind string

const (
	object kind = "an object"
	list   kind = "an array"
)

// scanner walks over a body that is known to be JSON. It stands before a value, or
// inside an array or object before an element, a member or the end.
type scanner struct {
	body []byte
	at   int
	// nested says that an array or object was passed as a value.
	nested bool
}

// kind tells what the next value is.
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

// open steps into an array or object.
func (s *scanner) open() {
	s.space()
	s.at++
}

// more steps to the next element or member, or out at the end, which has this
// bracket.
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

// member steps over a member.
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

// value steps over a value and gives its text.
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

// string steps over a string.
func (s *scanner) string() {
	for s.at++; s.body[s.at] != '"'; s.at++ {
		if s.body[s.at] == '\\' {
			s.at++
		}
	}
	s.at++
}

// brackets steps over an array or object.
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

// ends says whether a number, true, false or null ends before c.
func ends(c byte) bool { return c == ',' || c == '}' || c == ']' || isSpace(c) }

// unescape returns the text that stands between the quotes of a JSON string, and whether it is text: half a surrogate
// pair is none.
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

// unit reads the four hexadecimal digits of a UTF-16 code unit.
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
