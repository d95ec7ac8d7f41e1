package near

import (
	"math/bits"
	"sync/atomic"

	"github.com/codemill/codemill/dedup/sketch"
)

// sieve is the set of the band keys of this run's documents, as bits at their
// hashes: it has every key that was put in and a few more. What it lets through
// too many changes no outcome, as a document of the index alone in its bucket
// meets nobody. With it, next month's bands are sorted beside those few of the
// index that they can meet, however large the index has grown.
type sieve struct {
	bits  []uint64
	shift uint
}

// bitsPerKey leave about one in 16 of other keys.
const bitsPerKey = 16

// newSieve returns a sieve for this many keys, of at most this many bytes.
func newSieve(keys, memory int64) *sieve {
	n := uint(bits.Len64(uint64(max(keys, 1)*bitsPerKey - 1)))
	for n > 6 && int64(1)<<n > 8*memory {
		n--
	}
	n = max(n, 6)
	return &sieve{bits: make([]uint64, 1<<(n-6)), shift: 64 - n}
}

// add may be called from several goroutines at once.
func (s *sieve) add(key uint64) {
	h := sketch.Mix(key, 0) >> s.shift
	if bit := uint64(1) << (h % 64); atomic.LoadUint64(&s.bits[h/64])&bit == 0 {
		atomic.OrUint64(&s.bits[h/64], bit)
	}
}

// has is for when nobody adds any more.
func (s *sieve) has(key uint64) bool {
	h := sketch.Mix(key, 0) >> s.shift
	return s.bits[h/64]>>(h%64)&1 != 0
}
