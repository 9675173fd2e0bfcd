package run

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// ErrNoMigrations reports that the project has no migration. A baseline and a repair need
// at least one.
var ErrNoMigrations = errors.New("there are no migrations: write the first one with `db migrate`")

// ErrNoBaseline reports that the schema of a database is that of no migration.
var ErrNoBaseline = errors.New("cannot record a baseline: no migration produces the schema of this database")

// Baseline records a baseline for a database whose tables were not created by these
// migrations. It finds the version whose schema equals the live schema and records it, so
// that the next upgrade starts after it. It changes no other table.
//
// The report's To is that version. If the database has a record already, or has no tables,
// Baseline changes nothing and To is "". It returns an error that lists the differences from
// the last version if no version matches, or [ErrNoMigrations].
func (e *Engine) Baseline(ctx context.Context) (Report, error) {
	return e.onState(ctx, "init", e.files, false, func(s session, st state, report *Report) error {
		report.describe(st, "")
		report.To = ""
		if len(st.revisions) > 0 || st.problem == nil {
			return nil
		}
		return e.recordBaseline(ctx, s, st, report)
	})
}

// HasBaseline returns the error that [Engine.Baseline] would return because no version has the
// schema of the database. It changes nothing and takes no lock.
func (e *Engine) HasBaseline(ctx context.Context) error {
	return e.with(ctx, e.files, func(s session, st state) error {
		if len(st.revisions) > 0 || st.problem == nil || len(st.files.List) == 0 {
			return nil
		}
		_, err := e.findBaseline(ctx, s, st)
		return err
	})
}

// findBaseline returns the last migration that leads to the schema of the database.
func (e *Engine) findBaseline(ctx context.Context, s session, st state) (migrate.File, error) {
	list := st.files.List
	found, err := e.find(ctx, s, st.files, plan.Point{File: len(list)}, true)
	if err == nil && found.File == 0 {
		err = errors.New("its tables match the schema before the first migration")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoBaseline, err)
	}
	return list[found.File-1].File, nil
}

func (e *Engine) recordBaseline(ctx context.Context, s session, st state, report *Report) error {
	if len(st.files.List) == 0 {
		return ErrNoMigrations
	}
	last, err := e.findBaseline(ctx, s, st)
	if err != nil {
		return err
	}
	// The same row that `atlas migrate apply --baseline` writes.
	row := &migrate.Revision{Version: last.Version(), Description: last.Desc(), Type: migrate.RevisionTypeBaseline}
	if err := st.write(ctx, s, []correction{{row: row, write: insertRevision}}); err != nil {
		return err
	}
	if st, err = readState(ctx, st.files, s); err != nil {
		return err
	}
	report.describe(st, "")
	report.To, report.Applied = st.live, append(report.Applied, st.applied...)
	return nil
}

// ErrNoTables reports that the database has no tables to adopt.
var ErrNoTables = errors.New("the database has no tables")

// Live calls do with a connection to the database and the rows of its table of migrations.
// It changes nothing and takes no lock.
func (e *Engine) Live(
	ctx context.Context, do func(conn schema.ExecQuerier, recorded []*migrate.Revision) error,
) error {
	return e.with(ctx, noFiles(e.Dialect), func(s session, st state) error { return do(s, st.revisions) })
}

// RecordBaseline records a version as the baseline of a database, under the lock, unless it
// is recorded already. It changes nothing but the table of migrations. It returns an error if
// other migrations are recorded.
func RecordBaseline(ctx context.Context, db *sql.DB, dialect, version, description string) error {
	e, err := New(db, dialect, nil)
	if err != nil {
		return err
	}
	row := &migrate.Revision{Version: version, Description: description, Type: migrate.RevisionTypeBaseline}
	_, err = e.onState(ctx, "init", noFiles(e.Dialect), false, func(s session, st state, _ *Report) error {
		switch n := len(st.revisions); {
		case n == 1 && st.revisions[0].Version == version:
			return nil
		case n > 0:
			return fmt.Errorf("the database records migrations already: the last is %s", st.revisions[n-1].Version)
		}
		return st.write(ctx, s, []correction{{row: row, write: insertRevision}})
	})
	return err
}

// OnBaseline reports whether a baseline is the last migration that the database records: its
// tables existed before, and no migration has changed them yet.
func (e *Engine) OnBaseline(ctx context.Context) (found bool, err error) {
	err = e.with(ctx, e.files, func(_ session, st state) error {
		n := len(st.revisions)
		found = n > 0 && st.revisions[n-1].Type.Has(migrate.RevisionTypeBaseline)
		return nil
	})
	return found, err
}

// noFiles reads the files of a project that has none yet.
func noFiles(d plan.Dialect) func() (plan.Files, error) {
	return func() (plan.Files, error) { return plan.Files{Dialect: d}, nil }
}
