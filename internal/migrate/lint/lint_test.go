package lint_test

import (
	"slices"
	"strings"
	"testing"

	"slipway/internal/migrate/lint"
)

// TestHazards: lint reports each hazard with its line and severity, and nothing else. A finding
// contains the table, the column and an advice.
func TestHazards(t *testing.T) {
	t.Parallel()
	for _, x := range slices.Concat(hazards, harmless) {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			var full strings.Builder
			for _, f := range x.run(t) {
				got = append(got, brief(f))
				full.WriteString("\n  " + brief(f) + " " + f.Detail)
				checkDetail(t, x, f)
			}
			want := slices.Clone(x.want)
			// On one line the order is not promised.
			slices.SortStableFunc(want, byLine)
			slices.SortStableFunc(got, byLine)
			if !slices.Equal(got, want) {
				t.Errorf("%s\n got %q\nwant %q%s", x.file, got, want, full.String())
			}
		})
	}
}

func checkDetail(t *testing.T, x fixture, f lint.Finding) {
	t.Helper()
	if f.Severity != lint.Notice && f.Advice == "" || f.Detail == "" || strings.Contains(f.Detail, "..") ||
		strings.Contains(f.Detail, "\n") {
		t.Errorf("%s: %+v", x.name, f)
	}
	if f.Line < 1 || f.Line > 1+strings.Count(x.file, "\n") {
		t.Errorf("%s: %+v: no such line", x.name, f)
	}
}

func byLine(a, b string) int { return strings.Compare(a, b) }

// TestHarmless: lint reports no errors and no warnings for harmless changes.
func TestHarmless(t *testing.T) {
	t.Parallel()
	for _, x := range harmless {
		for _, w := range x.want {
			if !strings.Contains(w, " notice ") {
				t.Errorf("%s: %s", x.name, w)
			}
		}
	}
}

// TestEveryRuleHasAFixture: each rule has a fixture that triggers it.
func TestEveryRuleHasAFixture(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, x := range hazards {
		for _, w := range x.want {
			shown[w[strings.LastIndex(w, " ")+1:]] = true
		}
	}
	seen := map[string]bool{}
	for _, r := range lint.Rules() {
		if r.Code == lint.Edited("").Code || r.Code == "SW609" {
			continue // only a database knows
		}
		if !shown[r.Code] {
			t.Errorf("%s (%s) is in no fixture", r.Code, r.Title)
		}
		if seen[r.Code] {
			t.Errorf("%s is there twice", r.Code)
		}
		seen[r.Code] = true
		if r.Title == "" || r.Class == "" || r.Severity == "" {
			t.Errorf("%s is not described", r.Code)
		}
	}
	if len(shown) < 25 || len(hazards) < 40 {
		t.Errorf("%d codes in %d hazards", len(shown), len(hazards))
	}
}
