//go:build unix

package atomicfiles

import (
	"errors"
	"os"
	"syscall"
)

// tryLock locks an open folder; closing it unlocks it.
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
