package lambdatest

import "syscall"

// Freeze stops the process where it is, as Lambda does between two requests, and
// Thaw lets it go on. What happens meanwhile it learns afterwards. Unlike Lambda's,
// its clocks go on.
func (f *Function) Freeze() {
	f.t.Helper()
	f.signal(syscall.SIGSTOP)
	// The signal is sent, and its threads stop one by one: the process is stopped when the last of them is.
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(f.sandbox.PID(), &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		f.t.Fatalf("the sandbox does not stop: %v, status %#x", err, status)
	}
}

// Thaw is the end of [Function.Freeze].
func (f *Function) Thaw() { f.t.Helper(); f.signal(syscall.SIGCONT) }

func (f *Function) signal(s syscall.Signal) {
	f.t.Helper()
	if err := syscall.Kill(f.sandbox.PID(), s); err != nil {
		f.t.Fatal(err)
	}
}
