package lambdatest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/internal/emulator"
	"slipway/internal/test/lambdatest"
)

const echo = "./testdata/echo"

// TestInvoke: concurrent invocations of one sandbox run one after the other. Each has its own ID and its own result.
func TestInvoke(t *testing.T) {
	t.Parallel()
	fn := lambdatest.Start(t, echo, "NAME=value")
	deadline := time.Now().Add(20 * time.Second)
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()

	var ids sync.Map
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			event := fmt.Sprintf(`{"env":"NAME","i":%d}`, i)
			out, err := fn.Invoke(ctx, []byte(event))
			if err != nil {
				t.Error(err)
				return
			}
			var got struct {
				Event    json.RawMessage
				ID, ARN  string
				Deadline int64
				Env      string
			}
			if err := json.Unmarshal(out, &got); err != nil {
				t.Errorf("%s: %v", out, err)
				return
			}
			if string(got.Event) != event || got.Env != "value" || got.Deadline != deadline.UnixMilli() {
				t.Errorf("result of %s: %s", event, out)
			}
			if _, twice := ids.LoadOrStore(got.ID, true); twice || !strings.HasPrefix(got.ARN, "arn:aws:lambda:") {
				t.Errorf("id %q, ARN %q", got.ID, got.ARN)
			}
		})
	}
	all.Wait()
	if !strings.Contains(fn.Logs(), `echo {"env":"NAME","i":7}`) {
		t.Errorf("the logs are %q", fn.Logs())
	}
	if d := fn.Started(); d <= 0 || d > 10*time.Second {
		t.Errorf("started in %v", d)
	}
}

// TestFunctionError: after an error of the function, the sandbox continues. After a panic, the process ends.
func TestFunctionError(t *testing.T) {
	t.Parallel()
	fn := lambdatest.Start(t, echo)
	for _, c := range []struct{ event, errorType, message string }{
		{`{"do":"fail"}`, "errorString", "as told"},
		{`{"do":"fail"}`, "errorString", "as told"},
		{`{"do":"panic"}`, "string", "as told"},
	} {
		_, err := fn.Invoke(t.Context(), []byte(c.event))
		failure, ok := errors.AsType[*lambdatest.FunctionError](err)
		if !ok || failure.Type != c.errorType || failure.Message != c.message {
			t.Fatalf("%s: %v, want %s: %s", c.event, err, c.errorType, c.message)
		}
	}
	_, err := fn.Invoke(t.Context(), []byte(`{}`))
	if exit, ok := errors.AsType[*lambdatest.ExitError](err); !ok || exit.Code != 1 {
		t.Errorf("after a panic: %v, want exit code 1", err)
	}
}

// TestExit: if the process ends, Invoke returns its exit code and its log at once.
func TestExit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, env, event string
		code             int
		logs             string
	}{
		{"at the start", "EXIT=1", `{}`, 3, "cannot start"},
		{"in an invocation", "A=", `{"do":"exit"}`, 4, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fn := lambdatest.Start(t, echo, c.env)
			for range 2 {
				_, err := fn.Invoke(t.Context(), []byte(c.event))
				exit, ok := errors.AsType[*lambdatest.ExitError](err)
				if !ok || exit.Code != c.code || !strings.Contains(exit.Logs, c.logs) {
					t.Errorf("%v, want exit code %d and %q", err, c.code, c.logs)
				}
			}
		})
	}
}

// TestDeadline: a function that exceeds its deadline is stopped, as in Lambda.
func TestDeadline(t *testing.T) {
	t.Parallel()
	fn := lambdatest.Start(t, echo)
	fn.Started()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := fn.Invoke(ctx, []byte(`{"do":"sleep"}`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Invoke = %v, want DeadlineExceeded", err)
	}
	_, err := fn.Invoke(t.Context(), []byte(`{}`))
	if exit, ok := errors.AsType[*lambdatest.ExitError](err); !ok || exit.Code != -1 {
		t.Errorf("after the deadline: %v, want a process ended by a signal", err)
	}
}

// TestFlags: the Makefile has the same build flags.
func TestFlags(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	makefile = bytes.ReplaceAll(makefile, []byte(`"`), nil)
	for _, flag := range append([]string{"CGO_ENABLED=0"}, emulator.Flags...) {
		if !bytes.Contains(makefile, []byte(flag)) {
			t.Errorf("the Makefile builds without %s", flag)
		}
	}
}

// TestFreeze: a frozen sandbox does nothing.
func TestFreeze(t *testing.T) {
	t.Parallel()
	fn := lambdatest.Start(t, echo)
	fn.Started()
	fn.Freeze()
	fn.Thaw()
	if _, err := fn.Invoke(t.Context(), []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	fn.Freeze()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if out, err := fn.Invoke(ctx, []byte(`{}`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a frozen sandbox returns %s, %v", out, err)
	}
}
