package tokenize

import "math/bits"

// room finds, among the sequences that are not full (bins), one with the least room
// that is enough.
//
// Bins wait in a queue for each size of room. Level 0 is a set of bits, one for each
// size: whether its queue has a bin. Level 1 has a bit for each word of level 0, whether
// the word has a bit set, and so on up to a level of one word. The next size that has a
// bin is found by going up until a bit is set behind the present one, and down again:
// three levels are enough for 262,144 sizes.
type room struct {
	queues []queue    // by size, each in the order in which bins came
	levels [][]uint64 // bit i of level k+1 is set where word i of level k is not zero
}

// queue is bins, taken from the front.
type queue struct {
	bins []int
	head int // number of the first that was not taken
}

// newRoom returns a room for bins of sizes up to size, with none in it.
func newRoom(size int) *room {
	r := &room{queues: make([]queue, size+1)}
	for n := size + 1; ; n = len(r.levels[len(r.levels)-1]) {
		r.levels = append(r.levels, make([]uint64, (n+63)/64))
		if n <= 64 {
			return r
		}
	}
}

// put adds a bin that has room for n tokens.
func (r *room) put(bin, n int) {
	r.queues[n].bins = append(r.queues[n].bins, bin)
	for _, level := range r.levels {
		level[n/64] |= 1 << (n % 64)
		n /= 64
	}
}

// take takes out the bin with the least room that is at least n, of several the one that
// came first, and returns it with its room. ok is false where there is none.
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

// clear notes that a size has no bin any more.
func (r *room) clear(n int) {
	for _, level := range r.levels {
		level[n/64] &^= 1 << (n % 64)
		if level[n/64] != 0 {
			return
		}
		n /= 64
	}
}
