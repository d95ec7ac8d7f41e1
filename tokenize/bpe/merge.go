package bpe

import (
	"math"
	"math/bits"
	"slices"
)

// noRank is the rank of a pair that does not merge.
const noRank = math.MaxUint32

// Limits of the packed pair table: identifiers have 20 bits, ranks 24.
const (
	maxTokens = 1<<20 - 1
	maxRanks  = 1<<24 - 1
)

// merges answers which two neighbouring tokens merge, and when: the pair of the
// lowest rank first, of equal ones the leftmost.
type merges struct {
	// pairs is an open-addressed table, linearly probed, less than half full:
	// left<<44 | right<<24 | rank, or emptyPair.
	pairs []uint64
	shift uint
	// first holds the ranks of pairs of single-byte tokens, left<<8 | right:
	// half of all look-ups.
	first []uint32
	// result is the token that the pairs of a rank merge into; nil where the
	// rank is the token.
	result []uint32
}

// emptyPair has the rank that no pair has (maxRanks).
const emptyPair = math.MaxUint64

// A pair of tokens and the rank of its merge.
type pair struct{ left, right, rank uint32 }

func newMerges(list []pair, result []uint32, byteID *[256]uint32) *merges {
	m := &merges{result: result, first: make([]uint32, 1<<16)}
	log := max(4, bits.Len(uint(len(list)*2)))
	m.shift = uint(64 - log)
	m.pairs = make([]uint64, 1<<log)
	for i := range m.pairs {
		m.pairs[i] = emptyPair
	}
	for _, p := range list {
		m.set(p)
	}
	for l, left := range byteID {
		for r, right := range byteID {
			rank := uint32(noRank)
			if left != noToken && right != noToken {
				rank = m.rank(left, right)
			}
			m.first[l<<8|r] = rank
		}
	}
	return m
}

func (m *merges) slot(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 >> m.shift }

// set enters a pair; of two entries for one, the last counts.
func (m *merges) set(p pair) {
	key := uint64(p.left)<<20 | uint64(p.right)
	for i := m.slot(key); ; i = (i + 1) & uint64(len(m.pairs)-1) {
		if m.pairs[i]>>24 == key || m.pairs[i] == emptyPair {
			m.pairs[i] = key<<24 | uint64(p.rank)
			return
		}
	}
}

// rank is the rank of a pair, or noRank.
func (m *merges) rank(left, right uint32) uint32 {
	key := uint64(left)<<20 | uint64(right)
	for i := m.slot(key); ; i = (i + 1) & uint64(len(m.pairs)-1) {
		switch e := m.pairs[i]; {
		case e>>24 == key:
			return uint32(e) & maxRanks
		case e == emptyPair:
			return noRank
		}
	}
}

func (m *merges) merged(rank uint32) uint32 {
	if m.result == nil {
		return rank
	}
	return m.result[rank]
}

// A merger merges pieces; it holds the scratch memory that one goroutine needs.
type merger struct {
	short, keys [shortPiece]uint32 // of short pieces
	ids, ranks  []uint32
	next, prev  []int32
	heap        []uint64
}

const (
	// shortPiece is the longest piece, in bytes, whose lowest rank is found by
	// looking at all of them; longer ones keep a heap.
	shortPiece = 64
	// keepLimit is the longest piece, in bytes, whose scratch memory is kept.
	keepLimit = 1 << 16
)

// appendTokens appends the tokens of piece. Bytes without a token are dropped.
func (t *Tokenizer) appendTokens(g *merger, dst []uint32, piece []byte) []uint32 {
	if t.whole != nil {
		if id, ok := t.whole[string(piece)]; ok {
			return append(dst, id)
		}
	}
	if len(piece) <= shortPiece {
		if dst, ok := g.shortMerge(t, dst, piece); ok {
			return dst
		}
	}
	if len(piece) > keepLimit {
		g = new(merger)
	}
	g.ids = g.ids[:0]
	for _, b := range piece {
		if id := t.byteID[b]; id != noToken {
			g.ids = append(g.ids, id)
		}
	}
	if len(g.ids) < 2 {
		return append(dst, g.ids...)
	}
	g.ranks = slices.Grow(g.ranks[:0], len(g.ids))[:len(g.ids)]
	if len(g.ids) == len(piece) {
		for i := range len(piece) - 1 {
			g.ranks[i] = t.merges.first[int(piece[i])<<8|int(piece[i+1])]
		}
	} else {
		for i := range len(g.ids) - 1 {
			g.ranks[i] = t.merges.rank(g.ids[i], g.ids[i+1])
		}
	}
	g.ranks[len(g.ids)-1] = noRank
	return g.heapMerge(t.merges, dst)
}

