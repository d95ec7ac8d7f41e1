package merge

import (
	"iter"
	"math"
	"math/bits"
	"slices"

	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// noRank is the rank of a pair that does not merge.
const noRank = math.MaxUint32

// merges answers which two neighbouring tokens merge, and when: the pair of the
// lowest rank first, of equal ones the leftmost. Inside, a pair has the weight
// maxRanks less its rank, so that 0 can stand for pairs that do not merge.
type merges struct {
	// pairs is a table of lines of eight entries: (left+1)<<44 | right<<24 |
	// weight, or 0. A pair is in the line that its key hashes to, from its own slot
	// on and around, or where that line is full in the first one after it that
	// is not.
	pairs []uint64
	shift uint
	// first holds the weights of pairs of bytes, left<<8 | right: half of all
	// look-ups.
	first []uint32
	// result is the token that the pairs of a rank merge into; nil where the
	// rank is the token.
	result []uint32
}

// lineSlots is how many entries are in a line of pairs, one cache line.
const lineSlots = 8

// newMerges makes an empty table with room for n pairs.
func newMerges(n int, result []uint32) *merges {
	log := max(1, bits.Len(uint(n*2/lineSlots)))
	return &merges{result: result, first: make([]uint32, 1<<16), pairs: make([]uint64, lineSlots<<log), shift: uint(64 - log)}
}

// byteWeights fills first in from the pairs of the bytes' tokens.
func (m *merges) byteWeights(byteID *[256]uint32) {
	for l, left := range byteID {
		for r, right := range byteID {
			if left != noToken && right != noToken {
				m.first[l<<8|r] = m.weight(left, right)
			}
		}
	}
}

// set enters a pair; of two entries for one, the last counts.
func (m *merges) set(p vocab.Pair) {
	m.pairs[m.slot(p.Left, p.Right)] = pairKey(p.Left, p.Right)<<24 | uint64(vocab.MaxRanks-p.Rank)
}

func pairKey(left, right uint32) uint64 { return uint64(left+1)<<20 | uint64(right) }

// all yields the pairs.
func (m *merges) all() iter.Seq[vocab.Pair] {
	return func(yield func(vocab.Pair) bool) {
		for _, e := range m.pairs {
			if e != 0 && !yield(vocab.Pair{Left: uint32(e>>44) - 1, Right: uint32(e>>24) & (1<<20 - 1), Rank: vocab.MaxRanks - uint32(e)&vocab.MaxRanks}) {
				return
			}
		}
	}
}

// slot is where a pair is, or would be entered.
func (m *merges) slot(left, right uint32) uint64 {
	key := pairKey(left, right)
	h := key * 0x9e3779b97f4a7c15
	line, slot := h>>m.shift*lineSlots, h>>20
	if i := line | slot%lineSlots; m.pairs[i]>>24 == key || m.pairs[i] == 0 {
		return i
	}
	return m.probe(key, line, slot+1)
}

// probe is slot from a slot on that is not the pair's own.
func (m *merges) probe(key, line, slot uint64) uint64 {
	for {
		for range lineSlots {
			i := line | slot%lineSlots
			if e := m.pairs[i]; e>>24 == key || e == 0 {
				return i
			}
			slot++
		}
		line = (line + lineSlots) & uint64(len(m.pairs)-1)
	}
}

// weight is the weight of a pair, 0 if it does not merge.
func (m *merges) weight(left, right uint32) uint32 {
	return uint32(m.pairs[m.slot(left, right)]) & vocab.MaxRanks
}

// rank is the rank of a pair, or noRank.
func (m *merges) rank(left, right uint32) uint32 { return rankOf(m.weight(left, right)) }

func rankOf(weight uint32) uint32 {
	if weight == 0 {
		return noRank
	}
	return vocab.MaxRanks - weight
}

func (m *merges) merged(rank uint32) uint32 {
	if m.result == nil {
		return rank
	}
	return m.result[rank]
}

// A Scratch is the memory that one goroutine needs to merge pieces.
type Scratch struct {
	short, keys [shortPiece]uint32 // of short pieces
	units       unitRun            // of pieces beyond ASCII
	ids, ranks  []uint32
	next, prev  []int32
	heap        []uint64
	final       []uint32 // of isFinal
}

const (
	// shortPiece is the longest piece, in bytes, whose lowest rank is found by
	// looking at all of them; longer ones keep a heap.
	shortPiece = 64
	// keepLimit is the longest piece, in bytes, whose scratch memory is kept;
	// longer ones are merged in parts.
	keepLimit = 1 << 16
)

// AppendTokens appends the tokens of piece. Bytes without a token are dropped.
func (m *Model) AppendTokens(g *Scratch, dst []uint32, piece []byte) []uint32 {
	if m.whole != nil {
		if id, ok := m.whole[string(piece)]; ok {
			return append(dst, id)
		}
	}
	if len(piece) > keepLimit {
		return m.AppendLong(g, dst, piece)
	}
	return m.appendMerged(g, dst, piece)
}

// appendMerged appends what the bytes of piece merge to.
func (m *Model) appendMerged(g *Scratch, dst []uint32, piece []byte) []uint32 {
	if len(piece) == 0 {
		return dst
	}
	if len(piece) <= shortPiece && (m.atoms == nil || isASCII(piece)) {
		if dst, ok := m.vectorMerge(dst, piece); ok {
			return dst
		}
		if g.fillBytes(m, piece) {
			return g.shortMerge(m.merges, dst, len(piece))
		}
	}
	if len(piece) > keepLimit {
		g = new(Scratch)
	}
	if m.atoms != nil {
		return m.appendWide(g, dst, piece)
	}
	return m.appendUncut(g, dst, piece)
}

// mergeUnits appends what units, the tokens that merging begins with, merge to.
func (m *Model) mergeUnits(g *Scratch, dst, units []uint32) []uint32 {
	switch n := len(units); {
	case n < 2:
		return append(dst, units...)
	case n == 2:
		return m.appendPair(dst, units[0], units[1])
	case n == 3:
		first, second := m.merges.weight(units[0], units[1]), m.merges.weight(units[1], units[2])
		switch {
		case first|second == 0:
			return append(dst, units...)
		case first >= second:
			return m.appendPair(dst, m.merges.merged(vocab.MaxRanks-first), units[2])
		}
		return m.appendPair(dst, units[0], m.merges.merged(vocab.MaxRanks-second))
	}
	if dst, ok := m.vectorMergeUnits(dst, units); ok {
		return dst
	}
	g.ids = append(g.ids[:0], units...)
	if len(units) <= shortPiece {
		g.fillUnits(m.merges)
		return g.shortMerge(m.merges, dst, len(units))
	}
	g.ranks = slices.Grow(g.ranks[:0], len(g.ids))[:len(g.ids)]
	for i := range len(g.ids) - 1 {
		g.ranks[i] = m.merges.rank(g.ids[i], g.ids[i+1])
	}
	g.ranks[len(g.ids)-1] = noRank
	return g.heapMerge(m.merges, dst)
}

// appendPair appends what two tokens merge to.
func (m *Model) appendPair(dst []uint32, left, right uint32) []uint32 {
	if w := m.merges.weight(left, right); w != 0 {
		return append(dst, m.merges.merged(vocab.MaxRanks-w))
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
		g.keys[i%shortPiece] = shortKey(m.merges.first[int(piece[i])<<8|int(piece[i+1])], i)
	}
	return true
}

// fillUnits sets short and keys to ids.
func (g *Scratch) fillUnits(pairs *merges) {
	n := copy(g.short[:], g.ids)
	for i := range n - 1 {
		g.keys[i%shortPiece] = shortKey(pairs.weight(g.ids[i], g.ids[i+1]), i)
	}
}

// shortMerge merges the n tokens in short, at least one. A key is the weight of a
// token and the next one, and how far it is from the end: the greatest is the
// leftmost pair of the lowest rank.
func (g *Scratch) shortMerge(pairs *merges, dst []uint32, n int) []uint32 {
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
func (g *Scratch) heapMerge(pairs *merges, dst []uint32) []uint32 {
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
func (g *Scratch) push(pairs *merges, i, j int) {
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
