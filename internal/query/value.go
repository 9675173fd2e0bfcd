package query

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// valueError is the error of an invalid value. The detail is a predicate: "must be …".
type valueError struct{ code, detail string }

// read parses a value of the field's type.
func (f *Field) read(s string) (any, *valueError) {
	switch f.Type {
	case Integer:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || s[0] == '+' {
			return nil, &valueError{"type", "must be a whole number of at most 64 bits"}
		}
		return n, nil
	case Number:
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || strings.Trim(s, "+-0123456789.eE") != "" {
			return nil, &valueError{"type", "must be a number"}
		}
		return n + 0, nil // makes 0 of -0
	case Boolean:
		b, err := boolean(s)
		return b, err
	case Time:
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return nil, &valueError{"type", "must be a time in RFC 3339, such as 2026-01-31T12:00:00Z (write + as %2B in " +
				"a URL)"}
		}
		if t = t.UTC().Truncate(time.Microsecond); !inRange(t) {
			return nil, &valueError{"out_of_range", "must be a time between the years 1000 and 9999"}
		}
		return t, nil
	case Other:
		v, code, predicate := f.Parse(s)
		if code != "" {
			return nil, &valueError{code, predicate}
		}
		return v, nil
	}
	if len(clean(s)) < len(s) {
		return nil, &valueError{"invalid_text", "must be UTF-8 without NUL characters"}
	}
	return s, nil
}

func boolean(s string) (bool, *valueError) {
	if s != "true" && s != "false" {
		return false, &valueError{"type", "must be true or false"}
	}
	return s == "true", nil
}

// inRange reports whether both dialects can store the time.
func inRange(t time.Time) bool { return t.Year() >= 1000 && t.Year() <= 9999 }

// clean returns the part of a text before the first NUL or invalid UTF-8. For a valid value
// this is the whole text.
func clean(s string) string {
	for i, r := range s {
		if r == 0 || r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return s[:i]
		}
	}
	return s
}

// Successor returns the smallest text that is greater, by code point, than every text with
// the prefix p. It reports false if there is none: p is empty or consists of U+10FFFF.
func Successor(p string) (next string, ok bool) {
	p = strings.TrimRight(p, string(utf8.MaxRune))
	if p == "" {
		return "", false
	}
	last, size := utf8.DecodeLastRuneInString(p)
	if last++; last == 0xD800 {
		last = 0xE000 // skips the surrogates
	}
	return p[:len(p)-size] + string(last), true
}

// Printable returns text from a request for use in a response: at most 60 characters, and
// quoted if it is empty or contains characters that need escaping.
func Printable(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	if q := strconv.Quote(s); q[1:len(q)-1] != s || s == "" {
		return q
	}
	return s
}
