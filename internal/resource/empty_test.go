package resource_test

import (
	"strings"
	"testing"

	"slipway/internal/resource"
)

type article struct {
	Slug  string `json:"slug" gorm:"primaryKey;size:5"`
	Title string `json:"title" gorm:"size:5;not null"`
	Body  string `json:"body" gorm:"not null"`
}

// TestAllowEmptyTexts: a required text must not be empty, unless the tables allow it. It is
// required in both cases.
func TestAllowEmptyTexts(t *testing.T) {
	t.Parallel()
	strict, lenient := resource.Link(resource.Of[article]("articles")), resource.Link(resource.Of[article]("articles"))
	resource.AllowEmptyTexts(lenient)
	for _, c := range []struct{ body, strict, lenient string }{
		{`{"slug":"a","title":"x","body":"y"}`, "", ""},
		{`{"slug":"","title":"x","body":"y"}`, "", ""},
		{`{"slug":"a","title":"","body":""}`, "Title is required; Body is required", ""},
		{`{"slug":"a","title":"x"}`, "Body is required", "Body is required"},
		{`{"slug":"a","title":"x","body":null}`, "Body is required", "Body is required"},
	} {
		for i, tables := range [][]*resource.Table{strict, lenient} {
			want, got := []string{c.strict, c.lenient}[i], ""
			if _, _, err := tables[0].DecodeRows([]byte(c.body)); err != nil {
				got = err.Error()
			}
			if (want == "") != (got == "") || !strings.Contains(got, want) {
				t.Errorf("%s: %q, want %q", c.body, got, want)
			}
		}
	}
}
