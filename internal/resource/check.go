package resource

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkRange returns the code and predicate of the fault if a number is outside Min and
// Max, else "".
func (f *Field) checkRange(x float64) (code, predicate string) {
	if (f.Min == nil || x >= *f.Min) && (f.Max == nil || x <= *f.Max) {
		return "", ""
	}
	show := func(x *float64) string { return strconv.FormatFloat(*x, 'f', -1, 64) }
	switch {
	case f.Max == nil:
		return "out_of_range", "must be at least " + show(f.Min)
	case f.Min == nil:
		return "out_of_range", "must be at most " + show(f.Max)
	}
	return "out_of_range", "must be between " + show(f.Min) + " and " + show(f.Max)
}

// checkText returns the code and predicate of the fault of an invalid text, else "". Valid
// is false if its JSON has an unpaired surrogate.
func (f *Field) checkText(s string, valid bool) (code, predicate string) {
	if s == "" && f.NeedsText() {
		return "required", "is required"
	}
	if f.Size > 0 && len(s) > f.Size {
		if n := utf8.RuneCountInString(s); n > f.Size {
			return "too_long", fmt.Sprintf("must have at most %d characters, not %d", f.Size, n)
		}
	}
	switch {
	case f.Bytes > 0 && len(s) > f.Bytes:
		return "too_long", fmt.Sprintf("must have at most %d bytes, not %d", f.Bytes, len(s))
	case strings.IndexByte(s, 0) >= 0:
		return "invalid_text", "must not contain a NUL character"
	case !valid:
		return "invalid_text", "must not contain an unpaired surrogate"
	case f.Format == "email" && !isEmail(s):
		return "email", "must be an e-mail address, such as ada@example.com"
	}
	return "", ""
}

// isEmail reports whether a text is a valid e-mail address in HTML
// (html.spec.whatwg.org/#valid-e-mail-address). It also accepts letters outside of ASCII.
func isEmail(s string) bool {
	local, domain, found := strings.Cut(s, "@")
	if !found || local == "" {
		return false
	}
	for _, r := range local {
		if !isLetterOrDigit(r) && !strings.ContainsRune(".!#$%&'*+/=?^_`{|}~-", r) {
			return false
		}
	}
	for label := range strings.SplitSeq(domain, ".") {
		if n := utf8.RuneCountInString(label); n < 1 || n > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, r := range label {
			if !isLetterOrDigit(r) && r != '-' {
				return false
			}
		}
	}
	return true
}

// isLetterOrDigit also accepts combining marks, which are parts of letters in some scripts.
func isLetterOrDigit(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsMark(r)
}
