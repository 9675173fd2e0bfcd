package adopt_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver that dbtest.Open expects

	"slipway/internal/migrate/adopt"
	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"
	"slipway/internal/migrate/verify"

	"slipway/internal/test/dbtest"
)

// TestCases adopts the database of each file in testdata/mysql and testdata/sqlite. The
// section sql creates its tables. Each line of the other sections must be part of what its
// name says: notes are the messages of db init, refused is the error, hcl is schema.hcl,
// mysql and sqlite are the baselines, checks is the second migration of an SQLite database.
//
// For each database that is not refused: the migrations lead to schema.hcl on both dialects,
// the baseline leads to the tables of the database, and db check and db migrate find nothing
// to do.
func TestCases(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		dialect := filepath.Base(filepath.Dir(path))
		name := dialect + "/" + strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sections := map[string][]string{}
			var statements []string
			for _, f := range migratetest.ReadArchive(t, path).Files {
				sections[f.Name] = strings.Split(strings.TrimRight(string(f.Data), "\n"), "\n")
				if f.Name == "sql" {
					statements = strings.Split(strings.TrimRight(string(f.Data), ";\n"), ";\n")
				}
			}
			delete(sections, "sql")
			check(t, dialect, statements, sections)
		})
	}
}

func check(t *testing.T, dialect string, statements []string, sections map[string][]string) {
	db, engine := live(t, dialect, statements...)
	_, mysqlOnly := sections["mysql-only"]
	delete(sections, "mysql-only")
	project, err := build(t, engine, adopt.Options{MySQLOnly: mysqlOnly})
	var refused *adopt.Refusal
	switch {
	case errors.As(err, &refused) && sections["refused"] != nil:
		contains(t, "the error", err.Error(), sections["refused"])
		return
	case err != nil || sections["refused"] != nil:
		t.Fatalf("got %v, want %q", err, sections["refused"])
	}
	texts := map[string]string{"notes": strings.Join(project.Notes, "\n"), "hcl": string(project.Files["schema.hcl"])}
	for path, text := range project.Files {
		switch folder := strings.Split(path, "/")[1:]; {
		case strings.HasSuffix(path, "_baseline.sql"):
			texts[folder[0]] = string(text)
		case strings.HasSuffix(path, "_add_checks.sql"):
			texts["checks"] = string(text)
		}
	}
	for name, parts := range sections {
		contains(t, name, texts[name], parts)
	}
	settled(t, project, dialect, db)
}

func contains(t *testing.T, name, text string, parts []string) {
	t.Helper()
	for _, want := range parts {
		if !strings.Contains(text, want) {
			t.Errorf("%s: %q is not in\n%s", name, want, text)
		}
	}
}

// settled writes a project, and checks that db check finds no difference, before the pending
// migrations without a scratch database for MySQL, and after them with one, and that db migrate
// finds nothing to do. The files do not differ between the two checks, and Verify has compared
// the database with its baseline on a scratch database.
func settled(t *testing.T, project *adopt.Project, dialect string, db *sql.DB) {
	t.Helper()
	root := t.TempDir()
	if _, err := project.Write(t.Context(), root, nil, db); err != nil {
		t.Fatal(err)
	}
	engine, err := run.New(db, dialect, os.DirFS(root+"/migrations"))
	if err != nil {
		t.Fatal(err)
	}
	check := func(when string, s plan.Scratch) {
		t.Helper()
		engine.Scratch = s
		report, err := verify.Check(t.Context(), engine, verify.Declared{Schema: project.Files["schema.hcl"]})
		if err != nil {
			t.Errorf("db check %s: %v", when, err)
		}
		for _, d := range report.Drift {
			t.Error(d)
		}
	}
	check("without a scratch server", sqliteOnly(t))
	again, err := plan.Generate(t.Context(), root, plan.Options{Message: "again"}, time.Now())
	if err != nil || len(again.Files) > 0 {
		t.Errorf("db migrate: %+v, %v", again.Files, err)
	}
	if _, err := engine.Upgrade(t.Context(), run.Upgrade{}); err != nil {
		t.Errorf("db upgrade: %v", err)
	}
	check("after an upgrade, with a scratch server", scratch(t))
}

// live returns a database with tables, and an engine for it.
func live(t *testing.T, dialect string, statements ...string) (*sql.DB, *run.Engine) {
	t.Helper()
	db := dbtest.Open(t, dbtest.New(t, dialect))
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	engine, err := run.New(db, dialect, nil)
	if err != nil {
		t.Fatal(err)
	}
	return db, engine
}

// build reads a database, makes a project, and verifies it.
func build(t *testing.T, engine *run.Engine, opts adopt.Options) (*adopt.Project, error) {
	t.Helper()
	source, err := adopt.Read(t.Context(), engine)
	if err != nil {
		return nil, err
	}
	opts.Now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	project, err := source.Build(t.Context(), opts)
	if err != nil {
		return nil, err
	}
	return project, project.Verify(t.Context(), engine, scratch(t))
}

// scratch returns a function that creates empty databases.
func scratch(t *testing.T) plan.Scratch {
	return func(_ context.Context, dialect string) (*sql.DB, func() error, error) {
		db := dbtest.Open(t, dbtest.New(t, dialect))
		return db, db.Close, nil
	}
}

// sqliteOnly does the same, without a server for MySQL.
func sqliteOnly(t *testing.T) plan.Scratch {
	return func(ctx context.Context, dialect string) (*sql.DB, func() error, error) {
		if dialect == plan.MySQL {
			return nil, nil, plan.ErrNoScratch
		}
		return scratch(t)(ctx, dialect)
	}
}
