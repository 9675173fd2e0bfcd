// Package lambdatest runs a function the way Lambda does, for tests: it builds the real bootstrap binary of a package
// and starts it in a sandbox of internal/emulator. Nothing but tests may import it.
package lambdatest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"slipway/internal/emulator"
)

// timeout is the time that an invocation has when its context does not set less.
const timeout = 30 * time.Second

// Flags are those of go build with which a function is built.
var Flags = emulator.Flags

// FunctionError is what a function answered instead of a result.
type FunctionError = emulator.FunctionError

// ExitError says that the process ended, and with what it left behind.
type ExitError struct {
	Code int    // the exit code, or -1 when a signal ended it
	Logs string // all it wrote
}

// Error returns the code and the logs.
func (e *ExitError) Error() string {
	return fmt.Sprintf("the function's process exited with code %d and wrote:\n%s", e.Code, e.Logs)
}

// Function is one sandbox: a process that serves one invocation at a time.
type Function struct {
	t       testing.TB
	sandbox *emulator.Sandbox
	logs    string // the file that it writes
}

// Start builds the package (an import path, or a folder beginning with "./"), once per test process, and starts it for
// this machine. The process sees what Lambda would give it and env ("NAME=value"), and nothing else of the test's
// environment. It is stopped when the test ends. Whatever keeps it from starting fails the test; a process that ends
// by itself shows as an *ExitError at the next Invoke.
func Start(t testing.TB, pkg string, env ...string) *Function {
	t.Helper()
	program := Program(t, pkg, env...)
	sandbox, err := emulator.Start(program)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sandbox.Stop)
	return &Function{t, sandbox, program.Log.Name()}
}

// Program returns the package, built once per test process, as internal/emulator starts it, with a log file of its
// own. Its files go away with the test, which -short skips.
func Program(t testing.TB, pkg string, env ...string) emulator.Program {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a function, which -short leaves out")
	}
	binary, err := build(pkg)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bootstrap")
	// No process may be forked while the file is open for writing: it would inherit that, and nobody could execute it.
	syscall.ForkLock.RLock()
	err = os.WriteFile(path, binary, 0o755)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	logs, err := os.OpenFile(path+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { logs.Close() })
	return emulator.Program{Path: path, Env: env, Log: logs}
}

// binaries are the packages built so far, by name. They are kept in memory, so that no file outlives the tests.
var binaries sync.Map // string → func() ([]byte, error)

func build(pkg string) ([]byte, error) {
	once, _ := binaries.LoadOrStore(pkg, sync.OnceValues(func() ([]byte, error) {
		dir, err := os.MkdirTemp("", "lambdatest-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "bootstrap")
		if err := emulator.Build(context.Background(), "", pkg, path); err != nil {
			return nil, err
		}
		return os.ReadFile(path)
	}))
	return once.(func() ([]byte, error))()
}

// Invoke lets the function answer payload, after the invocation that is under way if there is one. The deadline of ctx
// is the function's; it has 30 seconds at most. The error is a *FunctionError when the function answered with one, an
// *ExitError when its process ended, or that of ctx; a process that was at it by then is stopped, as Lambda stops it.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	out, err := f.sandbox.Invoke(ctx, payload)
	return out, f.withLogs(err)
}

// Started returns the time from the start of the process to its first request for an invocation, and waits for it. It
// fails the test when the process ends before.
func (f *Function) Started() time.Duration {
	f.t.Helper()
	took, err := f.sandbox.Wait(context.Background())
	if err != nil {
		f.t.Fatal(f.withLogs(err))
	}
	return took
}

// Logs returns all that the process has written so far, to its standard output and error.
func (f *Function) Logs() string {
	text, err := os.ReadFile(f.logs)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// withLogs adds what the process wrote to an error that says no more than that it ended.
func (f *Function) withLogs(err error) error {
	if exit, ok := errors.AsType[*emulator.ExitError](err); ok {
		return &ExitError{exit.Code, f.Logs()}
	}
	return err
}
