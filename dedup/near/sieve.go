package near

import (
	"math/bits"
	"sync/atomic"

	"github.com/codemill/codemill/dedup/sketch"
)

// sieve is a set of band keys, those of this run's documents. It is asked about the
// bands of the index: a band whose key no document of the run has cannot make a
// pair, so it need not be sorted. Then the cost of a run follows the size of the
// run, not of the index.
//
// The set is a Bloom filter with one hash: each key sets one bit. has is never
// false for a key that was added. It is true for a few others too; their bands are
// sorted for nothing, and end alone in a bucket, where they meet nobody. So the
// size of the sieve changes the time and no outcome.
//
// All keys are added first, by any number of goroutines; then it is only read.
type sieve struct {
	bits  []uint64
	shift uint // a hash shifted down by it is the number of a bit
}

// bitsPerKey is how many bits there are for each key, before rounding up to a power
// of two. With 16, has is true for at most one in 16 of the keys not added.
const bitsPerKey = 16

// newSieve returns a sieve for this many keys, of at most this many bytes. With
// fewer bytes than bitsPerKey asks for, more keys pass that need not.
func newSieve(keys, memory int64) *sieve {
	n := uint(bits.Len64(uint64(max(keys, 1)*bitsPerKey - 1)))
	for n > 6 && int64(1)<<n > 8*memory {
		n--
	}
	n = max(n, 6)
	return &sieve{bits: make([]uint64, 1<<(n-6)), shift: 64 - n}
}

// add puts a key in. It may be called from several goroutines at once.
func (s *sieve) add(key uint64) {
	h := sketch.Mix(key, 0) >> s.shift
	if bit := uint64(1) << (h % 64); atomic.LoadUint64(&s.bits[h/64])&bit == 0 {
		atomic.OrUint64(&s.bits[h/64], bit)
	}
}

// has reports whether a key may be in. It must not be called while keys are added.
func (s *sieve) has(key uint64) bool {
	h := sketch.Mix(key, 0) >> s.shift
	return s.bits[h/64]>>(h%64)&1 != 0
}
