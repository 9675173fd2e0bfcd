//go:build !unix

package atomicfiles

import "os"

// tryLock does nothing: this system has no lock for folders.
func tryLock(*os.File) (bool, error) { return true, nil }
