package run

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
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
	problem *Failure
	// failure is what the table of revisions says went wrong last time.
	failure *Failure
}

// step is a file that is still to be applied, or to be undone.
type step struct {
	plan.File
	// way is the way down, read when it is needed: see state.undo.
	way plan.Down
	// revision is the row of a file that was begun; nil for the others.
	revision *migrate.Revision
}

// left is the statements that are still to be run. A file that was begun may be
// shorter now than what ran of it.
func (s step) left() []string {
	if s.revision == nil {
		return s.Statements
	}
	return s.Statements[min(s.revision.Applied, len(s.Statements)):]
}

// readState asks the database what it has.
func readState(ctx context.Context, f plan.Files, s session) (state, error) {
	tables, err := s.tables(ctx)
	if err != nil {
		return state{}, err
	}
	var revisions []*migrate.Revision
	hasTable, hasJournal := slices.Contains(tables, plan.RevisionTable), slices.Contains(tables, plan.JournalTable)
	if hasTable {
		if revisions, err = readRevisions(ctx, s); err != nil {
			return state{}, err
		}
	}
	tables = slices.DeleteFunc(tables, func(name string) bool { return name == plan.RevisionTable || name == plan.JournalTable })
	st := compareRows(f, revisions)
	st.hasTable, st.hasJournal = hasTable, hasJournal
	if len(revisions) == 0 && len(tables) > 0 {
		st.problem = &Failure{Error: unrecorded(tables)}
	}
	return st, nil
}

// unrecorded tells of tables that no migration of ours has made.
func unrecorded(tables []string) string {
	found := strings.Join(tables, ", ")
	if len(tables) > 2 {
		found = strings.Join(tables[:2], ", ") + " and others"
	}
	return fmt.Sprintf("the database has tables (%s) but no record of migrations in %s: use an empty database, "+
		"or, if its tables are what a version of the migrations leaves, record that with `db init`", found, plan.RevisionTable)
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
	byVersion := map[string]*migrate.Revision{}
	var baseline, newest string
	for _, r := range revisions {
		byVersion[r.Version] = r
		newest = r.Version
		if r.Type.Has(migrate.RevisionTypeBaseline) {
			baseline = r.Version
		}
		if u, ok := undoingOf(r); ok {
			st.failure = &Failure{Version: r.Version, Statement: r.ErrorStmt, Error: u.describe(r)}
			st.fail(r.Version, "%s: run the downgrade again, it goes on from there", u.describe(r))
			continue
		}
		if r.Applied == r.Total {
			st.live = r.Version
			st.applied = append(st.applied, Migration{
				Version: r.Version, Description: r.Description,
				Statements: r.Total, DurationMS: r.ExecutionTime.Milliseconds(),
			})
			continue
		}
		if r.Error != "" {
			st.failure = &Failure{Version: r.Version, Statement: r.ErrorStmt, Error: r.Error}
		}
		if !f.Has(r.Version) {
			st.fail(r.Version, "is applied in part (%d of %d statements) and its file is not here: run the build that has it", r.Applied, r.Total)
		}
	}
	for _, file := range f.List {
		version := file.Version()
		s := step{File: file, revision: byVersion[version]}
		switch {
		case s.revision != nil && whole(s.revision):
			continue
		case s.revision != nil && len(s.revision.PartialHashes) > 0 && isUndoMark(s.revision.PartialHashes[0]):
			// The problem is known already.
		case s.revision != nil:
			if why := s.changed(); why != "" {
				st.fail(version, "%s", why)
			}
			if version < newest {
				st.fail(version, "is applied in part, and %s was applied after it", newest)
			}
		case version <= baseline:
			continue
		case version < newest:
			st.fail(version, "comes before %s, which is applied already: `db rebase` gives %s a later version", newest, s.Name())
		}
		if _, _, err := f.Dialect.ParseDown(string(s.Bytes())); err != nil {
			// What is not a comment there is part of the way up.
			st.fail(version, "has a way down that cannot be read: %s: %v", s.Name(), err)
		}
		st.pending = append(st.pending, s)
	}
	return st
}

// fail keeps the first problem.
func (st *state) fail(version, format string, args ...any) {
	if st.problem == nil {
		st.problem = &Failure{Version: version, Error: "migration " + version + " " + fmt.Sprintf(format, args...)}
	}
}

// changed says whether what ran of a migration that was applied in part is still
// what its file begins with. What has not run yet may be another.
func (s step) changed() string {
	r := s.revision
	sums := partialHashes(s.Statements)
	for i := range r.Applied {
		if i >= len(sums) {
			return fmt.Sprintf("is applied in part (%d of %d statements), and its file has %d statements now: restore the file, or accept it with `db repair`",
				r.Applied, r.Total, len(s.Statements))
		}
		if i >= len(r.PartialHashes) || sums[i] != r.PartialHashes[i] {
			return fmt.Sprintf("is applied in part, and statement %d of its file, which ran, has been changed since: restore it, or accept it with `db repair`", i+1)
		}
	}
	return ""
}

// partialHashes are Atlas's: the n-th covers the first n statements.
func partialHashes(statements []string) []string {
	sums := make([]string, len(statements))
	h := sha256.New()
	for i, s := range statements {
		h.Write([]byte(s))
		sums[i] = "h1:" + base64.StdEncoding.EncodeToString(h.Sum(nil))
	}
	return sums
}

// upTo is the pending files as far as a version; all of them for "".
func (st state) upTo(version string) []step {
	if version == "" {
		return st.pending
	}
	i := slices.IndexFunc(st.pending, func(s step) bool { return s.Version() > version })
	if i < 0 {
		return st.pending
	}
	return st.pending[:i]
}

// planHash is the hash of what files would run: sha256 in hex, over each version and
// each of its statements, a NUL byte after each. A file that was begun counts
// whole, so that a plan still holds when the upgrade it allowed is run again. It
// is "" for no files.
func planHash(steps []step) string {
	if len(steps) == 0 {
		return ""
	}
	h := sha256.New()
	for _, s := range steps {
		h.Write([]byte(s.Version() + "\x00"))
		for _, statement := range s.Statements {
			h.Write([]byte(statement + "\x00"))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// describeSteps describes pending files for a report.
func describeSteps(steps []step) []Migration {
	list := []Migration{}
	for _, s := range steps {
		list = append(list, Migration{
			Version: s.Version(), Description: s.Desc(),
			Statements: len(s.left()), SQL: s.left(),
		})
	}
	return list
}
