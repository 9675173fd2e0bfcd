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

// work is what an upgrade or a downgrade does on a database.
type work struct {
	*Engine
	session
	report *Report
	goal
}

// goal is what an upgrade or a downgrade is after.
type goal struct {
	// pending decides which steps are left.
	pending func(state) ([]step, error)
	// mayRun refuses steps that are about to run.
	mayRun func(session, state, []step) error
}

// change does the steps to a goal, until none is left. With dryRun it only says what is
// pending.
func (e *Engine) change(ctx context.Context, report *Report, dryRun bool, g goal) error {
	report.showSQL = dryRun
	err := e.with(ctx, e.files, func(s session, st state) error {
		steps, err := g.pending(st)
		if err != nil || len(steps) == 0 {
			return err
		}
		if dryRun {
			report.To = steps[len(steps)-1].to
			return g.mayRun(s, st, steps)
		}
		w := work{e, s, report, g}
		return locked(ctx, s, func() error {
			for more := true; more && err == nil; {
				more, err = w.next(ctx, st.files)
			}
			return err
		})
	})
	if errors.Is(err, errOutOfTime) {
		report.Incomplete, err = true, nil
	}
	return err
}

// next does the next step; more is false when none was left. Under the lock, or in the
// transaction that is one, what is left is decided again: another upgrade may have been faster.
func (w work) next(ctx context.Context, files plan.Files) (more bool, err error) {
	if err := outOfTime(ctx); err != nil {
		return false, err
	}
	var next *step
	var done Migration
	var p Progress
	started := time.Now()
	err = perFile(ctx, w.session, func() error {
		st, err := readState(ctx, files, w)
		if err != nil {
			return err
		}
		steps, err := w.pending(st)
		if err == nil && len(steps) == 0 {
			return st.dropJournal(ctx, w)
		}
		if err == nil {
			err = w.mayRun(w, st, steps)
		}
		if err == nil {
			err = st.ownTables(ctx, w)
		}
		if err != nil {
			return err
		}
		next, done = &steps[0], steps[0].describe()
		p = Progress{Version: done.Version, Description: done.Description, Total: len(next.way)}
		return w.file(ctx, next, &p)
	})
	if next == nil {
		return false, err
	}
	if err == nil || next.down && !w.perFile() && isBeingUndone(next.revision) {
		w.report.To = next.to
	}
	if errors.Is(err, errOutOfTime) {
		return false, err
	}
	if err != nil {
		return false, &failureError{Failure{Version: done.Version, Statement: p.Statement, Error: err.Error()}, err}
	}
	done.SQL, done.DurationMS = nil, time.Since(started).Milliseconds()
	w.report.Applied, w.report.Pending = append(w.report.Applied, done), w.report.Pending[1:]
	p.Stage, p.Took = Applied, time.Since(started)
	if next.down {
		p.Stage = Undone
	}
	w.tell(p)
	return true, nil
}

// file runs what is left of a file, or of its way down, and records each statement. The
// row of a file that was undone goes.
func (w work) file(ctx context.Context, next *step, p *Progress) error {
	resumed, err := begin(ctx, w, next)
	if err != nil {
		return err
	}
	if err := w.setSession(ctx, next); err != nil {
		return err
	}
	for first := true; next.ran < len(next.way); first = false {
		if err := outOfTime(ctx); err != nil {
			return err
		}
		p.Statement, p.Index = next.way[next.ran], next.ran+1
		known := notApplied
		if resumed || !first { // else the journal has it
			if known, err = prepare(ctx, w, next, first); err != nil {
				return err
			}
		}
		if known == notApplied && next.down && next.applied < next.revision.Total {
			known = perhaps
		}
		if err := w.statement(ctx, next, p, known); err != nil {
			return err
		}
		p.Statement = ""
		if !w.perFile() {
			w.report.Pending[0] = next.describe()
		}
	}
	if next.down {
		// Seen through like a statement.
		return deleteRevision(context.WithoutCancel(ctx), w, next.revision)
	}
	return nil
}

// setSession runs the statements again that changed the session of an earlier run.
func (w work) setSession(ctx context.Context, next *step) error {
	for _, statement := range next.way[:min(next.ran, len(next.way))] {
		if !w.perFile() && plan.SetsSession.MatchString(statement) {
			if err := execute(ctx, w, "set the session", statement); err != nil {
				return err
			}
		}
	}
	return nil
}

// statement runs the next statement of a step, unless it is known to be applied, and
// records it. Where the transaction is not one around the whole file, an error is recorded
// too.
func (w work) statement(ctx context.Context, next *step, p *Progress, known outcome) error {
	began, r := time.Now(), next.revision
	p.Stage, p.Took = Running, 0
	w.tell(*p)
	p.Stage = Skipped
	if known != applied {
		err := w.exec(ctx, p)
		if err != nil && !(known == perhaps && alreadySo(err)) {
			return w.refused(ctx, r, p.Statement, known, err)
		}
		if err == nil {
			p.Stage = Ran
		}
	}
	next.record(next.ran + 1)
	r.Error, r.ErrorStmt = "", ""
	r.ExecutionTime += time.Since(began)
	ctx, cancel := recordContext(ctx)
	defer cancel()
	if err := updateRevision(ctx, w, r); err != nil {
		return err
	}
	if !w.perFile() {
		if err := w.commit(ctx); err != nil {
			return err
		}
	}
	p.Took = time.Since(began)
	w.tell(*p)
	return nil
}

// exec runs a statement, and tries again while others hold what it needs. On MySQL it
// leaves a transaction open for the record.
func (w work) exec(ctx context.Context, p *Progress) (err error) {
	began, statement := time.Now(), p.Statement
	// A statement that was begun is seen through.
	through := context.WithoutCancel(ctx)
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if !w.perFile() {
			err = w.begin(through)
		}
		switch {
		case err != nil:
		case w.Exec != nil:
			err = w.Exec(through, w, statement)
		default:
			_, err = w.ExecContext(through, statement)
		}
		if !lockConflict(err) {
			return err
		}
		if time.Since(began) >= w.waitTimeout {
			return fmt.Errorf("%w: for %v other sessions held a lock that it needs, such as an open transaction: "+
				"end them (SHOW PROCESSLIST lists them) and run it again", err, w.waitTimeout)
		}
		if err := w.rollback(through); err != nil {
			return err
		}
		p.Stage, p.Took = LockConflict, time.Since(began)
		w.tell(*p)
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// refused records a statement that the database did not take.
func (w work) refused(ctx context.Context, r *migrate.Revision, statement string, known outcome, err error) error {
	if w.perFile() || errors.Is(err, errOutOfTime) || errors.Is(err, context.Canceled) {
		return err
	}
	ctx, cancel := recordContext(ctx)
	defer cancel()
	r.Error, r.ErrorStmt = err.Error(), statement
	// On a connection that broke neither works; what was refused is the news.
	if w.rollback(ctx) == nil {
		_ = updateRevision(ctx, w, r)
	}
	if known == unknown && alreadySo(err) {
		return fmt.Errorf("%w: another program, or an older slipway, may have run this statement without a record: run `db "+
			"repair` to find out", err)
	}
	return err
}
