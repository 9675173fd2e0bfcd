package emulator

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// startLimit is Lambda's limit for the time from the start of a process until its first request for an invocation.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
const startLimit = 10 * time.Second

// Pool is a function. It starts a sandbox when all others are busy, up to its concurrency, and reuses the one that was
// used last. It replaces sandboxes that ended or timed out. It is safe for concurrent use.
type Pool struct {
	concurrency int
	timeout     time.Duration

	mu      sync.Mutex
	program Program
	version int       // incremented by Swap
	idle    []*worker // the one used last is at the end
	busy    int
	all     map[*worker]struct{}
	closed  bool
	running sync.WaitGroup // invocations in progress
}

type worker struct {
	*Sandbox
	version int
}

// NewPool returns a Pool for a program. It runs at most concurrency invocations at once, each with the given timeout,
// as the Timeout of a function in AWS. It does not start a sandbox. The caller must call Close.
func NewPool(p Program, concurrency int, timeout time.Duration) *Pool {
	return &Pool{concurrency: concurrency, timeout: timeout, program: p, all: map[*worker]struct{}{}}
}

// Invoke invokes the function with an event and returns its result. The errors are those of [Sandbox.Invoke], and:
//   - [ErrThrottled] if all sandboxes are busy, [ErrTooLarge], and [ErrClosed];
//   - a *FunctionError of type Sandbox.Timedout if the function did not start or did not return in time.
//
// In AWS, an invocation continues when the client disconnects, so do not pass a context that ends with the client.
func (p *Pool) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	if len(event) > EventLimit {
		return nil, ErrTooLarge
	}
	for {
		w, fresh, err := p.acquire()
		if err != nil {
			return nil, err
		}
		out, err := w.run(ctx, event, p.timeout)
		p.release(w)
		// An idle process may have ended before it got the event: use another one.
		if exit, ok := errors.AsType[*ExitError](err); ok && exit.undelivered && !fresh {
			continue
		}
		return out, err
	}
}

// run runs one invocation. The timeout starts when the process is ready.
func (w *worker) run(ctx context.Context, event []byte, timeout time.Duration) ([]byte, error) {
	started, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if _, err := w.Wait(started); err != nil {
		if started.Err() == nil || ctx.Err() != nil {
			return nil, err
		}
		w.Stop()
		return nil, timedOut("The function did not start", startLimit)
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	out, err := w.Sandbox.Invoke(limited, event)
	if err != nil && errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, timedOut("Task timed out", timeout)
	}
	return out, err
}

// timedOut returns Lambda's error for a timeout.
func timedOut(what string, limit time.Duration) error {
	return &FunctionError{Type: "Sandbox.Timedout", Message: fmt.Sprintf("%s after %.2f seconds", what, limit.Seconds())}
}

// acquire returns a free sandbox, and reports whether it is a new one. It holds the lock while it starts a process, so
// that no process of the old program starts after Swap has returned.
func (p *Pool) acquire() (w *worker, fresh bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, false, ErrClosed
	}
	if p.busy >= p.concurrency {
		return nil, false, ErrThrottled
	}
	for len(p.idle) > 0 && w == nil {
		last := len(p.idle) - 1
		w, p.idle = p.idle[last], p.idle[:last]
		if w.ended() {
			delete(p.all, w)
			w.Stop()
			w = nil
		}
	}
	if w == nil {
		s, err := Start(p.program)
		if err != nil {
			return nil, false, err
		}
		w, fresh = &worker{s, p.version}, true
		p.all[w] = struct{}{}
	}
	p.busy++
	p.running.Add(1)
	return w, fresh, nil
}

// release returns a sandbox to the pool, or stops it if its program is outdated or the pool is closed.
func (p *Pool) release(w *worker) {
	defer p.running.Done()
	p.mu.Lock()
	p.busy--
	reuse := !p.closed && w.version == p.version // acquire detects a process that ended
	if reuse {
		p.idle = append(p.idle, w)
	} else {
		delete(p.all, w)
	}
	p.mu.Unlock()
	if !reuse {
		w.Stop()
	}
}

// Swap replaces the program. New invocations use the new program; invocations in progress finish with the old one. When
// Swap returns, the file of the old program is no longer needed.
func (p *Pool) Swap(program Program) {
	p.mu.Lock()
	p.program = program
	p.version++
	old := p.idle
	p.idle = nil
	for _, w := range old {
		delete(p.all, w)
	}
	p.mu.Unlock()
	for _, w := range old {
		w.Stop()
	}
}

// Close stops all sandboxes and their invocations, and waits for their end.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	p.idle = nil
	all := p.all
	p.all = map[*worker]struct{}{}
	p.mu.Unlock()
	for w := range all {
		w.Stop()
	}
	p.running.Wait()
}
