package atomicfiles

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	// waitTimeout is how long one process waits for another. An update takes far less.
	waitTimeout = 30 * time.Second
	// pollInterval is the time between two attempts to lock.
	pollInterval = 20 * time.Millisecond
)

// lock waits until no other process updates the project. The lock is on the folder
// itself: it leaves no file, and ends with the process.
func lock(ctx context.Context, root string) (unlock func() error, err error) {
	folder, err := os.Open(root)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, waitTimeout)
	defer cancel()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		locked, err := tryLock(folder)
		switch {
		case err != nil:
			return nil, errors.Join(fmt.Errorf("lock %s: %w", root, err), folder.Close())
		case locked:
			return folder.Close, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			err := ctx.Err()
			if errors.Is(err, context.DeadlineExceeded) {
				err = errors.New("another command is writing migrations in this folder: run this again when it is done")
			}
			return nil, errors.Join(err, folder.Close())
		}
	}
}
