package fanout_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/codemill/codemill/internal/fanout"
)

func TestEachDoesEveryTaskOnce(t *testing.T) {
	for _, workers := range []int{0, 1, 3, 100} {
		done := make([]atomic.Int32, 50)
		var running, most atomic.Int32
		err := fanout.Each(t.Context(), workers, len(done), func(_ context.Context, i int) error {
			n := running.Add(1)
			defer running.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			done[i].Add(1)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range done {
			if done[i].Load() != 1 {
				t.Errorf("workers %d: task %d ran %d times", workers, i, done[i].Load())
			}
		}
		if most.Load() > int32(max(workers, 1)) {
			t.Errorf("workers %d: %d ran at once", workers, most.Load())
		}
	}
}

func TestEachReturnsItsOwnFailureNotTheCancelling(t *testing.T) {
	boom := errors.New("boom")
	err := fanout.Each(t.Context(), 4, 100, func(ctx context.Context, i int) error {
		if i == 3 {
			return fmt.Errorf("task %d: %w", i, boom)
		}
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
}

func TestEachTurnsPanicsIntoErrors(t *testing.T) {
	err := fanout.Each(t.Context(), 2, 2, func(_ context.Context, i int) error { panic("at the disco") })
	if err == nil || !strings.Contains(err.Error(), "panic: at the disco") {
		t.Fatal(err)
	}
}

func TestEachStopsWhenItsContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var ran atomic.Int32
	err := fanout.Each(ctx, 2, 1000, func(context.Context, int) error {
		if ran.Add(1) == 5 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || ran.Load() > 10 {
		t.Fatal(err, ran.Load())
	}
}
