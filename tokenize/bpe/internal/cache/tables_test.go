package cache

import (
	"testing"
	"unsafe"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
	"github.com/codemill/codemill/tokenize/bpe/internal/merge"
)

// TestTableGrows enters pretokens while the tables grow to all that they have, and
// wants those entered last still there, as many as there were before and after.
func TestTableGrows(t *testing.T) {
	c := New(modelOf(t, "p50k_base"))
	r := bpetest.NewRandom(31)
	type pretoken struct {
		text []byte
		id   uint32
	}
	var all []pretoken
	found := func() (n int) {
		for _, p := range all[max(0, len(all)-200):] {
			if len(p.text) <= shortMax {
				lo, hi := load16(p.text, 0, len(p.text))
				if found := c.short.at(hash128(lo, hi)).find(lo, hi); found != nil && found.n == 1 && found.ids[0] == p.id {
					n++
				}
			} else {
				key := c.key32(p.text, 0, len(p.text))
				if found := c.long.at(key.hash()).find(&key); found != nil && found.n == 1 && found.ids[0] == p.id {
					n++
				}
			}
		}
		return n
	}
	for c.short.mask < 1<<shortBits-1 || c.long.mask < 1<<longBits-1 {
		for range 500 {
			p := pretoken{make([]byte, 1+r.IntN(longMax)), uint32(len(all))}
			for i := range p.text {
				p.text[i] = byte(r.Uint32())
			}
			all = append(all, p)
			if len(p.text) <= shortMax {
				lo, hi := load16(p.text, 0, len(p.text))
				c.short.at(hash128(lo, hi)).enter(lo, hi, []uint32{p.id})
				c.short.entered++
			} else {
				key := c.key32(p.text, 0, len(p.text))
				c.long.at(key.hash()).enter(&key, []uint32{p.id})
				c.long.entered++
			}
		}
		before := found()
		if before < 100 {
			t.Fatalf("%d of the last 200 are there", before)
		}
		c.Grow()
		if after := found(); after != before {
			t.Fatalf("%d of the last 200 are there, %d before the tables grew to %d and %d", after, before, c.short.mask+1, c.long.mask+1)
		}
	}
	c.Grow()
	if len(c.short.buckets) != 1<<shortBits || int(c.short.mask) != len(c.short.buckets)-1 {
		t.Errorf("%d of %d buckets in use", c.short.mask+1, len(c.short.buckets))
	}
}

func TestMaxBytes(t *testing.T) {
	c := New(modelOf(t, "cl100k_base"))
	n := uintptr(len(c.short.buckets))*unsafe.Sizeof(c.short.buckets[0]) + uintptr(len(c.long.buckets))*unsafe.Sizeof(c.long.buckets[0]) + unsafe.Sizeof(*c.overflow) + uintptr(len(c.borders))*unsafe.Sizeof(c.borders[0])
	if n != MaxBytes {
		t.Errorf("the caches take %d bytes, MaxBytes says %d", n, MaxBytes)
	}
}

func modelOf(t testing.TB, name string) *merge.Model {
	t.Helper()
	m, err := merge.New(bpetest.Load(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
