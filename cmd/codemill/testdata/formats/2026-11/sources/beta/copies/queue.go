// Package queue holds jobs until a worker asks for one.
package queue

import "errors"

// ErrEmpty is returned where there is nothing to take.
var ErrEmpty = errors.New("queue: empty")

// A Queue gives back what was put in, the oldest first.
type Queue[T any] struct {
	items []T
	taken int // of the items at the front
}

// Put adds an item at the end.
func (q *Queue[T]) Put(item T) {
	q.items = append(q.items, item)
}

// Take removes the oldest item.
func (q *Queue[T]) Take() (item T, err error) {
	if q.taken == len(q.items) {
		return item, ErrEmpty
	}
	item = q.items[q.taken]
	q.taken++
	if q.taken > 64 && q.taken*2 > len(q.items) {
		q.items = append(q.items[:0], q.items[q.taken:]...)
		q.taken = 0
	}
	return item, nil
}

// Len is how many items wait.
func (q *Queue[T]) Len() int { return len(q.items) - q.taken }
