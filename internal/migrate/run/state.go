package run

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// state is what a database has, compared with the files.
type state struct {
	files plan.Files
	// hasTable says that the table of revisions is there.
	hasTable bool
	// hasJournal says that the journal exists.
	hasJournal bool
	// live is the version of the last migration that is applied whole; "" for none.
	live    string
	applied []Migration
	pending []step
	// revisions are the rows as they were read, in the order of versions.
	revisions []*migrate.Revision
	// problem is why no upgrade can go on; nil when one can.
	problem *failureError
	// failure is what the table of revisions says went wrong last time.
	failure *Failure
}

// readState asks the database what it has.
func readState(ctx context.Context, f plan.Files, s session) (state, error) {
	var hasTable, hasJournal bool
	var others []string
	err := eachRow(ctx, s, s.tables(), func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		switch name {
		case plan.RevisionTable:
			hasTable = true
		case plan.JournalTable:
			hasJournal = true
		default:
			others = append(others, name)
		}
		return err
	})
	if err != nil {
		return state{}, fmt.Errorf("list tables: %w", err)
	}
	var revisions []*migrate.Revision
	if hasTable {
		if revisions, err = readRevisions(ctx, s); err != nil {
			return state{}, err
		}
	}
	st := compareRows(f, revisions)
	st.hasTable, st.hasJournal = hasTable, hasJournal
	if len(revisions) == 0 && len(others) > 0 {
		st.problem = &failureError{Failure: Failure{Error: unrecorded(others)}}
	}
	return st, nil
}

// unrecorded tells of tables that no migration of ours has made.
func unrecorded(tables []string) string {
	found := strings.Join(tables, ", ")
	if len(tables) > 2 {
		found = strings.Join(tables[:2], ", ") + " and others"
	}
	return fmt.Sprintf("the database has tables (%s) but no record of migrations in %s: use an empty database, or, "+
		"if its tables are what a version of the migrations leaves, record that with `db init`", found, plan.RevisionTable)
}

// compareRows decides, for each file, whether it is applied or pending:
//
//	row of the file           file is            because
//	whole                     applied
//	some statements missing   pending            it is resumed after those that ran
//	half undone               pending, problem   the downgrade is to be finished first
//	none, after the last row  pending            it is new
//	none, before the last row pending, problem   it came late: history would differ between databases
//	none, up to a baseline    applied            the baseline stands for it
//
// A row without a file is applied: a newer build has been here. If statements of
// it are missing, that is a problem.
func compareRows(f plan.Files, revisions []*migrate.Revision) state {
	st := state{files: f, revisions: revisions}
	for _, r := range revisions {
		st.readRow(r)
	}
	newest, baseline := "", st.baseline()
	if n := len(revisions); n > 0 {
		newest = revisions[n-1].Version
	}
	for _, file := range f.List {
		version := file.Version()
		s := upStep(file, st.row(version))
		switch {
		case s.revision != nil && whole(s.revision), s.revision == nil && version <= baseline:
			continue
		case s.revision == nil && version < newest:
			st.fail(version, "comes before %s, which is applied already: `db rebase` gives %s a later version", newest, s.Name())
		case s.revision != nil:
			if why := s.changed(); why != "" {
				st.fail(version, "%s", why)
			}
			if version < newest {
				st.fail(version, "is applied in part, and %s was applied after it", newest)
			}
		}
		if _, _, err := f.Dialect.ParseDown(string(s.Bytes())); err != nil {
			// What is not a comment there is part of the way up.
			st.fail(version, "has a way down that cannot be read: %s: %v", s.Name(), err)
		}
		st.pending = append(st.pending, s)
	}
	return st
}

// readRow decides what a row says of its migration.
func (st *state) readRow(r *migrate.Revision) {
	_, undone, undoing := undoingOf(r)
	switch {
	case undoing:
		text := fmt.Sprintf("is undone in part (%d statements of its way down ran)", len(undone))
		if r.Error != "" {
			text += ": " + r.Error
		}
		st.failure = &Failure{Version: r.Version, Statement: r.ErrorStmt, Error: text}
		st.fail(r.Version, "%s: run the downgrade again, it goes on from there", text)
	case whole(r):
		st.live = r.Version
		st.applied = append(st.applied, Migration{Version: r.Version, Description: r.Description,
			Statements: r.Total, DurationMS: r.ExecutionTime.Milliseconds()})
	default:
		if r.Error != "" {
			st.failure = &Failure{Version: r.Version, Statement: r.ErrorStmt, Error: r.Error}
		}
		if !st.files.Has(r.Version) {
			st.fail(r.Version, "is applied in part (%d of %d statements) but its file is missing: "+
				"run the build that has it", r.Applied, r.Total)
		}
	}
}

// row is the row of a version; nil when there is none.
func (st state) row(version string) *migrate.Revision {
	for _, r := range st.revisions {
		if r.Version == version {
			return r
		}
	}
	return nil
}

// baseline is the version of the last baseline; "" for none.
func (st state) baseline() (version string) {
	for _, r := range st.revisions {
		if r.Type.Has(migrate.RevisionTypeBaseline) {
			version = r.Version
		}
	}
	return version
}

// before is the version that is live once another is undone; "" for none.
func (st state) before(version string) (live string) {
	for _, m := range st.applied {
		if m.Version < version {
			live = m.Version
		}
	}
	return live
}

// fail keeps the first problem.
func (st *state) fail(version, format string, args ...any) {
	if st.problem == nil {
		st.problem = problem(version, format, args...)
	}
}

// upTo is the pending files as far as a version; all of them for "".
func (st state) upTo(version string) []step {
	i := slices.IndexFunc(st.pending, func(s step) bool { return s.Version() > version })
	if version == "" || i < 0 {
		return st.pending
	}
	return st.pending[:i]
}

// ownTables creates the tables that record migrations, unless they exist.
func (st state) ownTables(ctx context.Context, s session) error {
	if !st.hasTable {
		if err := createRevisionTable(ctx, s); err != nil {
			return err
		}
	}
	if !st.hasJournal && !s.perFile() {
		return createJournal(ctx, s)
	}
	return nil
}
