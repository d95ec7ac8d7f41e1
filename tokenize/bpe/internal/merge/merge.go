package merge

import (
	"math/bits"
	"slices"

	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// mergeUnits appends what units, the tokens that merging begins with, merge to.
func (m *Model) mergeUnits(g *Scratch, dst, units []uint32) []uint32 {
	switch n := len(units); {
	case n < 2:
		return append(dst, units...)
	case n == 2:
		return m.appendPair(dst, units[0], units[1])
	case n == 3:
		first, second := m.pairs.weight(units[0], units[1]), m.pairs.weight(units[1], units[2])
		switch {
		case first|second == 0:
			return append(dst, units...)
		case first >= second:
			return m.appendPair(dst, m.pairs.merged(vocab.MaxRanks-first), units[2])
		}
		return m.appendPair(dst, units[0], m.pairs.merged(vocab.MaxRanks-second))
	}
	if dst, ok := m.vectorMergeUnits(dst, units); ok {
		return dst
	}
	g.ids = append(g.ids[:0], units...)
	if len(units) <= shortPiece {
		g.fillUnits(m.pairs)
		return g.shortMerge(m.pairs, dst, len(units))
	}
	g.ranks = slices.Grow(g.ranks[:0], len(g.ids))[:len(g.ids)]
	for i := range len(g.ids) - 1 {
		g.ranks[i] = m.pairs.rank(g.ids[i], g.ids[i+1])
	}
	g.ranks[len(g.ids)-1] = noRank
	return g.heapMerge(m.pairs, dst)
}

// appendPair appends what two tokens merge to.
func (m *Model) appendPair(dst []uint32, left, right uint32) []uint32 {
	if w := m.pairs.weight(left, right); w != 0 {
		return append(dst, m.pairs.merged(vocab.MaxRanks-w))
	}
	return append(dst, left, right)
}

// fillBytes sets short and keys to the bytes of a piece, if all have tokens.
func (g *Scratch) fillBytes(m *Model, piece []byte) bool {
	var all uint32
	for i, b := range piece {
		id := m.byteID[b]
		all |= id
		g.short[i%shortPiece] = id
	}
	if all == noToken {
		return false
	}
	for i := range len(piece) - 1 {
		g.keys[i%shortPiece] = shortKey(m.pairs.byteWeights[int(piece[i])<<8|int(piece[i+1])], i)
	}
	return true
}

// fillUnits sets short and keys to ids.
func (g *Scratch) fillUnits(pairs *pairTable) {
	n := copy(g.short[:], g.ids)
	for i := range n - 1 {
		g.keys[i%shortPiece] = shortKey(pairs.weight(g.ids[i], g.ids[i+1]), i)
	}
}

// shortMerge merges the n tokens in short, at least one. A key is the weight of a
// token and the next one, and how far it is from the end: the greatest is the
// leftmost pair of the lowest rank.
func (g *Scratch) shortMerge(pairs *pairTable, dst []uint32, n int) []uint32 {
	ids, keys := &g.short, &g.keys
	rounded := (n + 7) &^ 7
	for i := n - 1; i < rounded; i++ {
		keys[i%shortPiece] = 0
	}
	live := uint64(1)<<n - 1 // where tokens begin
	for {
		greatest := greatestKey(keys[:rounded])
		if greatest < shortPiece {
			break
		}
		i := shortPiece - 1 - int(greatest%shortPiece)
		id := pairs.merged(vocab.MaxRanks - greatest/shortPiece)
		ids[i] = id
		after := live &^ (2<<i - 1)
		live &^= after & -after
		keys[bits.TrailingZeros64(after)%shortPiece] = 0
		keys[i] = 0
		if after &= after - 1; after != 0 {
			keys[i] = shortKey(pairs.weight(id, ids[bits.TrailingZeros64(after)%shortPiece]), i)
		}
		if before := live & (1<<i - 1); before != 0 {
			h := 63 - bits.LeadingZeros64(before)
			keys[h%shortPiece] = shortKey(pairs.weight(ids[h%shortPiece], id), h)
		}
	}
	for ; live != 0; live &= live - 1 {
		dst = append(dst, ids[bits.TrailingZeros64(live)%shortPiece])
	}
	return dst
}

// shortKey is the key of a pair of that weight at position i.
func shortKey(weight uint32, i int) uint32 {
	return weight*shortPiece + uint32(shortPiece-1-i)
}

// greatestKey is the greatest of keys, whose number is a multiple of eight.
func greatestKey(keys []uint32) uint32 {
	var a, b, c, d uint32
	for ; len(keys) >= 8; keys = keys[8:] {
		a = max(a, keys[0], keys[4])
		b = max(b, keys[1], keys[5])
		c = max(c, keys[2], keys[6])
		d = max(d, keys[3], keys[7])
	}
	return max(a, b, c, d)
}

// heapMerge merges a long piece in n log n steps: a heap of rank<<32 | position
// whose outdated entries are skipped, over a doubly linked list.
func (g *Scratch) heapMerge(pairs *pairTable, dst []uint32) []uint32 {
	n := len(g.ids)
	g.next, g.prev = slices.Grow(g.next[:0], n)[:n], slices.Grow(g.prev[:0], n)[:n]
	g.heap = g.heap[:0]
	for i := range n {
		g.next[i], g.prev[i] = int32(i+1), int32(i-1)
		if r := g.ranks[i]; r != noRank {
			g.heap = append(g.heap, uint64(r)<<32|uint64(i))
		}
	}
	for i := len(g.heap)/2 - 1; i >= 0; i-- {
		g.down(i)
	}
	for len(g.heap) > 0 {
		top := g.heap[0]
		last := len(g.heap) - 1
		g.heap[0] = g.heap[last]
		g.heap = g.heap[:last]
		g.down(0)
		i := int(uint32(top))
		if g.ranks[i] != uint32(top>>32) {
			continue
		}
		j := int(g.next[i])
		g.ids[i] = pairs.merged(g.ranks[i])
		k := int(g.next[j])
		g.next[i] = int32(k)
		g.ranks[j], g.ranks[i] = noRank, noRank
		if k < n {
			g.prev[k] = int32(i)
			g.push(pairs, i, k)
		}
		if h := int(g.prev[i]); h >= 0 {
			g.push(pairs, h, i)
		}
	}
	for i := 0; i < n; i = int(g.next[i]) {
		dst = append(dst, g.ids[i])
	}
	return dst
}

// push sets the rank of the neighbours i and j, and enters it into the heap.
func (g *Scratch) push(pairs *pairTable, i, j int) {
	r := pairs.rank(g.ids[i], g.ids[j])
	g.ranks[i] = r
	if r == noRank {
		return
	}
	e := uint64(r)<<32 | uint64(i)
	g.heap = append(g.heap, e)
	c := len(g.heap) - 1
	for c > 0 {
		p := (c - 1) / 2
		if g.heap[p] <= e {
			break
		}
		g.heap[c] = g.heap[p]
		c = p
	}
	g.heap[c] = e
}

// down restores the heap below i.
func (g *Scratch) down(i int) {
	h := g.heap
	if i >= len(h) {
		return
	}
	e := h[i]
	for {
		c := 2*i + 1
		if c >= len(h) {
			break
		}
		if c+1 < len(h) && h[c+1] < h[c] {
			c++
		}
		if e <= h[c] {
			break
		}
		h[i] = h[c]
		i = c
	}
	h[i] = e
}
