package dedup

import (
	"encoding/binary"
	"math"
	"slices"
)

// pile is the set of shingles of a whole repository, in bounded memory.
//
// While there are no more than [MaxShingles] it is the set itself. Beyond, it
// is a sample: the shingles whose hash begins with scale zero bits, scale being
// the least that leaves MaxShingles of them at most, so that it depends on the
// set alone. A sample has half of MaxShingles or more, and as hashes are spread
// evenly, the Jaccard similarity of two samples of one scale is that of the
// sets with a standard error of 0.0005 at most; see jaccard.
type pile struct {
	set, spare []uint64 // sorted, each hash once
	pending    []uint64
	scale      uint8
	sorter     collector
}

// maxPending is how many hashes wait to be merged into the set.
const maxPending = MaxShingles / 4

func (p *pile) reset() { p.set, p.pending, p.scale = p.set[:0], p.pending[:0], 0 }

// add takes a sorted set of MaxShingles at most.
func (p *pile) add(set []uint64) {
	if set = below(set, p.scale); len(p.pending)+len(set) > maxPending {
		p.merge()
	}
	if len(set) > maxPending {
		p.unite(set)
	} else {
		p.pending = append(p.pending, set...)
	}
}

// merge brings the set up to date.
func (p *pile) merge() {
	if len(p.pending) == 0 {
		return
	}
	p.unite(p.sorter.sort(p.pending))
	p.pending = p.pending[:0]
}

// unite adds a sorted set.
func (p *pile) unite(set []uint64) {
	p.spare = union(p.spare[:0], p.set, below(set, p.scale))
	p.set, p.spare = p.spare, p.set
	for len(p.set) > MaxShingles {
		p.scale++
		p.set = below(p.set, p.scale)
	}
}

// below returns the part of a sorted set that a sample of this scale has.
func below(set []uint64, scale uint8) []uint64 {
	if scale == 0 {
		return set
	}
	n, _ := slices.BinarySearch(set, 1<<(hashBits-scale))
	return set[:n]
}

// union appends what either of two sorted sets has.
func union(to, a, b []uint64) []uint64 {
	for len(a) > 0 && len(b) > 0 {
		x, y := a[0], b[0]
		to = append(to, min(x, y))
		if x <= y {
			a = a[1:]
		}
		if y <= x {
			b = b[1:]
		}
	}
	return append(append(to, a...), b...)
}

// jaccard returns the similarity of two sets, or, where one is a sample, that
// of the samples of the coarser scale of the two.
func jaccard(a []uint64, aScale uint8, b []uint64, bScale uint8) float64 {
	scale := max(aScale, bScale)
	return Jaccard(below(a, scale), below(b, scale))
}

// A set's stored size has the number of its hashes in the low 24 bits, which
// hold MaxShingles, and its scale in the rest.
const sizeBits = 24

func packSize(n int, scale uint8) uint32 { return uint32(n) | uint32(scale)<<sizeBits }

func parseSize(b []byte) (n uint32, scale uint8) {
	v := binary.LittleEndian.Uint32(b)
	return v & (1<<sizeBits - 1), uint8(v >> sizeBits)
}

// fullSize is how many hashes a set has, or about how many one has that this is
// a sample of.
func fullSize(n uint32, scale uint8) float64 { return math.Ldexp(float64(n), int(scale)) }
