// Package emulator emulates AWS Lambda and API Gateway on this machine, with the same limits and error responses.
//
//   - [Sandbox] is one process of a bootstrap binary with its own Runtime API. It handles one invocation at a time.
//   - [Pool] is a function: a number of sandboxes, up to its concurrency.
//   - [Front] is the gateway: an [http.Handler] that converts requests to events, and results to responses.
//
// It may not import other packages of slipway, and works with any bootstrap binary.
package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

const (
	// EventLimit is the maximum size of an event, in bytes.
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
	EventLimit = 6 << 20
	// ResponseLimit is the maximum size of a response of the function, in bytes. The page says 6 MB; Lambda's error
	// message has this number.
	ResponseLimit = 6_291_556
	// maxTimeout is the maximum timeout of a function.
	maxTimeout = 15 * time.Minute
	// region and account are the region and the account that the function sees.
	region  = "eu-central-1"
	account = "123456789012"
)

// Program is a function with its settings.
type Program struct {
	// Path is the bootstrap binary. Its folder is LAMBDA_TASK_ROOT and the working directory of the process.
	Path string
	// Env are the function's variables, "NAME=value". They override those of Lambda.
	Env []string
	// Log gets the standard output and the standard error of the process. It must be a file, so that the log of an
	// invocation is complete when Invoke returns.
	Log *os.File
}

// Sandbox is a process that handles one invocation at a time.
type Sandbox struct {
	cmd     *exec.Cmd
	api     *http.Server
	started time.Time

	calls   chan *invocation // from Invoke to the handler of /next
	ready   chan struct{}    // closed at the first /next
	readyAt time.Time        // time of the first /next
	exited  chan struct{}    // closed when the process has ended
	code    int              // exit code

	mu      sync.Mutex
	current *invocation    // delivered to the process, without a result yet
	initErr *FunctionError // error of the process before its first /next
}

type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	done     chan outcome // has capacity 1
}

type outcome struct {
	out []byte
	err error
}

// Start starts the program. The environment of the process is that of Lambda and p.Env. The caller must call
// [Sandbox.Stop]. The error says why the process cannot start. If the process ends later, the next Invoke returns an
// *ExitError.
func Start(p Program) (*Sandbox, error) {
	path, err := filepath.Abs(p.Path)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the Runtime API for %s: %w", p.Path, err)
	}
	s := &Sandbox{
		calls: make(chan *invocation), ready: make(chan struct{}), exited: make(chan struct{}),
		cmd: exec.Command(path),
	}
	s.api = &http.Server{Handler: s.runtimeAPI(), ReadHeaderTimeout: 10 * time.Second}
	s.cmd.Dir = filepath.Dir(path)
	s.cmd.Stdout, s.cmd.Stderr = p.Log, p.Log
	s.cmd.Env = append(environment(s.cmd.Dir, listener.Addr().String()), p.Env...)
	separate(s.cmd)
	s.started = time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the function: %w", err), listener.Close())
	}
	go func() { _ = s.api.Serve(listener) }() // ends with http.ErrServerClosed
	go func() {
		_ = s.cmd.Wait() // ProcessState has the exit code
		end(s.cmd)       // ends the processes that it started
		s.code = s.cmd.ProcessState.ExitCode()
		close(s.exited)
	}()
	return s, nil
}

// environment returns the variables that Lambda sets.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func environment(root, api string) []string {
	return []string{
		"AWS_LAMBDA_RUNTIME_API=" + api,
		"AWS_LAMBDA_FUNCTION_NAME=local", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand", "AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/local", "AWS_LAMBDA_LOG_STREAM_NAME=local",
		"AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region, "_HANDLER=bootstrap",
		"LAMBDA_TASK_ROOT=" + root, "LAMBDA_RUNTIME_DIR=" + root,
		"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=en_US.UTF-8", "TZ=:UTC",
	}
}

// Invoke invokes the function with payload and returns its result. It waits for an invocation in progress. The deadline
// of ctx is that of the invocation, at most 15 minutes. The error is a *FunctionError if the function returned an
// error, an *ExitError if its process ended, or that of ctx. If ctx ends during the invocation, Invoke stops the
// process, as Lambda does.
func (s *Sandbox) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, maxTimeout)
	defer cancel()
	deadline, _ := ctx.Deadline()
	call := &invocation{id: uuid(), payload: payload, deadline: deadline, done: make(chan outcome, 1)}

	calls := s.calls
	for {
		select {
		case calls <- call:
			calls = nil // delivered: a nil channel blocks, so the loop waits for the result only
		case result := <-call.done:
			return result.out, result.err
		case <-s.exited:
			select {
			case result := <-call.done: // the result arrived just before the end
				return result.out, result.err
			default:
				return nil, s.exitError(calls != nil)
			}
		case <-ctx.Done():
			if calls == nil {
				s.Stop()
			}
			return nil, fmt.Errorf("invoking the function: %w", ctx.Err())
		}
	}
}

// Wait waits until the process requests its first invocation, and returns the time since its start. The errors are
// those of Invoke.
func (s *Sandbox) Wait(ctx context.Context) (time.Duration, error) {
	select {
	case <-s.ready:
	case <-ctx.Done():
		return 0, fmt.Errorf("starting the function: %w", ctx.Err())
	case <-s.exited:
		select {
		case <-s.ready:
		default:
			return 0, s.exitError(true)
		}
	}
	return s.readyAt.Sub(s.started), nil
}

// PID returns the process ID.
func (s *Sandbox) PID() int { return s.cmd.Process.Pid }

// Stop ends the process and the processes that it started, and waits for its end. Further calls have no effect.
func (s *Sandbox) Stop() {
	select {
	case <-s.exited:
	default:
		end(s.cmd)
		<-s.exited
	}
	_ = s.api.Close()
}

// ended reports whether the process has ended.
func (s *Sandbox) ended() bool {
	select {
	case <-s.exited:
		return true
	default:
		return false
	}
}

func (s *Sandbox) exitError(undelivered bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.initErr != nil {
		return s.initErr
	}
	return &ExitError{Code: s.code, undelivered: undelivered}
}
