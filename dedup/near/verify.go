package near

import (
	"math"
	"slices"

	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/dedup/units"
)

// verifier compares units by their stored sketches and sets. One goroutine uses it at
// a time. It remembers what it read last; that changes the time, not the answers.
type verifier struct {
	near      Config
	all       *units.All
	ordinalOf []uint32     // of units, by rank
	sketches  *units.Shelf // files of sketches
	stored    *units.Shelf // files of sets
	peers     []peer       // sketches read: that of rank r is at r modulo the length, if it is there
	sets      []heldSet    // sets read, in the same way
	self      peer         // the unit that is compared with others
	own       []uint64     // the set of self; empty before it is read
	big       []uint64     // memory for a set too long to be remembered
	buf       []byte       // memory for a set as it is stored
	least     int          // in how many values two sketches must agree; see LeastAgreement

	candidates []uint32 // memory for the caller's list
	estimated  int64    // pairs whose sketches were compared
	verified   int64    // pairs whose sets were compared
}

// peer is the sketch of a unit.
type peer struct {
	known  bool
	rank   uint32
	head   sketch.Stored // without values
	stored []byte        // the sketch as it is stored
}

// heldSet is the set of a unit, sorted.
type heldSet struct {
	rank uint32
	set  []uint64 // empty: none is held
}

const (
	heldBytes   = 8 << 20 // of sketches remembered by a verifier
	heldSets    = 64      // sets remembered
	minSketch   = 256     // a sketch counts with this many bytes at least, as a peer has fields of its own
	heldSetSize = 1 << 15 // shingles; longer sets are not remembered
)

// prefilter is a number of standard errors. A pair whose sketches agree less than the
// threshold by more than these is not similar, without its sets being read. For 256
// values at threshold 0.7 the standard error is 0.029: the sets of a pair are
// compared from an agreement of 0.56 on.
const prefilter = 5

func newVerifier(p *phase, ordinalOf []uint32, sketches, sets *units.Shelf) *verifier {
	return &verifier{
		near: p.in.Near, all: p.All, ordinalOf: ordinalOf, sketches: sketches, stored: sets,
		peers: make([]peer, heldBytes/max(sketch.StoredSize(p.in.Near.Permutations), minSketch)), sets: make([]heldSet, heldSets),
		least: LeastAgreement(p.in.Near.Permutations, p.in.Near.Threshold),
	}
}

// first compares a unit with better ones, in the order given, and returns the first
// that it is similar to, with the similarity. All go by their ranks.
func (v *verifier) first(rank uint32, better []uint32) (survivor uint32, similarity float64, found bool, err error) {
	if len(better) == 0 {
		return 0, 0, false, nil
	}
	p, err := v.peer(rank)
	if err != nil {
		return 0, 0, false, err
	}
	v.self.rank, v.self.head = p.rank, p.head
	v.self.stored = append(v.self.stored[:0], p.stored...) // p is not ours for long
	v.own = v.own[:0]
	for _, b := range better {
		if similarity, err = v.similar(b); err != nil || similarity >= v.near.Threshold {
			return b, similarity, err == nil, err
		}
	}
	return 0, 0, false, nil
}

// similar returns the Jaccard similarity of the sets of self and another unit; of
// repositories that are compared by samples, its estimate. It returns 0 without
// reading the sets where their sizes rule the threshold out, or the sketches do by
// more than prefilter standard errors.
func (v *verifier) similar(rank uint32) (float64, error) {
	p, err := v.peer(rank)
	if err != nil {
		return 0, err
	}
	if x, y := p.head.FullSize(), v.self.head.FullSize(); min(x, y)/max(x, y) < v.near.Threshold {
		return 0, nil
	}
	if v.estimated++; sketch.AgreeStored(v.self.stored, p.stored) < v.least {
		return 0, nil
	}
	v.verified++
	if len(v.own) == 0 {
		if v.own, err = v.load(v.own, &v.self); err != nil {
			return 0, err
		}
	}
	other, err := v.set(p)
	if err != nil {
		return 0, err
	}
	return sketch.SampleJaccard(v.own, v.self.head.Scale, other, p.head.Scale), nil
}

// peer returns the sketch of a unit, valid until the next call.
func (v *verifier) peer(rank uint32) (*peer, error) {
	p := &v.peers[rank%uint32(len(v.peers))]
	if p.known && p.rank == rank {
		return p, nil
	}
	size := sketch.StoredSize(v.near.Permutations)
	p.known, p.stored = false, slices.Grow(p.stored[:0], size)[:size]
	shard, at := v.all.Find(v.ordinalOf[rank])
	if err := v.sketches.ReadAt(shard, p.stored, at*int64(size)); err != nil {
		return nil, err
	}
	p.known, p.rank = true, rank
	p.head.ParseHead(p.stored)
	return p, nil
}

// set returns the set of a unit, valid until the next call.
func (v *verifier) set(p *peer) (set []uint64, err error) {
	if p.head.Size > heldSetSize {
		v.big, err = v.load(v.big, p)
		return v.big, err
	}
	h := &v.sets[p.rank%heldSets]
	if h.rank != p.rank || len(h.set) == 0 {
		h.rank = p.rank
		h.set, err = v.load(h.set, p)
	}
	return h.set, err
}

// load reads the set of a unit into the memory of another.
func (v *verifier) load(set []uint64, p *peer) ([]uint64, error) {
	shard, _ := v.all.Find(v.ordinalOf[p.rank])
	b := v.bytes(sketch.PackedSize(int(p.head.Size)))
	if err := v.stored.ReadAt(shard, b, int64(p.head.Offset)); err != nil {
		return set[:0], err
	}
	return sketch.ParsePacked(set[:0], b, int(p.head.Size)), nil
}

func (v *verifier) bytes(n int) []byte {
	if cap(v.buf) < n {
		v.buf = make([]byte, n)
	}
	return v.buf[:n]
}

// LeastAgreement is in how many of k values two sketches must agree for their sets to
// be looked at: as many as those of a pair at the threshold are expected to, less
// prefilter standard errors of that number.
func LeastAgreement(k int, threshold float64) int {
	n := float64(k)
	return int(math.Ceil(n * (threshold - prefilter*math.Sqrt(threshold*(1-threshold)/n))))
}
