package near

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/codemill/codemill/dedup/sketch"
)

// The values that sketches must agree in are five standard errors below what the
// threshold asks for: a pair at the threshold is not lost to them.
func TestPrefilter(t *testing.T) {
	for _, c := range []struct {
		k         int
		threshold float64
		want      int
	}{{256, 0.7, 143}, {128, 0.7, 64}, {256, 0.9, 207}, {256, 1, 256}, {8, 0.1, -3}, {4096, 0.5, 1888}} {
		if got := LeastAgreement(c.k, c.threshold); got != c.want {
			t.Errorf("%d values, threshold %v: %d must agree, want %d", c.k, c.threshold, got, c.want)
		}
	}
	const size, both = 1000, 824 // a similarity of 0.7007
	k := sketch.New(sketch.Config{Ngram: 5, Split: sketch.SplitCode, Permutations: 256})
	rng := rand.New(rand.NewPCG(1, 5))
	least := 256
	for range 1000 {
		var a, b []uint64
		for i := range 2*size - both {
			h := rng.Uint64() >> 24
			if i < size {
				a = append(a, h)
			}
			if i < both || i >= size {
				b = append(b, h)
			}
		}
		slices.Sort(a)
		slices.Sort(b)
		least = min(least, sketch.Agree(k.Sign(nil, a), k.Sign(nil, b)))
	}
	if least < LeastAgreement(256, 0.7) || least > LeastAgreement(256, 0.7)+30 {
		t.Errorf("of 1000 pairs at the threshold one agrees in %d values, %d are asked for", least, LeastAgreement(256, 0.7))
	}
}
