package run

import (
	"context"
	"time"
)

// withLock calls do while the session holds the migration lock of the database.
func withLock(ctx context.Context, s session, do func() error) (err error) {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer func() {
		ctx, cancel := recordContext(ctx)
		defer cancel()
		// A lost connection has released the lock, and do has returned its error.
		if unlockErr := s.unlock(ctx); err == nil {
			err = unlockErr
		}
	}()
	return do()
}

// transaction calls do in a transaction. It rolls back after an error.
func transaction(ctx context.Context, s session, do func() error) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	err := do()
	if err == nil {
		// No cancellation, as for a statement.
		err = s.commit(context.WithoutCancel(ctx))
	}
	if err != nil {
		ctx, cancel := recordContext(ctx)
		defer cancel()
		// The rollback fails if the connection is lost or SQLite has rolled back by itself.
		_ = s.rollback(ctx)
	}
	return err
}

// perFile calls do for one file. If the dialect has a transaction for each file, it calls do
// in one.
func perFile(ctx context.Context, s session, do func() error) error {
	if s.perFile() {
		return transaction(ctx, s, do)
	}
	return do()
}

// perStatement calls do, which changes the record. If the dialect has no transaction for
// each file, it calls do in a transaction.
func perStatement(ctx context.Context, s session, do func() error) error {
	if s.perFile() {
		return do()
	}
	return transaction(ctx, s, do)
}

// recordContext returns a context for work that must be done after the caller's context has
// ended. Its timeout is recordTimeout.
func recordContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
}

// sleep waits for pause. It returns errOutOfTime if the deadline of ctx is too near.
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

// outOfTime returns an error if no further statement may start.
func outOfTime(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return sleep(ctx, 0)
}
