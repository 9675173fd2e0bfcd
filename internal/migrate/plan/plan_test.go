package plan

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"slipway/internal/migrate/migratetest"
)

var update = flag.Bool("update", false, "write the expected SQL in testdata/plan again; review the diff")

func DraftOf(t *testing.T, dialect string, from, to []byte) draft {
	t.Helper()
	return draftAsked(t, dialect, from, to, Options{})
}

func draftAsked(t *testing.T, dialect string, from, to []byte, ask Options) draft {
	t.Helper()
	asked, err := ask.parse()
	if err != nil {
		t.Fatal(err)
	}
	drafts, err := draftAll(t.Context(), Dialects, Snapshot{Text: from}, to, asked)
	if err != nil {
		t.Fatal(err)
	}
	for _, made := range drafts {
		if made.Name == dialect {
			return made
		}
	}
	t.Fatalf("no draft for %s", dialect)
	return draft{}
}

// TestPlan compares the files that would be written with those in testdata/plan.
func TestPlan(t *testing.T) {
	t.Parallel()
	for _, c := range migratetest.PlanCases(t, "testdata/plan") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			for _, dialect := range []string{MySQL, SQLite} {
				made := draftAsked(t, dialect, c.From, c.To, Options{Renames: c.Renames, Drops: c.Drops, Fills: c.Fills})
				text := "(nothing to do)\n"
				if len(made.Up) > 0 {
					text = formatFile(made.Up, made.down, made.irreversible)
					if err := made.readBack(text); err != nil {
						t.Errorf("%s: %v", dialect, err)
					}
				}
				if *update {
					c.Set(dialect+".sql", []byte(text))
					continue
				}
				if want := c.File(dialect + ".sql"); !bytes.Equal(want, []byte(text)) {
					t.Errorf("%s: got\n%s\nwant\n%s", dialect, text, want)
				}
			}
			if *update {
				if err := os.WriteFile(c.Path, c.Archive.Format(), 0o644); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
