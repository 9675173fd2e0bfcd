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
	// margin is the time before the deadline of the context in which no statement starts:
	// it is needed to record, to unlock and to return the report.
	margin = 5 * time.Second
	// firstPause and lastPause limit the pause before a statement is retried after a lock
	// conflict; each pause is twice the one before.
	firstPause = time.Second
	lastPause  = 15 * time.Second
)

// errOutOfTime ends an upgrade or a downgrade between two statements.
var errOutOfTime = errors.New("out of time")

// work is a running upgrade or downgrade.
type work struct {
	*Engine
	session
	report *Report
	goal
}

// goal is the difference between an upgrade and a downgrade.
type goal struct {
	// pending returns the steps that are left.
	pending func(state) ([]step, error)
	// check returns an error if the steps must not run.
	check func(session, state, []step) error
}

// change runs the steps to a goal until none is left. With dryRun it only reports them.
func (e *Engine) change(ctx context.Context, report *Report, dryRun bool, g goal) error {
	report.showSQL = dryRun
	err := e.with(ctx, e.files, func(s session, st state) error {
		steps, err := g.pending(st)
		if err != nil || len(steps) == 0 {
			return err
		}
		if dryRun {
			report.To = steps[len(steps)-1].to
			return g.check(s, st, steps)
		}
		w := work{e, s, report, g}
		return withLock(ctx, s, func() error {
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

// next runs the next step; more is false if none was left. It reads the state again under
// the lock (on SQLite, in the transaction): another upgrade may have run in between.
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
			err = w.check(w, st, steps)
		}
		if err == nil {
			err = st.ownTables(ctx, w)
		}
		if err != nil {
			return err
		}
		next, done = &steps[0], steps[0].describe()
		p = Progress{Version: done.Version, Description: done.Description, Total: len(next.statements)}
		return w.file(ctx, next, &p)
	})
	if next == nil {
		return false, err
	}
	if err == nil || next.down && !w.perFile() && inRollback(next.revision) {
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
	w.notify(p)
	return true, nil
}

// file runs the remaining up or down statements of a file and records each one. After the
// last down statement it deletes the row of the file.
func (w work) file(ctx context.Context, next *step, p *Progress) error {
	if err := w.refuseBroken(ctx, next); err != nil {
		return err
	}
	resumed, err := begin(ctx, w, next)
	if err != nil {
		return err
	}
	kept, err := w.prepareFile(ctx, next)
	if err != nil {
		return err
	}
	for first := true; next.ran < len(next.statements); first = false {
		if err := outOfTime(ctx); err != nil {
			return err
		}
		p.Statement, p.Index = next.statements[next.ran], next.ran+1
		known := notApplied
		if resumed || !first { // otherwise begin has written it to the journal
			if known, err = prepare(ctx, w, next, first); err != nil {
				return err
			}
		}
		if known == notApplied && next.down && next.applied < next.revision.Total {
			known = maybeRedundant
		}
		if err := w.statement(ctx, next, p, known); err != nil {
			return err
		}
		p.Statement = ""
		if !w.perFile() {
			w.report.Pending[0] = next.describe()
		}
	}
	if err := w.putBack(ctx, kept); err != nil {
		return err
	}
	if next.down {
		// No cancellation, as for a statement.
		return deleteRevision(context.WithoutCancel(ctx), w, next.revision)
	}
	return nil
}

// prepareFile sets the session for a file, and sets aside what putBack creates again.
func (w work) prepareFile(ctx context.Context, next *step) (kept []keptObject, err error) {
	if err := w.setSession(ctx, next); err != nil {
		return nil, err
	}
	return w.setAside(ctx, next)
}

// setSession runs the statements again that changed the session of an earlier run.
func (w work) setSession(ctx context.Context, next *step) error {
	for _, statement := range next.statements[:min(next.ran, len(next.statements))] {
		if !w.perFile() && plan.SetsSession.MatchString(statement) {
			if err := execute(ctx, w, "set the session", statement); err != nil {
				return err
			}
		}
	}
	return nil
}

// statement runs the next statement of a step, unless it is known to be applied, and
// records it. On MySQL it records an error too.
func (w work) statement(ctx context.Context, next *step, p *Progress, known outcome) error {
	began, r := time.Now(), next.revision
	p.Stage, p.Took = Running, 0
	w.notify(*p)
	p.Stage = Skipped
	if known != applied {
		err := w.exec(ctx, p)
		if err != nil && !(known == maybeRedundant && alreadyDone(err)) {
			return w.recordError(ctx, r, p.Statement, known, err)
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
	w.notify(*p)
	return nil
}

// exec runs a statement, and retries it after a lock conflict. On MySQL it leaves a
// transaction open for the record.
func (w work) exec(ctx context.Context, p *Progress) (err error) {
	began, statement := time.Now(), p.Statement
	// A started statement is not cancelled: the server would go on with it.
	uncancelled := context.WithoutCancel(ctx)
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if !w.perFile() {
			err = w.begin(uncancelled)
		}
		switch {
		case err != nil:
		case w.Exec != nil:
			err = w.Exec(uncancelled, w, statement)
		default:
			_, err = w.ExecContext(uncancelled, statement)
		}
		if !lockConflict(err) {
			return err
		}
		if time.Since(began) >= w.waitTimeout {
			return fmt.Errorf("%w: other sessions held a lock that this statement needs for %v: end their transactions "+
				"(SHOW PROCESSLIST lists the sessions) and run the command again", err, w.waitTimeout)
		}
		if err := w.rollback(uncancelled); err != nil {
			return err
		}
		p.Stage, p.Took = LockConflict, time.Since(began)
		w.notify(*p)
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// recordError records the error of a statement and returns it.
func (w work) recordError(ctx context.Context, r *migrate.Revision, statement string, known outcome, err error) error {
	if w.perFile() || errors.Is(err, errOutOfTime) || errors.Is(err, context.Canceled) {
		return err
	}
	ctx, cancel := recordContext(ctx)
	defer cancel()
	r.Error, r.ErrorStmt = err.Error(), statement
	// On a lost connection neither works; the caller needs the first error.
	if w.rollback(ctx) == nil {
		_ = updateRevision(ctx, w, r)
	}
	if known == unknown && alreadyDone(err) {
		return fmt.Errorf("%w: another program, or an older slipway, may have run this statement without a record: run `db "+
			"repair` to find out", err)
	}
	return err
}
