package dedup_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/codemill/codemill/dedup"
)

// pair is two sets of shingles of real texts, one changed a little.
type pair struct{ a, b []uint64 }

// pairsOfRealFiles returns pairs of about evenly spread similarities from 0.3.
func pairsOfRealFiles(t testing.TB, d *dedup.Dedup, files int) (pairs []pair) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, text := range goFiles(t, files, 64<<10) {
		for range 4 {
			rate := 0.12 * math.Pow(rng.Float64(), 1.5)
			a, _ := d.Shingles(nil, []byte(text))
			b, _ := d.Shingles(nil, []byte(mutate(rng, text, rate)))
			if dedup.Jaccard(a, b) >= 0.3 {
				pairs = append(pairs, pair{a, b})
			}
		}
	}
	return pairs
}

// BenchmarkEstimate is the error of the sketches' estimates on pairs of real
// files and changed copies of them, beside that of k independent draws, which
// is sqrt(J(1-J)/k): the table in the package's documentation.
func BenchmarkEstimate(b *testing.B) {
	exact, err := dedup.New(dedup.Config{})
	if err != nil {
		b.Fatal(err)
	}
	pairs := pairsOfRealFiles(b, exact, 1500)
	for _, class := range []struct {
		name string
		has  func(j float64, n int) bool
	}{
		{"J=.3-.6", func(j float64, n int) bool { return j < 0.6 }},
		{"J=.6-.8", func(j float64, n int) bool { return 0.6 <= j && j < 0.8 }},
		{"J=.8-.95", func(j float64, n int) bool { return 0.8 <= j && j < 0.95 }},
		{"n<200", func(j float64, n int) bool { return n < 200 && j < 0.95 }},
		{"n>1000", func(j float64, n int) bool { return n > 1000 && j < 0.95 }},
	} {
		for _, k := range []int{128, 256} {
			for _, sketch := range []string{dedup.MinHash, dedup.FSS} {
				b.Run(fmt.Sprintf("%s/k=%d/sketch=%s", class.name, k, sketch), func(b *testing.B) {
					d, err := dedup.New(dedup.Config{Near: dedup.Near{Sketch: sketch, Permutations: k, Rows: 5}})
					if err != nil {
						b.Fatal(err)
					}
					var e misses
					for b.Loop() {
						e = misses{}
						for _, p := range pairs {
							if j := dedup.Jaccard(p.a, p.b); class.has(j, len(p.a)) {
								e.add(j, dedup.Estimate(d.Sign(nil, p.a), d.Sign(nil, p.b)), k)
							}
						}
					}
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(float64(e.n), "pairs")
					b.ReportMetric(math.Sqrt(e.squares/float64(e.n)), "rmse")
					b.ReportMetric(math.Sqrt(e.theory/float64(e.n)), "theory")
					b.ReportMetric(e.sum/float64(e.n), "bias")
				})
			}
		}
	}
}

// misses sums up what estimates differ from the truth by.
type misses struct {
	n                    int
	sum, squares, theory float64
}

func (e *misses) add(truth, estimate float64, k int) {
	d := estimate - truth
	e.n++
	e.sum, e.squares = e.sum+d, e.squares+d*d
	e.theory += truth * (1 - truth) / float64(k)
}
