package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"slipway/internal/emulator"
	"slipway/internal/test/lambdatest"
)

// TestPoolSwap swaps the program repeatedly under load. No invocation fails. An invocation that starts after a swap
// uses the new program, and one in progress finishes with the old one.
func TestPoolSwap(t *testing.T) {
	t.Parallel()
	const workers, swaps = 4, 6
	p := newPool(t, workers+1, time.Minute, "V=0")
	var current atomic.Int64 // the program whose Swap is back
	var answered atomic.Int64
	stop := make(chan struct{})
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				least := current.Load()
				out, err := p.Invoke(context.Background(), []byte(`{"env":"V"}`))
				var got said
				if err == nil {
					err = json.Unmarshal(out, &got)
				}
				if v, _ := strconv.ParseInt(got.Env, 10, 64); err != nil || v < least {
					t.Errorf("program %q responded after the swap to %d: %v", got.Env, least, err)
				}
				answered.Add(1)
			}
		})
	}
	for i := range swaps {
		before := answered.Load()
		waitFor(t, "responses", func() bool { return answered.Load() > before+10 || t.Failed() })
		h := hold(t, p)
		old := h.pid()
		program := lambdatest.Program(t, echo, fmt.Sprint("V=", i+1))
		p.Swap(program)
		current.Store(int64(i + 1))
		if !runs(old) {
			t.Error("an invocation in progress was interrupted")
		}
		if err := h.release(); err != nil {
			t.Errorf("an invocation in progress: %v", err)
		}
		waitFor(t, "the end of the old process", func() bool { return !runs(old) })
	}
	close(stop)
	all.Wait()
}

// TestPoolLoad: with many more callers than sandboxes, each gets its own result or is throttled, and the number of
// processes does not exceed the concurrency.
func TestPoolLoad(t *testing.T) {
	t.Parallel()
	p := newPool(t, 4, time.Minute)
	var pids sync.Map
	var answered, refused atomic.Int64
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for range 20 {
				out, err := p.Invoke(t.Context(), []byte(`{}`))
				var got said
				switch {
				case errors.Is(err, emulator.ErrThrottled):
					refused.Add(1)
				case err != nil || json.Unmarshal(out, &got) != nil:
					t.Errorf("%s, %v", out, err)
				default:
					answered.Add(1)
					pids.Store(got.PID, true)
				}
			}
		})
	}
	all.Wait()
	n := 0
	pids.Range(func(any, any) bool { n++; return true })
	t.Logf("%d responses from %d processes, %d throttled", answered.Load(), n, refused.Load())
	if n > 4 || answered.Load() == 0 || answered.Load()+refused.Load() != 32*20 {
		t.Errorf("%d processes, %d responses, %d throttled", n, answered.Load(), refused.Load())
	}
}
