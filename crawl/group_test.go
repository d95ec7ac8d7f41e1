package crawl

import (
	"math/rand/v2"
	"testing"
)

func TestGroup(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		sizes := make([]int64, rnd.IntN(30))
		for i := range sizes {
			sizes[i] = rnd.Int64N(100)
		}
		limit, start := 1+rnd.Int64N(200), 0
		for _, end := range Group(sizes, limit) {
			sum := int64(0)
			for i := start; i < end; i++ {
				if sum >= limit {
					t.Fatal("a shard goes on after it is full")
				}
				sum += max(sizes[i], 1)
			}
			if end <= start || sum < limit && end != len(sizes) {
				t.Fatal("a shard ends before it is full")
			}
			start = end
		}
		if start != len(sizes) {
			t.Fatal("units are left over")
		}
	}
}
