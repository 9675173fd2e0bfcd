package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/emulator"
	"slipway/internal/test/lambdatest"
)

// echo is a function whose events contain instructions.
const echo = "slipway/internal/test/lambdatest/testdata/echo"

// said is the result of echo.
type said struct {
	Env      string
	PID      int
	Deadline int64
}

// newPool returns a pool of echo. The end of the test closes it.
func newPool(t *testing.T, concurrency int, timeout time.Duration, env ...string) *emulator.Pool {
	t.Helper()
	p := emulator.NewPool(lambdatest.Program(t, echo, env...), concurrency, timeout)
	t.Cleanup(p.Close)
	return p
}

// ask invokes the function, which must return a result.
func ask(t *testing.T, p *emulator.Pool, event string) said {
	t.Helper()
	out, err := p.Invoke(t.Context(), []byte(event))
	if err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	var s said
	if err := json.Unmarshal(out, &s); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return s
}

// held is an invocation that lasts until the test releases it.
type held struct {
	t      *testing.T
	file   string
	result chan error
}

// hold starts an invocation and waits until the function has received it.
func hold(t *testing.T, p *emulator.Pool) held {
	t.Helper()
	h := held{t, filepath.Join(t.TempDir(), "hold"), make(chan error, 1)}
	go func() {
		_, err := p.Invoke(context.Background(), fmt.Appendf(nil, `{"do":"hold","file":%q}`, h.file))
		h.result <- err
	}()
	h.pid()
	return h
}

// pid returns the ID of the process of the invocation.
func (h held) pid() int {
	h.t.Helper()
	var pid int
	waitFor(h.t, "the function to have the invocation", func() bool {
		text, _ := os.ReadFile(h.file)
		pid, _ = strconv.Atoi(string(text))
		return pid > 0
	})
	return pid
}

// release ends the invocation and returns its error.
func (h held) release() error {
	h.t.Helper()
	if err := os.Remove(h.file); err != nil {
		h.t.Fatal(err)
	}
	return <-h.result
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for begun := time.Now(); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begun) > 30*time.Second {
			t.Fatalf("timeout: waited for %s", what)
		}
	}
}

// runs reports whether a process exists and has not ended.
func runs(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // on systems with /proc
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

// TestPool: sequential invocations use one sandbox. Of several idle sandboxes, the one used last is reused. Invocations
// over the concurrency are throttled; later ones are not.
func TestPool(t *testing.T) {
	t.Parallel()
	p := newPool(t, 3, 20*time.Second)
	first := ask(t, p, `{}`)
	left := time.Until(time.UnixMilli(first.Deadline))
	if left > 20*time.Second || left < 5*time.Second {
		t.Errorf("the function has %v", left)
	}
	if again := ask(t, p, `{}`); again.PID != first.PID {
		t.Errorf("a second process where one is free")
	}
	all := []held{hold(t, p), hold(t, p), hold(t, p)}
	pids := map[int]bool{all[0].pid(): true, all[1].pid(): true, all[2].pid(): true}
	if len(pids) != 3 || !pids[first.PID] {
		t.Errorf("three invocations at once are in the processes %v; %d was there", pids, first.PID)
	}
	if _, err := p.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, emulator.ErrThrottled) {
		t.Errorf("a fourth: %v, want ErrThrottled", err)
	}
	for _, i := range []int{1, 2, 0} {
		pid := all[i].pid()
		if err := all[i].release(); err != nil {
			t.Error(err)
		}
		if got := ask(t, p, `{}`); got.PID != pid {
			t.Errorf("process %d responded, but %d was used last", got.PID, pid)
		}
	}
}

