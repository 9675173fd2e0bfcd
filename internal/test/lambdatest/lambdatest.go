// Package lambdatest runs a Lambda function in tests: it builds the bootstrap binary of a package and starts it in a
// sandbox of internal/emulator. It is for tests only, and may import only emulator of slipway.
package lambdatest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"slipway/internal/emulator"
)

// timeout is the maximum time of an invocation.
const timeout = 30 * time.Second

// FunctionError is an error that a function returned.
type FunctionError = emulator.FunctionError

// ExitError is the error for a process that ended.
type ExitError struct {
	Code int    // the exit code, or -1 if a signal ended the process
	Logs string // the output of the process
}

// Error returns the code and the logs.
func (e *ExitError) Error() string {
	return fmt.Sprintf("the function's process exited with code %d and wrote:\n%s", e.Code, e.Logs)
}

// Function is one sandbox: a process that handles one invocation at a time.
type Function struct {
	t       testing.TB
	sandbox *emulator.Sandbox
	logs    string // the path of its log
}

// Start builds the package (an import path, or a folder beginning with "./"), once per test process, and starts it. The
// environment of the process is that of Lambda and env ("NAME=value"). The end of the test stops it. If the process
// cannot start, the test fails. If it ends later, the next Invoke returns an *ExitError.
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

// Program builds the package, once per test process, and returns the program for internal/emulator, with a new log
// file. The end of the test deletes its files. With -short it skips the test.
func Program(t testing.TB, pkg string, env ...string) emulator.Program {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped with -short: builds a function")
	}
	binary, err := build(pkg)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bootstrap")
	if err := binary.link(path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := binary.release(); err != nil {
			t.Error(err)
		}
	})
	logs, err := os.OpenFile(path+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { logs.Close() })
	return emulator.Program{Path: path, Env: env, Log: logs}
}

// Invoke invokes the function with payload and returns its result. It waits for an invocation in progress. The deadline
// of ctx is that of the invocation, at most 30 seconds. The error is a *FunctionError if the function returned an
// error, an *ExitError if its process ended, or that of ctx. If ctx ends during the invocation, Invoke stops the
// process.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	out, err := f.sandbox.Invoke(ctx, payload)
	return out, f.withLogs(err)
}

// Started waits until the process requests its first invocation, and returns the time since its start. If the process
// ends before that, the test fails.
func (f *Function) Started() time.Duration {
	f.t.Helper()
	took, err := f.sandbox.Wait(context.Background())
	if err != nil {
		f.t.Fatal(f.withLogs(err))
	}
	return took
}

// Logs returns the output of the process so far, from standard output and standard error.
func (f *Function) Logs() string {
	text, err := os.ReadFile(f.logs)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// withLogs adds the output of the process to an exit error.
func (f *Function) withLogs(err error) error {
	if exit, ok := errors.AsType[*emulator.ExitError](err); ok {
		return &ExitError{exit.Code, f.Logs()}
	}
	return err
}
