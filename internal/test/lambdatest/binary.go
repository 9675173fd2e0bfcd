package lambdatest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"slipway/internal/emulator"
)

// binary is a built function. Its content is in memory. While programs use it, it is also in a file, which they share,
// because writing it takes longer than starting it. So no file is left after the tests.
type binary struct {
	content []byte

	mu    sync.Mutex
	dir   string // of the file, if there are users
	users int
}

// binaries caches the binaries by package.
var binaries sync.Map // string → func() (*binary, error)

func build(pkg string) (*binary, error) {
	once, _ := binaries.LoadOrStore(pkg, sync.OnceValues(func() (*binary, error) {
		dir, err := os.MkdirTemp("", "lambdatest-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "bootstrap")
		if err := emulator.Build(context.Background(), "", pkg, path); err != nil {
			return nil, err
		}
		content, err := os.ReadFile(path)
		return &binary{content: content}, err
	}))
	return once.(func() (*binary, error))()
}

// link creates the file path with the binary. After success, the caller must call [binary.release].
func (b *binary) link(path string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.users == 0 {
		if err := b.write(); err != nil {
			return err
		}
	}
	b.users++
	if err := os.Link(filepath.Join(b.dir, "bootstrap"), path); err != nil {
		return errors.Join(err, b.leave())
	}
	return nil
}

// write writes the shared file to a new folder.
func (b *binary) write() (err error) {
	if b.dir, err = os.MkdirTemp("", "lambdatest-"); err != nil {
		return err
	}
	// Prevent a fork while the file is open for writing: the child would inherit the descriptor, and exec would fail with
	// "text file busy".
	syscall.ForkLock.RLock()
	err = os.WriteFile(filepath.Join(b.dir, "bootstrap"), b.content, 0o755)
	syscall.ForkLock.RUnlock()
	if err != nil {
		return errors.Join(err, os.RemoveAll(b.dir))
	}
	return nil
}

// release ends one use of the binary. The last one deletes the shared file.
func (b *binary) release() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.leave()
}

func (b *binary) leave() error {
	if b.users--; b.users > 0 {
		return nil
	}
	return os.RemoveAll(b.dir)
}
