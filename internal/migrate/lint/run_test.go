package lint_test

import (
	"slices"
	"testing"

	"slipway/internal/migrate/lint"
	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// TestBlog: the migrations of package blog have no errors, with and without a scratch
// database, and all have down statements.
func TestBlog(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		engine, err := run.New(nil, dialect, blog.Migrations())
		if err != nil {
			t.Fatal(err)
		}
		for _, offline := range []bool{false, true} {
			engine.Scratch = scratch(t, offline)
			report, err := lint.Look(t.Context(), engine, lint.Lint{Latest: 9, Others: true})
			if err != nil {
				t.Errorf("offline %v: %v", offline, err)
			}
			for _, f := range report.Findings {
				if f.Severity == lint.Error {
					t.Errorf("offline %v: %+v", offline, f)
				}
			}
		}
	})
}

// TestRunOverFiles: lint checks a file with the schema after the files before it.
func TestRunOverFiles(t *testing.T) {
	t.Parallel()
	files := folder(t, plan.MySQL, "0.sql", mysqlTables,
		"1.sql", "CREATE TABLE tags (id bigint NOT NULL, name varchar(20) NULL, PRIMARY KEY (id));\n-- slipway:down\n-- "+
			"DROP TABLE tags;\n",
		"2.sql", "ALTER TABLE tags DROP COLUMN name;\n-- slipway:down\n-- ALTER TABLE tags ADD COLUMN name varchar(20) "+
			"NULL;\n",
		"3.sql", "ALTER TABLE tags DROP COLUMN name;\n")
	engine, err := run.New(nil, plan.MySQL, files)
	if err != nil {
		t.Fatal(err)
	}
	engine.Scratch = scratch(t, false)
	report, _ := lint.Look(t.Context(), engine, lint.Lint{Latest: 3})
	var got []string
	for _, f := range report.Findings {
		got = append(got, f.File+" "+brief(f))
	}
	const folder = "migrations/mysql/"
	want := []string{folder + "2.sql 1 error DS103", folder + "2.sql 1 notice SW401", folder + "3.sql 1 error SW606",
		folder + "3.sql 1 warning SW501"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