// shortMerge merges a piece of up to shortPiece bytes, if all of them have
// tokens. A key is the rank of a token and the next one, and its position: the least
// key is the leftmost pair of the lowest rank.
func (g *merger) shortMerge(t *Tokenizer, dst []uint32, piece []byte) (_ []uint32, ok bool) {
	n := len(piece)
	ids, keys := &g.short, &g.keys
	m := t.merges
	var all uint32
	for i, b := range piece {
		id := t.byteID[b]
		all |= id
		ids[i&(shortPiece-1)] = id
	}
	if all > maxTokens {
		return dst, false // noToken among them
	}
	for i := range n - 1 {
		keys[i&(shortPiece-1)] = shortKey(m.first[int(piece[i])<<8|int(piece[i+1])], i)
	}
	rounded := (n + 7) &^ 7
	for i := n - 1; i < rounded; i++ {
		keys[i&(shortPiece-1)] = noRank
	}
	live := uint64(1)<<n - 1 // where tokens begin
	for {
		least := leastKey(keys[:rounded])
		if least == noRank {
			break
		}
		i := int(least % shortPiece)
		id := m.merged(least / shortPiece)
		ids[i] = id
		after := live &^ (2<<i - 1)
		live &^= after & -after
		keys[bits.TrailingZeros64(after)&(shortPiece-1)] = noRank
		keys[i] = noRank
		if after &= after - 1; after != 0 {
			keys[i] = shortKey(m.rank(id, ids[bits.TrailingZeros64(after)&(shortPiece-1)]), i)
		}
		if before := live & (1<<i - 1); before != 0 {
			h := 63 - bits.LeadingZeros64(before)
			keys[h&(shortPiece-1)] = shortKey(m.rank(ids[h&(shortPiece-1)], id), h)
		}
	}
	for ; live != 0; live &= live - 1 {
		dst = append(dst, ids[bits.TrailingZeros64(live)&(shortPiece-1)])
	}
	return dst, true
}

// shortKey is the key of a pair at position i; noRank if it does not merge.
func shortKey(rank uint32, i int) uint32 {
	if rank == noRank {
		return noRank
	}
	return rank*shortPiece | uint32(i)
}

// leastKey is the least of keys, eight at a time.
func leastKey(keys []uint32) uint32 {
	a, b, c, d := uint32(noRank), uint32(noRank), uint32(noRank), uint32(noRank)
	for ; len(keys) >= 8; keys = keys[8:] {
		a = min(a, keys[0], keys[4])
		b = min(b, keys[1], keys[5])
		c = min(c, keys[2], keys[6])
		d = min(d, keys[3], keys[7])
	}
	return min(a, b, c, d)
}

// heapMerge merges a long piece in n log n steps: a heap of rank<<32 | position
// whose outdated entries are skipped, over a doubly linked list.
func (g *merger) heapMerge(m *merges, dst []uint32) []uint32 {
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
		g.ids[i] = m.merged(g.ranks[i])
		k := int(g.next[j])
		g.next[i] = int32(k)
		g.ranks[j], g.ranks[i] = noRank, noRank
		if k < n {
			g.prev[k] = int32(i)
			g.push(m, i, k)
		}
		if h := int(g.prev[i]); h >= 0 {
			g.push(m, h, i)
		}
	}
	for i := 0; i < n; i = int(g.next[i]) {
		dst = append(dst, g.ids[i])
	}
	return dst
}

// push sets the rank of the neighbours i and j, and enters it into the heap.
func (g *merger) push(m *merges, i, j int) {
	r := m.rank(g.ids[i], g.ids[j])
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
func (g *merger) down(i int) {
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
