// Package lambdatest runs a function the way Lambda does, for tests: it builds the real bootstrap binary of a package,
// starts it as a process, and drives it over the Runtime API
// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). Nothing but tests may import it, and it imports no
// other room.
package lambdatest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// timeout is the time that an invocation has when its context does not set less.
const timeout = 30 * time.Second

// FunctionError is what a function answered instead of a result. Its members are those of Lambda's error object.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// Error gives type and message.
func (e *FunctionError) Error() string { return "function error " + e.Type + ": " + e.Message }

// ExitError says that the process ended, and with what it left behind.
type ExitError struct {
	Code int    // the exit code, or -1 when a signal ended it
	Logs string // all it wrote
}

// Error gives the code and the logs.
func (e *ExitError) Error() string {
	return fmt.Sprintf("the function's process exited with code %d and wrote:\n%s", e.Code, e.Logs)
}

// Function is one sandbox: a process that serves one invocation at a time.
type Function struct {
	t       testing.TB
	api     *httptest.Server
	process *os.Process
	logs    string // the file that it writes
	begun   time.Time

	calls  chan *invocation // from Invoke to the process, which asks for the next when it is done with one
	ready  chan struct{}    // closed at the first /next
	asked  time.Time        // when that was
	exited chan struct{}    // closed when the process is gone
	code   int              // with what

	mu      sync.Mutex
	last    int
	current *invocation    // handed out and not answered yet
	initErr *FunctionError // what the process reported before its first /next
}

type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	done     chan outcome // has room for the one outcome
}

type outcome struct {
	out []byte
	err error
}

// Start builds the package (an import path, or a folder beginning with "./"), once per test process, and starts it for
// this machine. The process sees what Lambda would give it and env ("NAME=value"), and nothing else of the test's
// environment. It is stopped when the test ends. Whatever keeps it from starting fails the test; a process that ends
// by itself shows as an *ExitError at the next Invoke.
func Start(t testing.TB, pkg string, env ...string) *Function {
	t.Helper()
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

	// A file and not a pipe: what the process wrote before it answered is there when the answer is.
	logs, err := os.OpenFile(path+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer logs.Close() // the process has its own

	f := &Function{
		t: t, logs: logs.Name(), calls: make(chan *invocation),
		ready: make(chan struct{}), exited: make(chan struct{}),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", f.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", f.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", f.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", f.initFailure)
	f.api = httptest.NewServer(mux)

	cmd := exec.Command(path)
	cmd.Dir = filepath.Dir(path)
	cmd.Stdout, cmd.Stderr = logs, logs
	cmd.Env = append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + f.api.Listener.Addr().String(),
		"AWS_LAMBDA_FUNCTION_NAME=lambdatest", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "AWS_REGION=eu-central-1", "_HANDLER=bootstrap",
		"LAMBDA_TASK_ROOT=" + cmd.Dir, "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=en_US.UTF-8", "TZ=:UTC",
	}, env...)
	f.begun = time.Now()
	if err := cmd.Start(); err != nil {
		f.api.Close()
		t.Fatal(err)
	}
	f.process = cmd.Process
	go func() {
		_ = cmd.Wait() // the state says it all
		f.code = cmd.ProcessState.ExitCode()
		close(f.exited)
	}()
	t.Cleanup(func() {
		f.stop()
		f.api.Close()
	})
	return f
}

// Invoke lets the function answer payload, after the invocation that is under way if there is one. The deadline of ctx
// is the function's; it has 30 seconds at most. The error is a *FunctionError when the function answered with one, an
// *ExitError when its process ended, or that of ctx; a process that was at it by then is stopped, as Lambda stops it.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	deadline, _ := ctx.Deadline()
	f.mu.Lock()
	f.last++
	call := &invocation{id: fmt.Sprintf("00000000-0000-4000-8000-%012x", f.last), payload: payload,
		deadline: deadline, done: make(chan outcome, 1)}
	f.mu.Unlock()

	calls := f.calls
	for {
		select {
		case calls <- call:
			calls = nil // handed out: nil is never ready, and what is left is the answer
		case result := <-call.done:
			return result.out, result.err
		case <-f.exited:
			select {
			case result := <-call.done: // answered with its last breath
				return result.out, result.err
			default:
				return nil, f.exitError()
			}
		case <-ctx.Done():
			if calls == nil {
				f.stop()
			}
			return nil, fmt.Errorf("invoking the function: %w", ctx.Err())
		}
	}
}

// Started gives the time from the start of the process to its first request for an invocation, and waits for it. It
// fails the test when the process ends before.
func (f *Function) Started() time.Duration {
	f.t.Helper()
	select {
	case <-f.ready:
	case <-f.exited:
		select {
		case <-f.ready:
		default:
			f.t.Fatal(f.exitError())
		}
	}
	return f.asked.Sub(f.begun)
}

// Logs gives all that the process has written so far, to its standard output and error.
func (f *Function) Logs() string {
	text, err := os.ReadFile(f.logs)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (f *Function) stop() {
	_ = f.process.Kill() // it may be gone already
	<-f.exited
}

func (f *Function) exitError() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.initErr != nil {
		return f.initErr
	}
	return &ExitError{Code: f.code, Logs: f.Logs()}
}

// next waits for an invocation and hands it to the process.
func (f *Function) next(w http.ResponseWriter, r *http.Request) {
	select {
	case <-f.ready:
	default: // a sandbox asks one question at a time, so that nothing else is here
		f.asked = time.Now()
		close(f.ready)
	}
	select {
	case call := <-f.calls:
		f.mu.Lock()
		f.current = call
		f.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", call.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(call.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:lambdatest")
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000"+call.id[24:]+";Sampled=0")
		_, _ = w.Write(call.payload) // a process that is gone shows elsewhere
	case <-r.Context().Done():
	case <-f.exited:
	}
}

func (f *Function) response(w http.ResponseWriter, r *http.Request) {
	out, err := io.ReadAll(r.Body)
	f.answer(w, r, outcome{out, err})
}

func (f *Function) failure(w http.ResponseWriter, r *http.Request) {
	f.answer(w, r, outcome{err: readError(r.Body)})
}

func (f *Function) initFailure(w http.ResponseWriter, r *http.Request) {
	failure := readError(r.Body)
	f.mu.Lock()
	f.initErr = failure
	f.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
}

// answer gives the outcome to the invocation that it is for. For any other the Runtime API answers 400.
func (f *Function) answer(w http.ResponseWriter, r *http.Request, result outcome) {
	f.mu.Lock()
	call := f.current
	if call != nil && call.id == r.PathValue("id") {
		f.current = nil
	} else {
		call = nil
	}
	f.mu.Unlock()
	if call == nil {
		http.Error(w, `{"errorMessage":"no such invocation","errorType":"InvalidRequestID"}`, http.StatusBadRequest)
		return
	}
	call.done <- result
	w.WriteHeader(http.StatusAccepted)
}

func readError(body io.Reader) *FunctionError {
	e := new(FunctionError)
	if err := json.NewDecoder(body).Decode(e); err != nil {
		e.Type, e.Message = "lambdatest.Unreadable", err.Error()
	}
	return e
}
