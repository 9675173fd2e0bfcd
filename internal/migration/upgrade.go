package migration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ariga.io/atlas/sql/migrate"
)

// margin is kept before the deadline of the context: an upgrade begins no
// statement in it, so that there is time to record, to unlock and to answer.
const margin = 5 * time.Second

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

// errOutOfTime ends an upgrade between two statements.
var errOutOfTime = errors.New("out of time")

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
	err := e.with(ctx, func(files files, s session) error {
		st, err := files.read(ctx, s)
		if err != nil {
			return err
		}
		report.describe(st, opts.To)
		if err := files.allow(st, opts); err != nil {
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
	return report.finish(started, err)
}

// allow says why an upgrade may not go ahead, if so.
func (f files) allow(st state, opts Upgrade) error {
	if st.problem != nil {
		return &failureError{Failure: *st.problem}
	}
	if opts.To != "" && !f.has(opts.To) {
		if f.last() == "" {
			return fmt.Errorf("no migration has version %s: there are none at all", opts.To)
		}
		return fmt.Errorf("no migration has version %s: the last one is %s", opts.To, f.last())
	}
	if opts.To != "" && opts.To < st.live {
		return fmt.Errorf("the database is at %s, which is later than %s: an upgrade only goes forward, to go back is a downgrade", st.live, opts.To)
	}
	if steps := st.upTo(opts.To); opts.Plan != "" && len(steps) > 0 && plan(steps) != opts.Plan {
		return fmt.Errorf("what is pending is not what was planned: the plan is %s, pending is %s", opts.Plan, plan(steps))
	}
	return nil
}

// locked does something while this session alone may migrate the database.
func (e *Engine) locked(ctx context.Context, s session, do func() error) (err error) {
	if err := s.lock(ctx, e.waiting); err != nil {
		return err
	}
	defer func() {
		ctx, cancel := recordContext(ctx)
		defer cancel()
		// A connection that broke has let go of the lock, and the error is known.
		if unlockErr := s.unlock(ctx); err == nil {
			err = unlockErr
		}
	}()
	return do()
}

func (e *Engine) waiting() { e.tell(Progress{Stage: Waiting}) }

// recordContext is for what has to be done although the caller's context is over.
func recordContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
}

// run applies pending files until none is left. Under the lock, or in the
// transaction that is one, what is pending is decided anew for each file:
// another upgrade may have been faster.
func (e *Engine) run(ctx context.Context, files files, s session, opts Upgrade, report *Report) error {
	for first := true; ; first = false {
		more, err := e.runNext(ctx, files, s, opts, first, report)
		if err != nil || !more {
			return err
		}
	}
}

func (e *Engine) runNext(ctx context.Context, files files, s session, opts Upgrade, first bool, report *Report) (more bool, err error) {
	if err := outOfTime(ctx); err != nil {
		return false, err
	}
	if s.perFile() {
		if err := s.begin(ctx, e.waiting); err != nil {
			return false, err
		}
		defer func() {
			if more && err == nil {
				return
			}
			ctx, cancel := recordContext(ctx)
			defer cancel()
			// SQLite may have rolled back by itself; then the error is known.
			if rollbackErr := s.rollback(ctx); err == nil {
				err = rollbackErr
			}
		}()
	}
	st, err := files.read(ctx, s)
	if err != nil {
		return false, err
	}
	if first {
		report.describe(st, opts.To)
	} else {
		// The plan was kept when the first file was applied under it.
		opts.Plan = ""
	}
	if err := files.allow(st, opts); err != nil {
		return false, err
	}
	steps := st.upTo(opts.To)
	report.To, report.Pending = st.live, describeSteps(steps)
	if len(steps) == 0 {
		return false, nil
	}
	if !st.hasTable {
		if err := s.createRevisionTable(ctx); err != nil {
			return false, err
		}
	}
	return true, e.apply(ctx, s, steps[0], report)
}

// apply runs what is left of one file and records each statement.
func (e *Engine) apply(ctx context.Context, s session, next step, report *Report) error {
	started := time.Now()
	done := Migration{
		Version: next.file.Version(), Description: next.file.Desc(),
		Statements: len(next.left()),
	}
	failed := func(statement string, err error) error {
		return &failureError{Failure{Version: done.Version, Statement: statement, Error: err.Error()}, err}
	}
	r, err := start(ctx, s, next)
	if err != nil {
		return failed("", err)
	}
	progress := Progress{Version: done.Version, Description: done.Description, Total: r.Total}
	for r.Applied < r.Total {
		if err := outOfTime(ctx); errors.Is(err, errOutOfTime) {
			return err
		} else if err != nil {
			return failed("", err)
		}
		statement, began := next.statements[r.Applied], time.Now()
		progress.Stage, progress.Statement, progress.Index, progress.Took = Running, statement, r.Applied+1, 0
		e.tell(progress)
		if err := e.runStatement(ctx, s, statement, r, partialHashes(next.statements[:r.Applied+1])); err != nil {
			return failed(statement, err)
		}
		if !s.perFile() {
			report.Pending[0].Statements--
			report.Pending[0].SQL = report.Pending[0].SQL[1:]
		}
		progress.Stage, progress.Took = Ran, time.Since(began)
		e.tell(progress)
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

// start gives the row of a file, and writes it when the file is new.
func start(ctx context.Context, s session, next step) (*migrate.Revision, error) {
	if next.revision != nil {
		return next.revision, nil
	}
	r := &migrate.Revision{
		Version: next.file.Version(), Description: next.file.Desc(), Type: migrate.RevisionTypeExecute,
		Total: len(next.statements), Hash: next.hash,
	}
	return r, insertRevision(ctx, s, r)
}

// runStatement runs one statement and records it in r and in its row: with the
// hashes of all that ran, or, where the transaction is not one around the whole
// file, with the error.
func (e *Engine) runStatement(ctx context.Context, s session, statement string, r *migrate.Revision, hashes []string) error {
	began := time.Now()
	ctx = context.WithoutCancel(ctx)
	if !s.perFile() {
		if err := s.begin(ctx, e.waiting); err != nil {
			return err
		}
	}
	if _, err := s.ExecContext(ctx, statement); err != nil {
		if s.perFile() {
			return err
		}
		ctx, cancel := recordContext(ctx)
		defer cancel()
		r.Error, r.ErrorStmt = err.Error(), statement
		// On a connection that broke neither works; what was refused is the news.
		if s.rollback(ctx) == nil {
			_ = updateRevision(ctx, s, r)
		}
		return err
	}
	r.Applied, r.PartialHashes, r.Error, r.ErrorStmt = r.Applied+1, hashes, "", ""
	if r.Applied == r.Total {
		r.PartialHashes = nil
	}
	r.ExecutionTime += time.Since(began)
	ctx, cancel := recordContext(ctx)
	defer cancel()
	if err := updateRevision(ctx, s, r); err != nil || s.perFile() {
		return err
	}
	return s.commit(ctx)
}

// outOfTime says that no further statement may begin.
func outOfTime(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < margin {
		return errOutOfTime
	}
	return nil
}
