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

// state is the record in a database, compared with the files.
type state struct {
	files plan.Files
	// hasTable is true if the table of revisions exists.
	hasTable bool
	// hasJournal is true if the journal exists.
	hasJournal bool
	// live is the version of the last migration that is fully applied; "" for none.
	live    string
	applied []Migration
	pending []step
	// revisions are the rows of the table of revisions, sorted by version.
	revisions []*migrate.Revision
	// problem is the reason why an upgrade cannot run; nil if it can.
	problem *failureError
	// failure is the error of the last run, from the table of revisions.
	failure *Failure
}

// readState reads the record of the database and compares it with the files.
func readState(ctx context.Context, f plan.Files, s session) (state, error) {
	revisions, hasTable, err := readRecord(ctx, s)
	if err != nil {
		return state{}, err
	}
	var others []string
	if len(revisions) == 0 {
		err := eachRow(ctx, s, s.tables(), func(rows *sql.Rows) error {
			var name string
			err := rows.Scan(&name)
			others = append(others, name)
			return err
		})
		if err != nil {
			return state{}, fmt.Errorf("list tables: %w", err)
		}
	}
	if len(others) > 0 { // maybe by another upgrade, which recorded them before or with them
		if revisions, hasTable, err = readRecord(ctx, s); err != nil {
			return state{}, err
		}
	}
	st := compareRows(f, revisions)
	st.hasTable = hasTable
	if s.journaled() {
		if st.hasJournal, err = exists(ctx, s, plan.JournalTable); err != nil {
			return state{}, err
		}
	}
	if len(revisions) == 0 && len(others) > 0 {
		st.problem = &failureError{Failure: Failure{Error: unrecorded(others)}}
	}
	return st, nil
}

// readRecord returns the rows of the table of revisions, and whether it exists.
func readRecord(ctx context.Context, s session) (revisions []*migrate.Revision, exists bool, err error) {
	revisions, err = readRevisions(ctx, s)
	if noTable(err) {
		return nil, false, nil
	}
	return revisions, err == nil, err
}

// exists reports whether a table exists. MySQL takes six times as long to look it up in
// information_schema.
func exists(ctx context.Context, s session, table string) (bool, error) {
	err := eachRow(ctx, s, "SELECT 1 FROM "+table+" LIMIT 1", func(*sql.Rows) error { return nil })
	if err == nil || noTable(err) {
		return err == nil, nil
	}
	return false, fmt.Errorf("read %s: %w", table, err)
}

// unrecorded returns the error text for a database with tables and without a record.
func unrecorded(tables []string) string {
	found := strings.Join(tables, ", ")
	if len(tables) > 2 {
		found = strings.Join(tables[:2], ", ") + " and others"
	}
	return fmt.Sprintf("the database has tables (%s) but no record of migrations in %s: use an empty database; or, "+
		"if its tables match a version of the migrations, record that version with `db init`", found, plan.RevisionTable)
}

// compareRows decides for each file whether it is applied or pending:
//
//	row of the file            file is            reason
//	all statements ran         applied
//	some statements ran        pending            an upgrade resumes after them
//	partly undone              pending, problem   the downgrade must finish first
//	none, after the last row   pending            the file is new
//	none, before the last row  pending, problem   databases would apply files in different orders
//	none, up to a baseline     applied            the baseline includes it
//
// A row without a file counts as applied, by a newer build. If only some of its statements
// ran, it is a problem.
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
			st.fail(version, "comes before %s, which is applied already: run `db rebase`, which renames %s to a later version",
				newest, s.Name())
		case s.revision != nil:
			if why := s.changed(); why != "" {
				st.fail(version, "%s", why)
			}
			if version < newest {
				st.fail(version, "is partly applied, but %s was applied after it", newest)
			}
		}
		if _, _, err := f.Dialect.ParseDown(string(s.Bytes())); err != nil {
			// A down statement that is not a comment would run as an up statement.
			st.fail(version, "has invalid down statements: %s: %v", s.Name(), err)
		}
		st.pending = append(st.pending, s)
	}
	return st
}

// readRow adds the migration of a row to the state.
func (st *state) readRow(r *migrate.Revision) {
	_, undone, ok := rollbackOf(r)
	switch {
	case ok:
		text := fmt.Sprintf("is partly undone (%d down statements ran)", len(undone))
		if r.Error != "" {
			text += ": " + r.Error
		}
		st.failure = &Failure{Version: r.Version, Statement: r.ErrorStmt, Error: text}
		st.fail(r.Version, "%s; run the downgrade again to finish it", text)
	case whole(r):
		st.live = r.Version
		st.applied = append(st.applied, Migration{Version: r.Version, Description: r.Description,
			Statements: r.Total, DurationMS: r.ExecutionTime.Milliseconds()})
	default:
		if r.Error != "" {
			st.failure = &Failure{Version: r.Version, Statement: r.ErrorStmt, Error: r.Error}
		}
		if !st.files.Has(r.Version) {
			st.fail(r.Version, "is partly applied (%d of %d statements), but its file is missing: "+
				"run the build that contains the file", r.Applied, r.Total)
		}
	}
}

// row returns the row of a version; nil if there is none.
func (st state) row(version string) *migrate.Revision {
	for _, r := range st.revisions {
		if r.Version == version {
			return r
		}
	}
	return nil
}

// baseline returns the version of the last baseline; "" for none.
func (st state) baseline() (version string) {
	for _, r := range st.revisions {
		if r.Type.Has(migrate.RevisionTypeBaseline) {
			version = r.Version
		}
	}
	return version
}

// before returns the version that is live after another version is undone; "" for none.
func (st state) before(version string) (live string) {
	for _, m := range st.applied {
		if m.Version < version {
			live = m.Version
		}
	}
	return live
}

// fail sets the problem, unless there is one already.
func (st *state) fail(version, format string, args ...any) {
	if st.problem == nil {
		st.problem = problem(version, format, args...)
	}
}

// upTo returns the pending files up to a version; all of them for "".
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
	if !st.hasJournal && s.journaled() {
		return createJournal(ctx, s)
	}
	return nil
}
