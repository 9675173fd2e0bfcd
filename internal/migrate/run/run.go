package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

const (
	// margin is kept before the deadline of the context: no statement begins in
	// it, so that there is time to record, to unlock and to answer.
	margin = 5 * time.Second
	// firstPause and lastPause are how long a statement that others held up gives
	// way before it is tried again; each pause is twice the one before.
	firstPause = time.Second
	lastPause  = 15 * time.Second
)

// errOutOfTime ends an upgrade or a downgrade between two statements.
var errOutOfTime = errors.New("out of time")

// change does the steps of an upgrade or of a downgrade, until none is left. Under the
// lock, or in the transaction that is one, pending decides anew for each step what is left:
// another upgrade may have been faster. With dryRun it only says what is pending.
func (e *Engine) change(
	ctx context.Context, report *Report, files plan.Files, dryRun bool, pending func(session, state) ([]step, error),
) error {
	report.showSQL = dryRun
	err := e.with(ctx, files, func(s session, st state) error {
		steps, err := pending(s, st)
		if n := len(steps); err == nil && dryRun && n > 0 {
			report.To = steps[n-1].to
		}
		if err != nil || dryRun || len(steps) == 0 {
			return err
		}
		return locked(ctx, s, func() error {
			for more := true; more && err == nil; {
				more, err = e.next(ctx, files, s, report, pending)
			}
			return err
		})
	})
	if errors.Is(err, errOutOfTime) {
		report.Incomplete, err = true, nil
	}
	return err
}

// next does the next step; more is false when none was left.
func (e *Engine) next(
	ctx context.Context, files plan.Files, s session, report *Report, pending func(session, state) ([]step, error),
) (more bool, err error) {
	if err := outOfTime(ctx); err != nil {
		return false, err
	}
	var next *step
	var p Progress
	var done Migration
	started := time.Now()
	err = perFile(ctx, s, func() error {
		st, err := readState(ctx, files, s)
		if err != nil {
			return err
		}
		steps, err := pending(s, st)
		if err != nil || len(steps) == 0 {
			return err
		}
		if err := st.ownTables(ctx, s); err != nil {
			return err
		}
		next, done = &steps[0], steps[0].describe()
		p = Progress{Version: done.Version, Description: done.Description, Total: len(next.way)}
		return e.runFile(ctx, s, next, &p, report)
	})
	if next == nil {
		return false, err
	}
	if err == nil || next.down && !s.perFile() && isBeingUndone(next.revision) {
		report.To = next.to
	}
	if errors.Is(err, errOutOfTime) {
		return false, err
	}
	if err != nil {
		return false, &failureError{Failure{Version: done.Version, Statement: p.Statement, Error: err.Error()}, err}
	}
	done.SQL, done.DurationMS = nil, time.Since(started).Milliseconds()
	report.Applied, report.Pending = append(report.Applied, done), report.Pending[1:]
	p.Stage, p.Took = Applied, time.Since(started)
	if next.down {
		p.Stage = Undone
	}
	e.tell(p)
	return true, nil
}

// runFile runs what is left of a file, or of its way down, and records each statement. The
// row of a file that was undone goes.
func (e *Engine) runFile(ctx context.Context, s session, next *step, p *Progress, report *Report) error {
	resumed, err := begin(ctx, s, next)
	if err != nil {
		return err
	}
	for first := true; next.ran < len(next.way); first = false {
		if err := outOfTime(ctx); err != nil {
			return err
		}
		p.Statement, p.Index = next.way[next.ran], next.ran+1
		known := notApplied
		if resumed || !first { // else the journal has it
			if known, err = prepare(ctx, s, next, first); err != nil {
				return err
			}
		}
		if known == notApplied && next.down && next.applied < next.revision.Total {
			known = perhaps
		}
		if err := e.statement(ctx, s, next, p, known); err != nil {
			return err
		}
		p.Statement = ""
		if !s.perFile() {
			report.Pending[0] = next.describe()
		}
	}
	if next.down {
		// Seen through like a statement.
		return deleteRevision(context.WithoutCancel(ctx), s, next.revision)
	}
	return nil
}

