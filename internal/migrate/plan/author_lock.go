package plan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	// projectPatience is how long one authoring waits for another: much longer than
	// one takes.
	projectPatience = 30 * time.Second
	// projectPeriod is how often it looks whether the other one is done.
	projectPeriod = 20 * time.Millisecond
)

// lockProject waits until nobody else writes migrations in the project. The lock
// is on the folder itself, so it leaves nothing behind, and it goes with the
// process, however that ends. The error says that there is no such folder, or
// that somebody has been at work in it for too long.
func lockProject(ctx context.Context, root string) (unlock func() error, err error) {
	folder, err := os.Open(root)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, projectPatience)
	defer cancel()
	tick := time.NewTicker(projectPeriod)
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
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				err = errors.New("another command has been writing migrations in this folder all the while: run it again when that one is done")
			} else {
				err = ctx.Err()
			}
			return nil, errors.Join(err, folder.Close())
		}
	}
}
