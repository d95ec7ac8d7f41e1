package sketch

import (
	"slices"
)

// Pile is the set of shingles of a whole repository, in bounded memory.
//
// While the set has no more than [MaxShingles] hashes it is the set itself. Beyond, it is
// a sample: the hashes that begin with scale zero bits. scale is the least number that
// leaves MaxShingles of them at most, so that the sample depends on the set alone. It
// has about half of MaxShingles or more. As hashes are spread evenly, the Jaccard
// similarity of two samples of the same scale is that of the sets, with a standard error
// of 0.0005 at most; for two of different scales see SampleJaccard.
type Pile struct {
	set, spare []uint64 // sorted, each hash once
	pending    []uint64
	scale      uint8
	sorter     collector
}

// maxPending is how many hashes wait to be merged into the set.
const maxPending = MaxShingles / 4

// Reset begins with an empty set.
func (p *Pile) Reset() { p.set, p.pending, p.scale = p.set[:0], p.pending[:0], 0 }

// Add takes a sorted set of MaxShingles at most.
func (p *Pile) Add(set []uint64) {
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
func (p *Pile) merge() {
	if len(p.pending) == 0 {
		return
	}
	p.unite(p.sorter.sort(p.pending))
	p.pending = p.pending[:0]
}

// Set returns the set, or the sample of it, and its scale. It is valid until the
// next Add or Reset.
func (p *Pile) Set() (set []uint64, scale uint8) {
	p.merge()
	return p.set, p.scale
}

// unite adds a sorted set.
func (p *Pile) unite(set []uint64) {
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

// SampleJaccard returns the similarity of two sets, or, where one is a sample, that
// of the samples of the coarser scale of the two.
func SampleJaccard(a []uint64, aScale uint8, b []uint64, bScale uint8) float64 {
	scale := max(aScale, bScale)
	return Jaccard(below(a, scale), below(b, scale))
}
