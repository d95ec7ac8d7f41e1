package sketch

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomSet returns a sorted set of n hashes.
func randomSet(rng *rand.Rand, n int) []uint64 {
	set := make([]uint64, n)
	for i := range set {
		set[i] = rng.Uint64() >> (64 - hashBits)
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// However a set comes in pieces, a Pile holds the same of it: all, or the
// sample that its whole size asks for.
func TestPileDependsOnTheSetAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{0, 1, 1000, MaxShingles, MaxShingles + 999} {
		whole := randomSet(rng, n)
		if n == MaxShingles+999 {
			for i := range whole {
				whole[i] >>= 5 // not evenly spread: one step of the scale is not enough
			}
			whole = slices.Compact(whole)
		}
		for _, piece := range []int{max(n, 1), 100_000, 1 + n/7} {
			if piece > MaxShingles {
				piece = MaxShingles
			}
			shuffled := slices.Clone(whole)
			rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			var p Pile
			p.Reset()
			last := []uint64{}
			for part := range slices.Chunk(shuffled, piece) {
				slices.Sort(part)
				p.Add(part)
				p.Add(last) // what was there already changes nothing
				last = slices.Clone(part)
			}
			p.merge()
			scale := uint8(0)
			for len(below(whole, scale)) > MaxShingles {
				scale++
			}
			if p.scale != scale || !slices.Equal(p.set, below(whole, scale)) {
				t.Fatalf("%d hashes in pieces of %d: %d of scale %d, want %d of scale %d", n, piece, len(p.set), p.scale, len(below(whole, scale)), scale)
			}
		}
	}
}

// Samples have the sketch of the whole set, and its similarities as good as
// exactly, whatever their scales are.
func TestSamplesStandForTheirSets(t *testing.T) {
	d := New(Config{5, SplitCode, 256})
	rng := rand.New(rand.NewPCG(2, 2))
	all := randomSet(rng, 3*MaxShingles)
	a, b := all[:0:0], all[:0:0]
	for i, h := range all {
		if i%6 != 0 && i%24 != 1 {
			a = append(a, h)
		}
		if i%12 != 3 && i%3 != 1 {
			b = append(b, h)
		}
	}
	hold := func(set []uint64) *Pile {
		var p Pile
		for part := range slices.Chunk(set, MaxShingles) {
			p.Add(part)
		}
		p.merge()
		return &p
	}
	pa, pb := hold(a), hold(b)
	if pa.scale == 0 || pb.scale == 0 || len(pa.set) < MaxShingles/2 {
		t.Fatalf("scales %d and %d", pa.scale, pb.scale)
	}
	if want, got := d.Sign(nil, a), d.Sign(nil, pa.set); !slices.Equal(want, got) {
		t.Error("a sample has another sketch than its set")
	}
	for _, small := range []*Pile{pb, {set: below(pb.set, pb.scale+1), scale: pb.scale + 1}} {
		if want, got := Jaccard(a, b), SampleJaccard(pa.set, pa.scale, small.set, small.scale); math.Abs(want-got) > 0.003 {
			t.Errorf("similarity %v by samples, %v by the sets", got, want)
		}
	}
	if full := (&Stored{Size: uint32(len(pa.set)), Scale: pa.scale}).FullSize(); math.Abs(full/float64(len(a))-1) > 0.005 {
		t.Errorf("about %v hashes, there are %d", full, len(a))
	}
}
