package run

import (
	"context"
	"time"
)

// locked does something while this session alone may migrate the database.
func locked(ctx context.Context, s session, do func() error) (err error) {
	if err := s.lock(ctx); err != nil {
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

// transaction does something in a transaction, which is rolled back after an error.
func transaction(ctx context.Context, s session, do func() error) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	err := do()
	if err == nil {
		// Seen through like a statement.
		err = s.commit(context.WithoutCancel(ctx))
	}
	if err != nil {
		ctx, cancel := recordContext(ctx)
		defer cancel()
		// It fails on a connection that broke, and where SQLite has rolled back by itself.
		_ = s.rollback(ctx)
	}
	return err
}

// perFile does something with one file, in a transaction of its own where the dialect has
// one around each file.
func perFile(ctx context.Context, s session, do func() error) error {
	if s.perFile() {
		return transaction(ctx, s, do)
	}
	return do()
}

// perStatement does something with the record, in a transaction of its own where the
// dialect has none around each file.
func perStatement(ctx context.Context, s session, do func() error) error {
	if s.perFile() {
		return do()
	}
	return transaction(ctx, s, do)
}

// recordContext is for what has to be done although the caller's context is over.
func recordContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
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
	return sleep(ctx, 0)
}
