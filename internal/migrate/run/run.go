package run

import (
	"context"
	"errors"
	"fmt"
	"time"

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

func (e *Engine) waiting() { e.tell(Progress{Stage: Waiting, Limit: e.patience()}) }

// recordContext is for what has to be done although the caller's context is over.
func recordContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
}

// oneFile does something with one file, in a transaction of its own where the
// dialect has one around each file. do commits; more says that it did.
func (e *Engine) oneFile(ctx context.Context, s session, do func() (more bool, err error)) (more bool, err error) {
	if err := outOfTime(ctx); err != nil {
		return false, err
	}
	if !s.perFile() {
		return do()
	}
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
	return do()
}

// step runs the statement of a progress, unless it is known to be applied, and
// records it: ran puts into r, the row of its file, that it is done. Where the
// transaction is not one around the whole file, an error is recorded too.
func (e *Engine) step(
	ctx context.Context, s session, p *Progress, r *migrate.Revision, ran func(), known outcome,
) error {
	began, skip := time.Now(), false
	p.Stage, p.Took = Running, 0
	e.tell(*p)
	skipped := func() {
		skip, p.Stage = true, Skipped
		e.tell(*p)
	}
	if known == applied {
		skipped()
	}
	// A statement that was begun is seen through.
	run := func(ctx context.Context) error {
		if !s.perFile() {
			if err := s.begin(ctx, e.waiting); err != nil {
				return err
			}
		}
		if skip {
			return nil
		}
		if e.Exec != nil {
			return e.Exec(ctx, s, p.Statement)
		}
		_, err := s.ExecContext(ctx, p.Statement)
		return err
	}
	err := run(context.WithoutCancel(ctx))
	for pause := firstPause; s.heldUp(err) && time.Since(began) < e.patience(); pause = min(2*pause, lastPause) {
		if err := s.rollback(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		p.Stage, p.Took = HeldUp, time.Since(began)
		e.tell(*p)
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		err = run(context.WithoutCancel(ctx))
	}
	if known == perhaps && undoneAlready(err) {
		if err := s.rollback(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		skipped()
		err = run(context.WithoutCancel(ctx))
	}
	if err != nil {
		err = e.refused(ctx, s, p.Statement, r, err)
		if known == unknown {
			err = ranAlready(err)
		}
		return err
	}
	r.Error, r.ErrorStmt = "", ""
	ran()
	r.ExecutionTime += time.Since(began)
	p.Stage, p.Took = Ran, time.Since(began)
	recording, cancel := recordContext(ctx)
	defer cancel()
	if err := updateRevision(recording, s, r); err != nil {
		return err
	}
	if !s.perFile() {
		if err := s.commit(recording); err != nil {
			return err
		}
	}
	if !skip {
		e.tell(*p)
	}
	return nil
}

// refused records a statement that the database did not take.
func (e *Engine) refused(ctx context.Context, s session, statement string, r *migrate.Revision, err error) error {
	if s.heldUp(err) {
		err = fmt.Errorf("%w: for %v others held what it needs, such as a transaction that stays open: end them (SHOW PROCESSLIST lists them) and run it again", err, e.patience())
	}
	if s.perFile() {
		return err
	}
	recording, cancel := recordContext(ctx)
	defer cancel()
	r.Error, r.ErrorStmt = err.Error(), statement
	// On a connection that broke neither works; what was refused is the news.
	if s.rollback(recording) == nil {
		_ = updateRevision(recording, s, r)
	}
	return err
}

// patience is how long others may hold up a statement, or a whole upgrade.
func (e *Engine) patience() time.Duration {
	if e.shortPatience > 0 {
		return e.shortPatience
	}
	return lockPatience
}

// sleep waits, unless the time that is left does not allow for it.
func sleep(ctx context.Context, pause time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < margin+pause {
		return errOutOfTime
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
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
