package lambdatest

import "syscall"

// Freeze stops the process where it is, as Lambda does between two requests, and
// Thaw lets it go on. What happens meanwhile it learns afterwards. Unlike Lambda's,
// its clocks go on.
func (f *Function) Freeze() { f.t.Helper(); f.signal(syscall.SIGSTOP) }

// Thaw is the end of [Function.Freeze].
func (f *Function) Thaw() { f.t.Helper(); f.signal(syscall.SIGCONT) }

func (f *Function) signal(s syscall.Signal) {
	f.t.Helper()
	if err := syscall.Kill(f.sandbox.PID(), s); err != nil {
		f.t.Fatal(err)
	}
}
