package lazyregexp

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSame: the results are those of package regexp.
func TestSame(t *testing.T) {
	t.Parallel()
	const pattern, text = `(\w)(\d)`, "a1 b2 c"
	lazy, eager := New(pattern), regexp.MustCompile(pattern)
	results := func(r interface {
		MatchString(string) bool
		FindString(string) string
		FindStringSubmatch(string) []string
		FindAllString(string, int) []string
		FindAllStringIndex(string, int) [][]int
		FindAllStringSubmatch(string, int) [][]string
		ReplaceAllString(string, string) string
		ReplaceAllStringFunc(string, func(string) string) string
	}) []any {
		return []any{r.MatchString(text), r.FindString(text), strings.Join(r.FindStringSubmatch(text), ","),
			strings.Join(r.FindAllString(text, 1), ","), len(r.FindAllStringIndex(text, -1)),
			len(r.FindAllStringSubmatch(text, -1)), r.ReplaceAllString(text, "$2"),
			r.ReplaceAllStringFunc(text, strings.ToUpper)}
	}
	if got, want := results(lazy), results(eager); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestInvalid: a test of a package with an invalid pattern fails, even if it does not use the pattern.
func TestInvalid(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("New accepts an invalid pattern")
		}
	}()
	New(`(`)
}
