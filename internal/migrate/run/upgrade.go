package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// Upgrade says how far to go.
type Upgrade struct {
	// To is the last version to apply; "" for all.
	To string
	// DryRun only says what would be applied.
	DryRun bool
	// Plan is the hash from an earlier report. If what is pending is not what it
	// was then, nothing is applied; "" applies whatever is pending.
	Plan string
}

// Upgrade applies pending migrations, one upgrade at a time on a database. It
// waits for another one that is at work, and then applies what that has left.
//
// The report says what was applied, whether it failed or not. When it failed,
// the error says the same as the report's Failed: a statement that the database
// refused, a file that was edited, an unknown version, a plan that does not
// match. On SQLite nothing of the file that failed is applied; on MySQL what ran
// is recorded, statement by statement. Either way, running again goes on from there.
//
// A statement that was begun is seen through, even when ctx is cancelled: to
// break the connection would not stop the server. Between statements a cancelled
// ctx is an error; a deadline that nears is none, the report says Incomplete.
func (e *Engine) Upgrade(ctx context.Context, opts Upgrade) (Report, error) {
	report, started := e.begin("upgrade"), time.Now()
	err := e.with(ctx, func(files plan.Files, s session) error {
		st, err := readState(ctx, files, s)
		if err != nil {
			return err
		}
		report.describe(st, opts.To)
		if err := st.allow(opts); err != nil {
			return err
		}
		if opts.DryRun || len(report.Pending) == 0 {
			return nil
		}
		report.To = st.live
		return e.locked(ctx, s, func() error { return e.run(ctx, files, s, opts, report) })
	})
	if errors.Is(err, errOutOfTime) {
		report.Incomplete, err = true, nil
	}
	report.showSQL = opts.DryRun
	return report.finish(started, err)
}

// allow says why an upgrade may not go ahead, if so.
func (st state) allow(opts Upgrade) error {
	if st.problem != nil {
		return &failureError{Failure: *st.problem}
	}
	if opts.To != "" && !st.files.Has(opts.To) {
		if st.files.Last() == "" {
			return fmt.Errorf("no migration has version %s: there are none at all", opts.To)
		}
		return fmt.Errorf("no migration has version %s: the last one is %s", opts.To, st.files.Last())
	}
	if opts.To != "" && opts.To < st.live {
		return fmt.Errorf("the database is at %s, which is later than %s: an upgrade only goes forward, to go back is a downgrade", st.live, opts.To)
	}
	return keepsTo(opts.Plan, planHash(st.upTo(opts.To)))
}

// run applies pending files until none is left. Under the lock, or in the
// transaction that is one, what is pending is decided anew for each file:
// another upgrade may have been faster.
func (e *Engine) run(ctx context.Context, files plan.Files, s session, opts Upgrade, report *Report) error {
	for first := true; ; first = false {
		more, err := e.oneFile(ctx, s, func() (bool, error) {
			return e.runNext(ctx, files, s, opts, first, report)
		})
		if err != nil || !more {
			return err
		}
	}
}

func (e *Engine) runNext(ctx context.Context, files plan.Files, s session, opts Upgrade, first bool, report *Report) (more bool, err error) {
	st, err := readState(ctx, files, s)
	if err != nil {
		return false, err
	}
	if first {
		report.describe(st, opts.To)
	} else {
		// The plan was kept when the first file was applied under it.
		opts.Plan = ""
	}
	if err := st.allow(opts); err != nil {
		return false, err
	}
	steps := st.upTo(opts.To)
	report.To, report.Pending = st.live, describeSteps(steps)
	if len(steps) == 0 {
		return false, nil
	}
	if err := st.ownTables(ctx, s); err != nil {
		return false, err
	}
	return true, e.apply(ctx, s, steps[0], report)
}

// apply runs what is left of one file and records each statement.
func (e *Engine) apply(ctx context.Context, s session, next step, report *Report) error {
	started := time.Now()
	done := Migration{
		Version: next.Version(), Description: next.Desc(),
		Statements: len(next.left()),
	}
	failed := func(statement string, err error) error {
		return &failureError{Failure{Version: done.Version, Statement: statement, Error: err.Error()}, err}
	}
	resumed := next.revision != nil
	r, err := start(ctx, s, next)
	if err != nil {
		return failed("", err)
	}
	progress := Progress{Version: done.Version, Description: done.Description, Total: r.Total}
	sums := partialHashes(next.Statements)
	for first := true; r.Applied < r.Total; first = false {
		if err := outOfTime(ctx); errors.Is(err, errOutOfTime) {
			return err
		} else if err != nil {
			return failed("", err)
		}
		progress.Statement, progress.Index = next.Statements[r.Applied], r.Applied+1
		known := notApplied
		if !first || resumed { // else the journal has it
			if known, err = prepare(ctx, s, r, directionUp, progress.Index, progress.Statement, first); err != nil {
				return failed(progress.Statement, err)
			}
		}
		ran := func() {
			r.Applied, r.PartialHashes = r.Applied+1, sums[:r.Applied+1]
			if r.Applied == r.Total {
				r.PartialHashes = nil
			}
		}
		if err := e.step(ctx, s, &progress, r, ran, known); err != nil {
			return failed(progress.Statement, err)
		}
		if !s.perFile() {
			report.Pending[0].drop()
		}
	}
	if s.perFile() {
		// Seen through like a statement.
		if err := s.commit(context.WithoutCancel(ctx)); err != nil {
			return failed("", err)
		}
	}
	done.DurationMS = time.Since(started).Milliseconds()
	report.To, report.Applied, report.Pending = done.Version, append(report.Applied, done), report.Pending[1:]
	progress.Stage, progress.Statement, progress.Took = Applied, "", time.Since(started)
	e.tell(progress)
	return nil
}

// start returns the row of a file. When the file is new it writes the row, and the
// first statement into the journal.
func start(ctx context.Context, s session, next step) (*migrate.Revision, error) {
	if r := next.revision; r != nil {
		if r.Total == len(next.Statements) {
			return r, nil
		}
		// What has not run yet was edited. Where the CLI would lose count, the row
		// speaks of the file as it is from here on.
		r.Total, r.Hash = len(next.Statements), next.Hash
		if r.Applied == r.Total {
			r.PartialHashes, r.Error, r.ErrorStmt = nil, "", ""
		}
		return r, updateRevision(ctx, s, r)
	}
	r := &migrate.Revision{
		Version: next.Version(), Description: next.Desc(), Type: migrate.RevisionTypeExecute,
		Total: len(next.Statements), Hash: next.Hash,
	}
	if r.Total == 0 {
		return r, insertRevision(ctx, s, r)
	}
	return r, writeJournal(ctx, s, newEntry(r, directionUp, 1, next.Statements[0]), func(ctx context.Context) error {
		return insertRevision(ctx, s, r)
	})
}
