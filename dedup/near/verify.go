package near

import (
	"math"
	"slices"

	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/dedup/units"
)

// verifier compares documents by what is stored of them. Each is used by one
// goroutine at a time; what it remembers does not change what it answers.
type verifier struct {
	near      Config
	all       *units.All
	ordinalOf []uint32 // of units, by rank
	sketches  *units.Shelf
	stored    *units.Shelf // of sets
	peers     []peer
	sets      []heldSet
	self      peer
	own, big  []uint64 // the set of self, nil before it is read; memory for a set not remembered
	buf       []byte
	least     int // values that sketches must agree in

	candidates []uint32
	estimated  int64 // pairs whose sketches were compared
	verified   int64 // pairs whose sets were
}

// peer is a document's sketch.
type peer struct {
	known  bool
	rank   uint32
	head   sketch.Stored // without values
	stored []byte        // the sketch as it is stored
}

type heldSet struct {
	rank uint32
	set  []uint64 // nil: none held
}

const (
	heldBytes   = 8 << 20 // of sketches
	heldSets    = 64
	minSketch   = 256     // so that a peer's own fields count for something
	heldSetSize = 1 << 15 // longer sets are not remembered
)

// prefilter is how many standard errors of a sketch's estimate below the
// threshold a pair is not looked at closer.
const prefilter = 5

func newVerifier(p *phase, ordinalOf []uint32, sketches, sets *units.Shelf) *verifier {
	return &verifier{
		near: p.in.Near, all: p.All, ordinalOf: ordinalOf, sketches: sketches, stored: sets,
		peers: make([]peer, heldBytes/max(sketch.StoredSize(p.in.Near.Permutations), minSketch)), sets: make([]heldSet, heldSets),
		least: LeastAgreement(p.in.Near.Permutations, p.in.Near.Threshold),
	}
}

// first returns the first of some better documents, in their order, that the
// document is similar to, and how similar.
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

// similar returns the similarity of self and another document, or 0 if it is
// certainly, or as good as certainly, below the threshold.
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

// peer returns a document's sketch, which is valid until the next call.
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

// set returns a document's set, which is valid until the next call.
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

// LeastAgreement is in how many of k values the sketches of documents at the
// threshold agree, less prefilter standard errors.
func LeastAgreement(k int, threshold float64) int {
	n := float64(k)
	return int(math.Ceil(n * (threshold - prefilter*math.Sqrt(threshold*(1-threshold)/n))))
}
