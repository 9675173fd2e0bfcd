package query

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// valueError is why a text is no value. The detail is a predicate: "must be …".
type valueError struct{ code, detail string }

// read turns the text of a parameter into a value of the field's type.
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
			return nil, &valueError{"type", "must be a time in RFC 3339, such as 2026-01-31T12:00:00Z (a + in a URL is " +
				"written %2B)"}
		}
		if t = t.UTC().Truncate(time.Microsecond); !inRange(t) {
			return nil, &valueError{"out_of_range", "must be a time between the years 1000 and 9999"}
		}
		return t, nil
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

// inRange reports whether both dialects can keep the time.
func inRange(t time.Time) bool { return t.Year() >= 1000 && t.Year() <= 9999 }

// clean is what of a text stands before anything that is not UTF-8 and before a
// NUL: all of it where it is fit to be a value.
func clean(s string) string {
	for i, r := range s {
		if r == 0 || r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return s[:i]
		}
	}
	return s
}

// Successor is the least text that is greater, by code point, than every text
// that starts with p. Where there is none, ok is false: p is empty, or has the
// greatest character only.
func Successor(p string) (next string, ok bool) {
	p = strings.TrimRight(p, string(utf8.MaxRune))
	if p == "" {
		return "", false
	}
	last, size := utf8.DecodeLastRuneInString(p)
	if last++; last == 0xD800 {
		last = 0xE000 // what is between them is no character
	}
	return p[:len(p)-size] + string(last), true
}

// Printable returns what a client sent in a form that is fit to be sent back: quoted
// where it holds anything but plain characters, and cut to 60 characters.
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
