package run

import (
	"context"
	"errors"
	"fmt"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// ErrNoMigrations says that there is no migration yet: none to be the baseline of
// a database with tables, and none to repair the record by.
var ErrNoMigrations = errors.New("there are no migrations: write the first one with `db migrate`")

// Baseline takes over a database that has tables already, made by something else
// than these migrations: it looks for the version whose schema the live one is,
// and records it as a baseline, so that an upgrade goes on after it. It changes
// no table other than the record.
//
// The report's To is that version. A database that is recorded already, or has no
// tables, needs none: nothing is changed, and To is "". The error says that the
// schema is that of no version, and how it differs from the last.
func (e *Engine) Baseline(ctx context.Context) (Report, error) {
	return e.onState(ctx, "init", e.files, false, func(s session, st state, report *Report) error {
		report.describe(st, "")
		report.To = ""
		if len(st.revisions) > 0 || st.problem == nil {
			return nil
		}
		return e.takeOver(ctx, s, st, report)
	})
}

func (e *Engine) takeOver(ctx context.Context, s session, st state, report *Report) error {
	list := st.files.List
	if len(list) == 0 {
		return ErrNoMigrations
	}
	found, err := e.find(ctx, s, st.files, plan.Point{File: len(list)}, true)
	if err == nil && found.File == 0 {
		err = errors.New("they match the state before the first migration")
	}
	if err != nil {
		return fmt.Errorf("no migration results in the tables of the database, so none can be the baseline: %w", err)
	}
	last := list[found.File-1].File
	// As `atlas migrate apply --baseline` writes it.
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

// ErrNoTables says that a database has no tables to declare.
var ErrNoTables = errors.New("the database has no tables to write a schema.hcl from")

// Declare returns the tables of a live database as the text of a schema.hcl, for a
// project that has none yet: those of MySQL as they are, those of SQLite in MySQL's
// terms, where a table that slipway made is the same one again. The error is
// [ErrNoTables] for an empty database.
func (e *Engine) Declare(ctx context.Context) ([]byte, error) {
	var text []byte
	err := e.with(ctx, e.files, func(s session, _ state) error {
		live, err := e.Dialect.Inspect(ctx, s)
		if err != nil {
			return err
		}
		if len(live.Tables) == 0 {
			return ErrNoTables
		}
		text, err = e.Dialect.Declare(live)
		return err
	})
	return text, err
}
