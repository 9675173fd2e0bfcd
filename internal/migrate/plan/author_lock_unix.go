//go:build unix

package plan

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock on an open folder; it goes when the folder is closed.
func tryLock(folder *os.File) (bool, error) {
	for {
		err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, err
		}
	}
}
