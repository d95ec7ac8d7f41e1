package near

import (
	"math/rand/v2"
	"testing"
)

func TestSieve(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, test := range []struct {
		keys   int
		memory int64
		most   float64 // share of other keys that it may have
	}{{0, 1 << 20, 0.02}, {1, 1 << 20, 0.1}, {100_000, 1 << 20, 0.1}, {100_000, 32 << 10, 0.5}, {1000, 0, 1}} {
		s := newSieve(int64(test.keys), test.memory)
		if size := int64(8 * len(s.bits)); size > max(test.memory, 8) {
			t.Errorf("%d keys: %d bytes", test.keys, size)
		}
		var keys []uint64
		for range test.keys {
			keys = append(keys, rng.Uint64())
			s.add(keys[len(keys)-1])
		}
		for _, k := range keys {
			if !s.has(k) {
				t.Fatalf("%d keys: one is lost", test.keys)
			}
		}
		others := 0
		for range 10_000 {
			if s.has(rng.Uint64()) {
				others++
			}
		}
		if share := float64(others) / 10_000; share > test.most {
			t.Errorf("%d keys in %d bytes: has %v of all others", test.keys, 8*len(s.bits), share)
		}
	}
}