// TestPoolReplaces: the end of a process fails only its current invocation.
func TestPoolReplaces(t *testing.T) {
	t.Parallel()
	p := newPool(t, 1, time.Minute)
	for _, c := range []struct{ name, event, want string }{
		{"an error, after which the process continues", `{"do":"fail"}`, "function error errorString: as told"},
		{"a panic", `{"do":"panic"}`, "function error string: as told"},
		{"an exit", `{"do":"exit"}`, "the function's process exited with code 4"},
		{"a result that is too large", `{"do":"large","size":6291556}`, "Function.ResponseSizeTooLarge"},
	} {
		if _, err := p.Invoke(t.Context(), []byte(c.event)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
		ask(t, p, `{}`)
	}
	if out, err := p.Invoke(t.Context(), []byte(`{"do":"large","size":6291554}`)); err != nil ||
		len(out) != emulator.ResponseLimit {
		t.Errorf("the largest response: %d bytes, %v", len(out), err)
	}

	h := hold(t, p)
	if err := syscall.Kill(h.pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if exit, ok := errors.AsType[*emulator.ExitError](<-h.result); !ok || exit.Code != -1 {
		t.Errorf("killed in the middle: %v", exit)
	}
	idle := ask(t, p, `{}`)
	if err := syscall.Kill(idle.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.WaitForIdleEnds()
	if got := ask(t, p, `{}`); got.PID == idle.PID {
		t.Error("a killed process responded")
	}
}

// TestPoolTimeout: a sandbox that exceeds the timeout is stopped and replaced.
func TestPoolTimeout(t *testing.T) {
	t.Parallel()
	p := newPool(t, 1, 300*time.Millisecond)
	before := ask(t, p, `{}`)
	_, err := p.Invoke(t.Context(), []byte(`{"do":"sleep"}`))
	failure, ok := errors.AsType[*emulator.FunctionError](err)
	if !ok ||
		*failure != (emulator.FunctionError{Type: "Sandbox.Timedout", Message: "Task timed out after 0.30 seconds"}) {
		t.Errorf("got %v", err)
	}
	if runs(before.PID) {
		t.Error("the process runs on")
	}
	if after := ask(t, p, `{}`); after.PID == before.PID {
		t.Error("the process responded again")
	}
}

// TestPoolRefuses: some invocations fail before they reach the function.
func TestPoolRefuses(t *testing.T) {
	t.Parallel()
	p := newPool(t, 1, time.Minute)
	const empty = `{"do":"large","size":1,"x":""}`
	largest := []byte(strings.Replace(empty, `""`, `"`+strings.Repeat("y", emulator.EventLimit-len(empty))+`"`, 1))
	if _, err := p.Invoke(t.Context(), largest); err != nil {
		t.Errorf("an event at the limit: %v", err)
	}
	if _, err := p.Invoke(t.Context(), append(largest, ' ')); !errors.Is(err, emulator.ErrTooLarge) {
		t.Errorf("a byte more: %v, want ErrTooLarge", err)
	}
	broken := newPool(t, 1, time.Minute, "EXIT=1")
	for range 2 {
		_, err := broken.Invoke(t.Context(), []byte(`{}`))
		if exit, ok := errors.AsType[*emulator.ExitError](err); !ok || exit.Code != 3 {
			t.Errorf("a function that ends at its start: %v", err)
		}
	}
	missing := emulator.NewPool(emulator.Program{Path: filepath.Join(t.TempDir(), "bootstrap")}, 1, time.Minute)
	if _, err := missing.Invoke(t.Context(), []byte(`{}`)); err == nil ||
		!strings.Contains(err.Error(), "starting the function") {
		t.Errorf("no binary: %v", err)
	}
}

// TestPoolClose: a closed pool leaves no process, also not those that the function has started. The same is true for a
// sandbox whose process ended by itself.
func TestPoolClose(t *testing.T) {
	t.Parallel()
	p := newPool(t, 3, time.Minute)
	spawn := func() int {
		t.Helper()
		out, err := p.Invoke(t.Context(), []byte(`{"do":"spawn"}`))
		if err != nil {
			t.Fatal(err)
		}
		child, err := strconv.Atoi(string(out))
		if err != nil || !runs(child) {
			t.Fatalf("the function started %s, %v", out, err)
		}
		return child
	}
	orphan := spawn()
	if _, err := p.Invoke(t.Context(), []byte(`{"do":"exit"}`)); err == nil {
		t.Fatal("the process returned a response although it ended")
	}
	waitFor(t, "the end of what a process left", func() bool { return !runs(orphan) })

	pids := []int{spawn(), ask(t, p, `{}`).PID}
	h := hold(t, p)
	pids = append(pids, h.pid())
	p.Close()
	if err := <-h.result; err == nil {
		t.Error("the running invocation returned a response")
	}
	for _, pid := range pids {
		waitFor(t, fmt.Sprintf("the end of %d of %d", pid, pids), func() bool { return !runs(pid) })
	}
	if _, err := p.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, emulator.ErrClosed) {
		t.Errorf("after Close: %v, want ErrClosed", err)
	}
	p.Close()
}
