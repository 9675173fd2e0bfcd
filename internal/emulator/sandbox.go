// Package emulator plays AWS Lambda and API Gateway on this machine: what stands between a client and a function there
// stands here in the same order, with the same limits and the same answers.
//
//   - [Sandbox] is one process of a bootstrap binary behind its own Runtime API. It serves one invocation at a time.
//   - [Pool] is a function: as many sandboxes as are needed, up to its concurrency.
//   - [Front] is the gateway: an [http.Handler] that makes an event of a request and a response of the answer.
//
// It imports no other package, and knows nothing of the function but its binary: what holds for it holds for any.
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
	// EventLimit is the most that an event may have, in bytes.
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
	EventLimit = 6 << 20
	// AnswerLimit is the most that an answer may have. The page says 6 MB; the error that Lambda answers with names
	// these bytes.
	AnswerLimit = 6_291_556
	// longest is the time that Lambda gives any function at most.
	longest = 15 * time.Minute
	// region and account are where the function believes to be.
	region  = "eu-central-1"
	account = "123456789012"
)

// Program is a function as it is deployed.
type Program struct {
	// Path is the bootstrap binary. Its folder is LAMBDA_TASK_ROOT and where the process runs.
	Path string
	// Env are the function's variables, "NAME=value". They win over those that Lambda gives.
	Env []string
	// Log takes what the process writes to its standard output and error. It is a file, so that what was written
	// before an answer is there when the answer is.
	Log *os.File
}

// Sandbox is a process that serves one invocation at a time.
type Sandbox struct {
	cmd   *exec.Cmd
	api   *http.Server
	begun time.Time

	calls  chan *invocation // from Invoke to the process, which asks for the next when it is done with one
	ready  chan struct{}    // closed at the first /next
	asked  time.Time        // when that was
	exited chan struct{}    // closed when the process is gone
	code   int              // with what

	mu      sync.Mutex
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

// Start starts the program. The process sees what Lambda would give it and the program's variables, and nothing else
// of this process' environment. Whoever started it stops it with [Sandbox.Stop]. The error says why there is no
// process; one that ends by itself shows as an *ExitError at the next Invoke.
func Start(p Program) (*Sandbox, error) {
	path, err := filepath.Abs(p.Path)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("a Runtime API for %s: %w", p.Path, err)
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
	s.begun = time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the function: %w", err), listener.Close())
	}
	go func() { _ = s.api.Serve(listener) }() // ends with http.ErrServerClosed
	go func() {
		_ = s.cmd.Wait() // the state says it all
		end(s.cmd)       // what it started must not outlive it
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

// Invoke lets the function answer payload, after the invocation that is under way if there is one. The deadline of ctx
// is the function's; without one it has Lambda's longest, 15 minutes. The error is a *FunctionError when the function
// answered with one, an *ExitError when its process ended, or that of ctx; a process that was at it by then is stopped,
// as Lambda stops it.
func (s *Sandbox) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	deadline, _ := ctx.Deadline()
	call := &invocation{id: uuid(), payload: payload, deadline: deadline, done: make(chan outcome, 1)}

	calls := s.calls
	for {
		select {
		case calls <- call:
			calls = nil // handed out: nil is never ready, and what is left is the answer
		case result := <-call.done:
			return result.out, result.err
		case <-s.exited:
			select {
			case result := <-call.done: // answered with its last breath
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

// Wait waits for the first request for an invocation, and gives the time from the start of the process until then. The
// error is that of Invoke.
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
	return s.asked.Sub(s.begun), nil
}

// PID returns the id of the process.
func (s *Sandbox) PID() int { return s.cmd.Process.Pid }

// Stop ends the process and all that it started, and waits for its end. It may be called again.
func (s *Sandbox) Stop() {
	select {
	case <-s.exited:
	default:
		end(s.cmd)
		<-s.exited
	}
	_ = s.api.Close()
}

// gone says whether the process has ended.
func (s *Sandbox) gone() bool {
	select {
	case <-s.exited:
		return true
	default:
		return false
	}
}

func (s *Sandbox) exitError(unheard bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.initErr != nil {
		return s.initErr
	}
	return &ExitError{Code: s.code, unheard: unheard}
}
