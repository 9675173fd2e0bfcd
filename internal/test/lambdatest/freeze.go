package lambdatest

import "syscall"

// Freeze suspends the process, as Lambda does between two requests. Thaw resumes it. Unlike in Lambda, the monotonic
// clock of the process continues.
func (f *Function) Freeze() {
	f.t.Helper()
	f.signal(syscall.SIGSTOP)
	// The threads stop one after the other: wait for the last one.
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(f.sandbox.PID(), &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		f.t.Fatalf("the sandbox does not stop: %v, status %#x", err, status)
	}
}

// Thaw resumes the process after [Function.Freeze].
func (f *Function) Thaw() { f.t.Helper(); f.signal(syscall.SIGCONT) }

func (f *Function) signal(s syscall.Signal) {
	f.t.Helper()
	if err := syscall.Kill(f.sandbox.PID(), s); err != nil {
		f.t.Fatal(err)
	}
}
