package run

import (
	"context"
	"errors"
	"fmt"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// ErrNoMigrations reports that the project has no migration. A baseline and a repair need
// at least one.
var ErrNoMigrations = errors.New("there are no migrations: write the first one with `db migrate`")

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

func (e *Engine) recordBaseline(ctx context.Context, s session, st state, report *Report) error {
	list := st.files.List
	if len(list) == 0 {
		return ErrNoMigrations
	}
	found, err := e.find(ctx, s, st.files, plan.Point{File: len(list)}, true)
	if err == nil && found.File == 0 {
		err = errors.New("its tables match the schema before the first migration")
	}
	if err != nil {
		return fmt.Errorf("cannot record a baseline: no migration produces the schema of this database: %w", err)
	}
	last := list[found.File-1].File
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

// ErrNoTables reports that [Engine.Declare] found no tables in the database.
var ErrNoTables = errors.New("the database has no tables to write a schema.hcl from")

// Declare returns the tables of a live database as the text of a schema.hcl, for a
// project without one. MySQL tables are declared as they are. SQLite tables are declared
// with MySQL types; a table that slipway created gets its original declaration. Declare
// returns [ErrNoTables] for an empty database.
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
