package sketch

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/codemill/codemill/internal/doctrine"
)

// pair is two sets of shingles of real texts, one changed a little.
type pair struct{ a, b []uint64 }

// pairsOfRealFiles returns pairs of about evenly spread similarities from 0.3.
func pairsOfRealFiles(t testing.TB, d *Sketcher, files int) (pairs []pair) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, text := range doctrine.GoFiles(t, files, 64<<10) {
		for range 4 {
			rate := 0.12 * math.Pow(rng.Float64(), 1.5)
			a, _ := d.Shingles(nil, []byte(text))
			b, _ := d.Shingles(nil, []byte(doctrine.Mutate(rng, text, rate)))
			if Jaccard(a, b) >= 0.3 {
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
	pairs := pairsOfRealFiles(b, New(Config{5, SplitCode, 256}), 1500)
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
			for sketch, sign := range map[string]func(k int, set []uint64) []uint16{"minhash": minhash, "fss": func(k int, set []uint64) []uint16 {
				return New(Config{5, SplitCode, k}).Sign(nil, set)
			}} {
				b.Run(fmt.Sprintf("%s/k=%d/sketch=%s", class.name, k, sketch), func(b *testing.B) {
					var e misses
					for b.Loop() {
						e = misses{}
						for _, p := range pairs {
							if j := Jaccard(p.a, p.b); class.has(j, len(p.a)) {
								e.add(j, estimate(sign(k, p.a), sign(k, p.b)), k)
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

// estimate is the Jaccard similarity of two sets as their sketches have it.
func estimate(a, b []uint16) float64 { return float64(Agree(a, b)) / float64(len(a)) }

// minhash computes the classic sketch: the least element under k permutations,
// a*x+b modulo the prime 2^61-1 (Broder 1997; the family of datasketch and of
// The Stack v1's program), k multiplications an element.
func minhash(permutations int, set []uint64) []uint16 {
	const prime = 1<<61 - 1
	sketch := make([]uint16, permutations)
	for i := range sketch {
		mul, add := fold(uint64(2*i+1), k0)%(prime-1)+1, fold(uint64(2*i+2), k1)%prime
		least := uint64(prime)
		for _, h := range set {
			hi, lo := bits.Mul64(h, mul)
			x := lo&prime + (hi<<3 | lo>>61) + add // below 3*2^61
			x = x&prime + x>>61
			if x >= prime {
				x -= prime
			}
			least = min(least, x)
		}
		sketch[i] = uint16(fold(least^k1, k2))
	}
	return sketch
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