// begin writes the row of a file of which nothing is applied, or undone, yet, and its first
// statement into the journal. resumed says that an earlier run did that.
func begin(ctx context.Context, s session, next *step) (resumed bool, err error) {
	r, write := next.revision, updateRevision
	switch {
	case next.down && isBeingUndone(r):
		return true, nil
	case next.down:
		if next.applied, err = appliedOf(ctx, s, next); err != nil {
			return false, err
		}
		r.Error, r.ErrorStmt = "", "" // of the way up
		next.record(0)
	case r == nil:
		r, write = &migrate.Revision{
			Version: next.Version(), Description: next.Desc(), Type: migrate.RevisionTypeExecute,
			Total: len(next.way), Hash: next.Hash,
		}, insertRevision
		next.revision = r
	case r.Total == len(next.way):
		return true, nil
	default:
		// What has not run yet was edited. Where the CLI would lose count, the row
		// speaks of the file as it is from here on.
		r.Total, r.Hash = len(next.way), next.Hash
		if next.record(r.Applied); whole(r) {
			r.Error, r.ErrorStmt = "", ""
		}
		return true, updateRevision(ctx, s, r)
	}
	if len(next.way) == 0 {
		return false, write(ctx, s, r)
	}
	return false, writeJournal(ctx, s, next.entry(), func(ctx context.Context) error { return write(ctx, s, r) })
}

// statement runs the next statement of a step, unless it is known to be applied, and
// records it. Where the transaction is not one around the whole file, an error is recorded
// too.
func (e *Engine) statement(ctx context.Context, s session, next *step, p *Progress, known outcome) error {
	began, r := time.Now(), next.revision
	p.Stage, p.Took = Running, 0
	e.tell(*p)
	p.Stage = Skipped
	if known != applied {
		skipped, err := e.exec(ctx, s, r, p, known)
		if err != nil {
			return err
		}
		if !skipped {
			p.Stage = Ran
		}
	}
	next.record(next.ran + 1)
	r.Error, r.ErrorStmt = "", ""
	r.ExecutionTime += time.Since(began)
	ctx, cancel := recordContext(ctx)
	defer cancel()
	if err := updateRevision(ctx, s, r); err != nil {
		return err
	}
	if !s.perFile() {
		if err := s.commit(ctx); err != nil {
			return err
		}
	}
	p.Took = time.Since(began)
	e.tell(*p)
	return nil
}

// exec runs a statement, and tries again while others hold what it needs. skipped says
// that it has nothing to undo. On MySQL it leaves a transaction open for the record.
func (e *Engine) exec(
	ctx context.Context, s session, r *migrate.Revision, p *Progress, known outcome,
) (skipped bool, err error) {
	began := time.Now()
	// A statement that was begun is seen through.
	through := context.WithoutCancel(ctx)
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if !s.perFile() {
			if err := s.begin(through); err != nil {
				return false, err
			}
		}
		if e.Exec != nil {
			err = e.Exec(through, s, p.Statement)
		} else {
			_, err = s.ExecContext(through, p.Statement)
		}
		switch {
		case err == nil:
			return false, nil
		case known == perhaps && alreadySo(err):
			return true, nil
		case !s.heldUp(err):
			return false, refused(ctx, s, p.Statement, r, known, err)
		case time.Since(began) >= e.patience:
			return false, refused(ctx, s, p.Statement, r, known, fmt.Errorf("%w: for %v others held what it needs, such as "+
				"a transaction that stays open: end them (SHOW PROCESSLIST lists them) and run it again", err, e.patience))
		}
		if err := s.rollback(through); err != nil {
			return false, err
		}
		p.Stage, p.Took = HeldUp, time.Since(began)
		e.tell(*p)
		if err := sleep(ctx, pause); err != nil {
			return false, err
		}
	}
}

// refused records a statement that the database did not take.
func refused(ctx context.Context, s session, statement string, r *migrate.Revision, known outcome, err error) error {
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
	if known == unknown && alreadySo(err) {
		return fmt.Errorf("%w: another program, or an older slipway, may have run this statement without a record: "+
			"`db repair` finds out", err)
	}
	return err
}
