package app_test

import (
	"context"
	"database/sql"
	"os"
	"strings"
	"testing"

	"slipway/internal/migrate/lint"
	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"
	"slipway/internal/migrate/verify"

	_ "modernc.org/sqlite" // the driver that dbtest.Open expects

	"slipway/internal/test/dbtest"
	"slipway/migrations"
)

// TestMigrations runs `db lint`, `db test` and `db check` for the migrations of this
// project, on an empty database of each dialect.
func TestMigrations(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		dialect, _, _ := strings.Cut(url, "://")
		if dialect == plan.SQLite && len(plan.DialectsOf(migrations.Folder())) == 1 {
			return // the project is for MySQL only
		}
		db := dbtest.Open(t, url)
		engine, err := run.New(db, dialect, migrations.Folder())
		if err != nil {
			t.Fatal(err)
		}
		engine.Scratch = scratch(t)
		report, err := lint.Look(t.Context(), engine, lint.Lint{Latest: 1_000_000, LargeTable: lint.LargeTable})
		if err != nil {
			t.Errorf("db lint: %v", err)
		}
		for _, f := range report.Findings {
			if f.Severity == lint.Error {
				t.Errorf("%s:%d: %s %s: %s %s", f.File, f.Line, f.Code, f.Title, f.Detail, f.Advice)
			}
		}
		target := verify.Target{Dialect: dialect, DB: dbtest.Open(t, dbtest.New(t, dialect)), Migrations: migrations.Folder()}
		if f := verify.Run(t.Context(), target, nil).Failed; f != nil {
			t.Errorf("db test: %s: %s: %s\n%s", f.Version, f.Step, f.Error, f.Statement)
		}
		if _, err := engine.Upgrade(t.Context(), run.Upgrade{}); err != nil {
			t.Fatal(err)
		}
		schema, err := os.ReadFile("../../schema.hcl")
		if err != nil {
			t.Fatal(err)
		}
		report, err = verify.Check(t.Context(), engine, verify.Declared{Schema: schema})
		if err != nil {
			t.Errorf("db check: %v", err)
		}
		for _, d := range report.Drift {
			t.Error(d)
		}
	})
}

// scratch returns a function that creates empty databases for db lint.
func scratch(t *testing.T) plan.Scratch {
	return func(_ context.Context, dialect string) (*sql.DB, func() error, error) {
		db := dbtest.Open(t, dbtest.New(t, dialect))
		return db, db.Close, nil
	}
}
