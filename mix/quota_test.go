package mix

import (
	"math"
	"math/rand/v2"
	"testing"
)

// checkQuotas holds the laws of allocate.
func checkQuotas(t *testing.T, total int64, weights []float64, caps []int64) {
	t.Helper()
	quotas := allocate(total, weights, caps)
	sum, room := int64(0), int64(0)
	for i, q := range quotas {
		if q < 0 || q > caps[i] || q > 0 && weights[i] == 0 {
			t.Fatalf("allocate(%d, %v, %v) = %v", total, weights, caps, quotas)
		}
		sum += q
		if weights[i] > 0 {
			room += caps[i]
		}
	}
	if want := min(total, room); sum != want {
		t.Fatalf("allocate(%d, %v, %v) = %v adds to %d, want %d", total, weights, caps, quotas, sum, want)
	}
	// Who is below the cap has as much for its weight as anybody, to a token.
	for i, q := range quotas {
		for j, r := range quotas {
			if q < caps[i] && weights[i] > 0 && weights[j] > 0 &&
				float64(r-1)/weights[j] > float64(q+1)/weights[i]*(1+1e-9) {
				t.Fatalf("allocate(%d, %v, %v) = %v: %d has less than its share beside %d", total, weights, caps, quotas, i, j)
			}
		}
	}
}

func TestAllocate(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		n := 1 + r.IntN(6)
		weights, caps := make([]float64, n), make([]int64, n)
		for i := range n {
			weights[i] = float64(r.IntN(5)) * r.Float64()
			caps[i] = int64(r.IntN(1000)) * int64(r.IntN(2)*r.IntN(1000)+1)
		}
		checkQuotas(t, int64(r.IntN(200_000)), weights, caps)
	}
	checkQuotas(t, 10, nil, nil)
	checkQuotas(t, maxTokens, []float64{1e-12, 1, 1e6}, []int64{maxTokens, maxTokens, maxTokens})
	if q := allocate(100, []float64{0.7, 0.1, 0.07, 0.07, 0.06}, []int64{99, 99, 99, 99, 99}); q[0] != 70 || q[4] != 6 {
		t.Error(q)
	}
}

func FuzzAllocate(f *testing.F) {
	f.Add(int64(100), 0.7, 0.3, 0.0, int64(10), int64(1000), int64(5))
	f.Fuzz(func(t *testing.T, total int64, a, b, c float64, x, y, z int64) {
		for _, w := range []float64{a, b, c} {
			if !(w >= 0 && w <= 1e6) || w > 0 && w < 1e-6 {
				t.Skip()
			}
		}
		for _, n := range []int64{total, x, y, z} {
			if n < 0 || n > 1<<40 {
				t.Skip()
			}
		}
		checkQuotas(t, total, []float64{a, b, c}, []int64{x, y, z})
	})
}

// Nothing fits where no weight has a cap above 0, or no cap a weight.
func TestFittingOfNothing(t *testing.T) {
	for _, weights := range [][]float64{nil, {0, 0}, {0, 1}} {
		if got := fitting(weights, []int64{5, 0}[:len(weights)]); got != 0 {
			t.Errorf("%v: %d", weights, got)
		}
	}
	if got := fitting([]float64{0, 1, 1}, []int64{1, 0, 7}); got != 7 {
		t.Error(got)
	}
}

func TestFittingIsTheLargest(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		weights, caps := make([]float64, 4), make([]int64, 4)
		for i := range 4 {
			weights[i], caps[i] = r.Float64(), int64(r.IntN(4))*int64(r.IntN(100_000))
		}
		total := fitting(weights, caps)
		kept := func(total int64) bool { // every part with supply its share
			sum := 0.0
			for i := range weights {
				if caps[i] > 0 {
					sum += weights[i]
				}
			}
			for i, q := range allocate(total, weights, caps) {
				if caps[i] > 0 && math.Abs(float64(q)-float64(total)*weights[i]/sum) > 1.01 {
					return false
				}
			}
			return true
		}
		if !kept(total) || total > 0 && kept(total+total/10+10*4) {
			t.Fatalf("fitting(%v, %v) = %d", weights, caps, total)
		}
	}
	if fitting([]float64{1, 2}, []int64{0, 0}) != 0 {
		t.Error("nothing fits")
	}
}
