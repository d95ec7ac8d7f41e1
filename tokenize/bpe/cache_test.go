package bpe

import "testing"

// TestTableGrows enters pretokens while the tables grow to all that they have, and
// wants those entered last still there, as many as there were before and after.
func TestTableGrows(t *testing.T) {
	e := load(t, "p50k_base").NewEncoder()
	r := newRandom(31)
	type pretoken struct {
		text []byte
		id   uint32
	}
	var all []pretoken
	found := func() (n int) {
		for _, p := range all[max(0, len(all)-200):] {
			if len(p.text) <= shortMax {
				lo, hi := load16(p.text, 0, len(p.text))
				if c := e.short.at(hash128(lo, hi)).find(lo, hi); c != nil && c.n == 1 && c.ids[0] == p.id {
					n++
				}
			} else {
				key := e.key32(p.text, 0, len(p.text))
				if c := e.long.at(key.hash()).find(&key); c != nil && c.n == 1 && c.ids[0] == p.id {
					n++
				}
			}
		}
		return n
	}
	for e.short.mask < 1<<shortBits-1 || e.long.mask < 1<<longBits-1 {
		for range 500 {
			p := pretoken{make([]byte, 1+r.IntN(longMax)), uint32(len(all))}
			for i := range p.text {
				p.text[i] = byte(r.Uint32())
			}
			all = append(all, p)
			if len(p.text) <= shortMax {
				lo, hi := load16(p.text, 0, len(p.text))
				e.short.at(hash128(lo, hi)).enter(lo, hi, []uint32{p.id})
				e.short.entered++
			} else {
				key := e.key32(p.text, 0, len(p.text))
				e.long.at(key.hash()).enter(&key, []uint32{p.id})
				e.long.entered++
			}
		}
		before := found()
		if before < 100 {
			t.Fatalf("%d of the last 200 are there", before)
		}
		e.grow()
		if after := found(); after != before {
			t.Fatalf("%d of the last 200 are there, %d before the tables grew to %d and %d", after, before, e.short.mask+1, e.long.mask+1)
		}
	}
	e.grow()
	if len(e.short.buckets) != 1<<shortBits || int(e.short.mask) != len(e.short.buckets)-1 {
		t.Errorf("%d of %d buckets in use", e.short.mask+1, len(e.short.buckets))
	}
}
