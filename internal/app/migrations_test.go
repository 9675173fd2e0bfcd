package app_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver that dbtest.Open expects

	"slipway/internal/dbtest"
	"slipway/internal/migration"
	"slipway/internal/migration/lint"
	"slipway/internal/migration/rehearsal"
	"slipway/migrations"
)

// TestMigrations holds this project's migrations to what `db lint`, `db test` and
// `db check` say on an empty database of each dialect, whatever the tables are.
func TestMigrations(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		dialect, _, _ := strings.Cut(url, "://")
		declared := project(t)
		files := declared.Others[dialect]
		delete(declared.Others, dialect)
		db := dbtest.Open(t, url)
		engine, err := migration.New(db, dialect, files)
		if err != nil {
			t.Fatal(err)
		}
		report, err := engine.Lint(t.Context(), migration.Lint{Latest: 1_000_000, LargeTable: migration.LargeTable})
		if err != nil {
			t.Errorf("db lint: %v", err)
		}
		for _, f := range report.Findings {
			if f.Severity == lint.Error {
				t.Errorf("%s:%d: %s %s: %s %s", f.File, f.Line, f.Code, f.Title, f.Detail, f.Advice)
			}
		}
		scratch := dbtest.Open(t, dbtest.New(t, dialect))
		target := rehearsal.Target{Dialect: dialect, DB: scratch, Folder: files}
		if f := rehearsal.Run(t.Context(), target, nil).Failed; f != nil {
			t.Errorf("db test: %s: %s: %s\n%s", f.Version, f.Step, f.Error, f.Statement)
		}
		if _, err := engine.Upgrade(t.Context(), migration.Upgrade{}); err != nil {
			t.Fatal(err)
		}
		report, err = engine.Check(t.Context(), declared)
		if err != nil {
			t.Errorf("db check: %v", err)
		}
		for _, d := range report.Drift {
			t.Error(d)
		}
	})
}

// project is what the project declares, with the migrations of both dialects.
func project(t *testing.T) migration.Declared {
	t.Helper()
	schema, err := os.ReadFile("../../schema.hcl")
	if err != nil {
		t.Fatal(err)
	}
	last, err := migration.LastSnapshot("../..")
	if err != nil {
		t.Fatal(err)
	}
	d := migration.Declared{Schema: schema, Snapshot: last, Others: map[string]fs.FS{}}
	for _, dialect := range []string{migration.MySQL, migration.SQLite} {
		if d.Others[dialect], err = migrations.FS(dialect); err != nil {
			t.Fatal(err)
		}
	}
	return d
}
