// Package fanout is the one place where codemill's stages start goroutines.
package fanout

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// Each calls do for every i below n, at most workers of them at a time, in
// rising order of their start. It waits for all that it started.
//
// The first failure cancels the context given to the others and nothing more
// is started. The error returned is that of the lowest i that failed for a
// reason of its own rather than the cancelling, so that it does not depend on
// scheduling more than it must. A panic in do becomes an error with its stack.
func Each(ctx context.Context, workers, n int, do func(ctx context.Context, i int) error) error {
	outer := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		mu   sync.Mutex
		next int
		errs = map[int]error{}
		wg   sync.WaitGroup
	)
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next >= n || len(errs) > 0 || ctx.Err() != nil {
			return 0, false
		}
		next++
		return next - 1, true
	}
	for range max(1, min(workers, n)) {
		wg.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				if err := guard(ctx, i, do); err != nil {
					mu.Lock()
					errs[i] = err
					mu.Unlock()
					cancel()
				}
			}
		})
	}
	wg.Wait()
	if err := outer.Err(); err != nil {
		return context.Cause(outer)
	}
	return lowest(errs, next)
}

// guard calls do and makes a panic of it an error.
func guard(ctx context.Context, i int, do func(context.Context, int) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do(ctx, i)
}

// lowest returns the error of the lowest i below n that is not the cancelling's; if there
// are only such, one of them; nil if there is none.
func lowest(errs map[int]error, n int) error {
	var cancelled error
	for i := range n {
		switch err := errs[i]; {
		case err == nil:
		case errors.Is(err, context.Canceled):
			cancelled = err
		default:
			return err
		}
	}
	return cancelled
}
