package emulator

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// startLimit is the time that Lambda gives a process until its first request for an invocation.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
const startLimit = 10 * time.Second

// Pool is a function: it has as many sandboxes as there are invocations at once, up to its concurrency. Each is started
// when it is needed, serves one invocation at a time, and is used again, the one used last first. One that ended, or
// that did not answer in time, is replaced. It may be used by many goroutines.
type Pool struct {
	concurrency int
	timeout     time.Duration

	mu      sync.Mutex
	program Program
	version int       // of the program
	idle    []*worker // the one used last at the end
	busy    int
	all     map[*worker]struct{}
	closed  bool
	under   sync.WaitGroup // invocations under way
}

type worker struct {
	*Sandbox
	version int
}

// NewPool returns a Pool of that program. At most concurrency invocations are under way at once, and each has the
// timeout to answer, like the Timeout of a function in AWS. Nothing is started yet. Whoever made it closes it.
func NewPool(p Program, concurrency int, timeout time.Duration) *Pool {
	return &Pool{concurrency: concurrency, timeout: timeout, program: p, all: map[*worker]struct{}{}}
}

// Invoke lets the function answer an event. Errors are those of [Sandbox.Invoke], and:
//   - [ErrThrottled] when all sandboxes are busy, [ErrTooLarge], and [ErrClosed];
//   - a *FunctionError of type Sandbox.Timedout when the function did not answer, or did not start, in its time.
//
// Lambda does not know whether anyone still waits for the answer, and so a caller's context should not end with its
// client.
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
		// A process may end while nobody asks anything of it. That is no answer to this event.
		if exit, ok := errors.AsType[*ExitError](err); ok && exit.unheard && !fresh {
			continue
		}
		return out, err
	}
}

// run is one invocation. Its time begins when the process is ready for it.
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

// timedOut is what Lambda says of a function that did not answer in time.
func timedOut(what string, limit time.Duration) error {
	return &FunctionError{Type: "Sandbox.Timedout", Message: fmt.Sprintf("%s after %.2f seconds", what, limit.Seconds())}
}

// acquire returns a free sandbox, and says whether it was started for this. A process is started while the lock is
// held: once Swap is back, none of the old program begins any more.
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
		if w.gone() {
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
	p.under.Add(1)
	return w, fresh, nil
}

// release takes a sandbox back, or stops it when it is not to be used again.
func (p *Pool) release(w *worker) {
	defer p.under.Done()
	p.mu.Lock()
	p.busy--
	again := !p.closed && w.version == p.version // one that ended is found out when it is wanted
	if again {
		p.idle = append(p.idle, w)
	} else {
		delete(p.all, w)
	}
	p.mu.Unlock()
	if !again {
		w.Stop()
	}
}

// Swap puts another program in place of the one there is. New invocations go to it; those under way end where they
// began. When it is back, the old program's file is not needed any more.
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

// Close stops all sandboxes, with the invocations that are under way, and waits until nothing of them is left.
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
	p.under.Wait()
}
