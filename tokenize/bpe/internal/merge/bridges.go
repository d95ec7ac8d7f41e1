package merge

import (
	"math/bits"
)

// bridges says between which two units, both of bytes beyond ASCII, some token may
// reach: one that merges across holds both whole. It is a Bloom filter with one
// hash: what it denies never merges, and of what never merges it denies nearly all.
type bridges struct {
	bits  []uint64
	shift uint
}

// has is 1 if there may be a bridge, or 0.
func (b *bridges) has(left, right uint32) uint64 {
	bit := pairKey(left, right) * 0x9e3779b97f4a7c15 >> b.shift
	return b.bits[bit>>6] >> (bit & 63) & 1
}

// newBridges makes a filter of 16 to 32 bits a pair.
func newBridges(pairs map[[2]uint32]struct{}) bridges {
	log := max(6, bits.Len(uint(16*len(pairs))))
	b := bridges{make([]uint64, 1<<(log-6)), uint(64 - log)}
	for p := range pairs {
		bit := pairKey(p[0], p[1]) * 0x9e3779b97f4a7c15 >> b.shift
		b.bits[bit>>6] |= 1 << (bit & 63)
	}
	return b
}
