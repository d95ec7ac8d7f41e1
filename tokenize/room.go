package tokenize

import "math/bits"

// room keeps the bins that are open by how much they still hold. Which sizes
// have a bin is a set of bits with a set over its words, and so on up to a
// single word, so that the next size up is found in O(log64 of the size).
type room struct {
	queues []queue    // by size: bins in the order in which they came
	levels [][]uint64 // bit i of level k+1: word i of level k is not zero
}

type queue struct {
	bins []int
	head int
}

// newRoom is for bins that hold at most size.
func newRoom(size int) *room {
	r := &room{queues: make([]queue, size+1)}
	for n := size + 1; ; n = len(r.levels[len(r.levels)-1]) {
		r.levels = append(r.levels, make([]uint64, (n+63)/64))
		if n <= 64 {
			return r
		}
	}
}

// put adds a bin that holds n more.
func (r *room) put(bin, n int) {
	r.queues[n].bins = append(r.queues[n].bins, bin)
	for _, level := range r.levels {
		level[n/64] |= 1 << (n % 64)
		n /= 64
	}
}

// take removes the bin with the least room of at least n and returns it with
// its room.
func (r *room) take(n int) (bin, holds int, ok bool) {
	size, ok := r.next(n)
	if !ok {
		return 0, 0, false
	}
	q := &r.queues[size]
	bin = q.bins[q.head]
	q.head++
	if q.head == len(q.bins) {
		q.bins, q.head = q.bins[:0], 0
		r.clear(size)
	}
	return bin, size, true
}

// next returns the smallest size from n up that has a bin.
func (r *room) next(n int) (int, bool) {
	for k, level := range r.levels {
		if n/64 >= len(level) {
			return 0, false
		}
		if w := level[n/64] >> (n % 64); w != 0 {
			n += bits.TrailingZeros64(w)
			for k--; k >= 0; k-- {
				n = n*64 + bits.TrailingZeros64(r.levels[k][n])
			}
			return n, true
		}
		n = n/64 + 1
	}
	return 0, false
}

func (r *room) clear(n int) {
	for _, level := range r.levels {
		level[n/64] &^= 1 << (n % 64)
		if level[n/64] != 0 {
			return
		}
		n /= 64
	}
}
