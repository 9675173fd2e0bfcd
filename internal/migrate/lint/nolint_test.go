package lint_test

import (
	"slices"
	"strings"
	"testing"

	"slipway/internal/migrate/lint"
)

// TestNolint: a nolint comment silences the findings of its statement or file.
func TestNolint(t *testing.T) {
	t.Parallel()
	const drops = "ALTER TABLE users DROP COLUMN bio;\nDROP TABLE posts;"
	for _, x := range []struct {
		name, file string
		want       []string // the codes left, notices aside
	}{
		{"none", drops, []string{"DS103", "DS102"}},
		{"a code above a statement", "-- atlas:nolint DS103\n" + drops, []string{"DS102"}},
		{"small letters", "-- atlas:nolint ds103\n" + drops, []string{"DS102"}},
		{"the second statement", strings.Replace(drops, "\n", "\n-- atlas:nolint DS102\n", 1), []string{"DS103"}},
		{"another code", "-- atlas:nolint DS102\n" + drops, []string{"DS103", "DS102"}},
		{"several codes", "-- atlas:nolint DS102, DS103 SW401\n" + drops, []string{"DS102"}},
		{"a class", "-- atlas:nolint destructive\n" + drops, []string{"DS102"}},
		{"all of a statement", "-- atlas:nolint\n" + drops, []string{"DS102"}},
		{"among other comments", "-- Drop the bio.\n-- atlas:nolint DS103\n-- It is empty.\n" + drops, []string{"DS102"}},
		{"in a block", "/* atlas:nolint DS103 */\n" + drops, []string{"DS103", "DS102"}}, // as Atlas: no space there
		{"in a block without space", "/*atlas:nolint DS103*/\n" + drops, []string{"DS102"}},
		{"with a hash", "#atlas:nolint DS103\n" + drops, []string{"DS102"}},
		{"a code for the file", "-- atlas:nolint DS102\n\n" + drops, []string{"DS103"}},
		{"a class for the file", "-- atlas:nolint destructive\n\n" + drops, nil},
		{"all of the file", "-- atlas:nolint\n\n" + drops, nil},
		{"an empty line below, not at the top", strings.Replace(drops, "\n", "\n-- atlas:nolint DS102\n\n", 1),
			[]string{"DS103", "DS102"}},
		{"a word that is like it", "-- atlas:nolinting DS103\n" + drops, []string{"DS103", "DS102"}},
		{"an unknown code", "-- atlas:nolint DS103 XY1\n" + drops, []string{"SW607", "DS102"}},
		{"the warning itself", "-- atlas:nolint SW607 XY1\n" + drops, []string{"DS103", "DS102"}},
		{"in a string", "ALTER TABLE users COMMENT '-- atlas:nolint';\n" + drops, []string{"DS103", "DS102"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range (fixture{file: x.file}).run(t) {
				if f.Severity != lint.Notice {
					got = append(got, f.Code)
				}
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}

// TestNolintOfDownStatements: only a nolint comment for the whole file silences a finding
// about the down statements.
func TestNolintOfDownStatements(t *testing.T) {
	t.Parallel()
	const add = "ALTER TABLE users ADD COLUMN zip int NULL;"
	for file, want := range map[string]int{
		add:                               1,
		"-- atlas:nolint SW501\n" + add:   1,
		"-- atlas:nolint SW501\n\n" + add: 0,
		"-- atlas:nolint down\n\n" + add:  0,
	} {
		n := 0
		for _, f := range (fixture{file: file, bare: true}).run(t) {
			if f.Code == "SW501" {
				n++
			}
		}
		if n != want {
			t.Errorf("%q: %d findings about the down statements, want %d", file, n, want)
		}
	}
}
