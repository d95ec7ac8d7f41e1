package merge

import (
	"math/bits"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// A piece with characters beyond ASCII merges from units on: the tokens of its
// atoms and of its other bytes. Where no token of the vocabulary reaches from one
// unit into the next nothing ever merges, so that the piece may be cut there; what
// is between two cuts merges by itself. In Chinese that is a character or two.

// bridges says between which two units, both of bytes beyond ASCII, some token may
// reach: one that merges across holds both whole. It is a Bloom filter with one
// hash: what it denies never merges, and of what never merges it denies nearly all.
type bridges struct {
	bits  []uint64
	shift uint
}

// has is 1 if there may be a bridge, or 0.
func (b *bridges) has(left, right uint32) uint64 {
	bit := pairKey(left, right) * 0x9e3779b97f4a7c15 >> b.shift
	return b.bits[bit>>6] >> (bit & 63) & 1
}

// newBridges makes a filter of 16 to 32 bits a pair.
func newBridges(pairs map[[2]uint32]struct{}) bridges {
	log := max(6, bits.Len(uint(16*len(pairs))))
	b := bridges{make([]uint64, 1<<(log-6)), uint(64 - log)}
	for p := range pairs {
		bit := pairKey(p[0], p[1]) * 0x9e3779b97f4a7c15 >> b.shift
		b.bits[bit>>6] |= 1 << (bit & 63)
	}
	return b
}

// findBridges enters the bridges: at every place within a token, between all units
// that may end and begin there.
func (a *atoms) findBridges(m *Model) {
	units := map[string]uint32{}
	for _, id := range m.byteID {
		units[string(m.Bytes(id))] = id
	}
	for _, v := range a.of {
		if v != 0 {
			units[string(m.Bytes(v.first()))], units[string(m.Bytes(v.last()))] = v.first(), v.last()
		}
	}
	pairs := map[[2]uint32]struct{}{}
	for id := range uint32(m.Size()) {
		text := m.Bytes(id)
		for i := 1; i < len(text); i++ {
			if text[i-1] < utf8.RuneSelf || text[i] < utf8.RuneSelf {
				continue
			}
			for from := max(0, i-utf8.UTFMax); from < i; from++ {
				left, ok := units[string(text[from:i])]
				for to := i + 1; ok && to <= min(len(text), i+utf8.UTFMax); to++ {
					if right, ok := units[string(text[i:to])]; ok {
						pairs[[2]uint32{left, right}] = struct{}{}
					}
				}
			}
		}
	}
	a.bridges = newBridges(pairs)
	for r, v := range &a.of {
		if v.two() != 0 {
			a.of[r] |= atom(a.has(v.first(), v.last())) << atomBridge
		}
	}
}

// unitRoom is how many units are looked at at a time.
const unitRoom = 64

// unitRun is a part of a piece that is being cut into units.
type unitRun struct {
	ids  [unitRoom]uint32
	open uint64 // before which of them there may be a bridge
	n    int
	last uint32 // of all that there were
	prev byte   // the last byte
}

// full tells that the units of another character may have no room.
func (u *unitRun) full() bool { return u.n > unitRoom-utf8.UTFMax }

// appendWide appends what the bytes of a piece merge to.
func (m *Model) appendWide(g *Scratch, dst []uint32, piece []byte) []uint32 {
	begin, u := len(dst), &g.units
	u.open, u.n, u.last, u.prev = 0, 0, 0, 0
	for i := 0; ; {
		if i = m.vectorUnits(u, piece, i); i == len(piece) {
			return m.appendRuns(g, dst, u.ids[:u.n], u.open)
		}
		if u.full() {
			closed := ^u.open & (1<<u.n - 1<<utf8.UTFMax)
			if closed == 0 {
				return m.appendUncut(g, dst[:begin], piece)
			}
			cut := 63 - bits.LeadingZeros64(closed)
			dst = m.appendRuns(g, dst, u.ids[:cut], u.open&(1<<cut-1))
			u.n, u.open = copy(u.ids[:], u.ids[cut:u.n]), u.open>>cut
			continue
		}
		n := u.add(m, piece[i:])
		if n == 0 {
			return m.appendUncut(g, dst[:begin], piece)
		}
		i += n
	}
}

// add adds the units of the next character, the first of text, and returns how many
// bytes it has: 0 if no token has one of them.
func (u *unitRun) add(m *Model, text []byte) int {
	c, size := charset.DecodeRune(text)
	next := byte(0)
	if size < len(text) {
		next = text[size]
	}
	if v, ok := m.atoms.at(uint16(c), u.prev, next); ok && c < 1<<16 {
		bridge := m.atoms.has(u.last, v.first()) | uint64(^u.prev>>7)
		u.open |= (bridge | v.bridge()<<1) << u.n
		u.ids[u.n%unitRoom], u.ids[(u.n+1)%unitRoom] = v.first(), v.last()
		u.n += 1 + v.two()
		u.last, u.prev = v.last(), text[size-1]
		return size
	}
	for _, b := range text[:size] {
		id := m.byteID[b]
		if id == noToken {
			return 0
		}
		u.open |= (m.atoms.has(u.last, id) | uint64(^(u.prev&b)>>7)) << u.n
		u.ids[u.n%unitRoom] = id
		u.n++
		u.last, u.prev = id, b
	}
	return size
}

// appendRuns appends what units merge to that have bridges before them where a bit
// of open is set.
func (m *Model) appendRuns(g *Scratch, dst, units []uint32, open uint64) []uint32 {
	done := 0
	for open &^= 1; open != 0; open &= ^uint64(0) << done {
		first := bits.TrailingZeros64(open) - 1
		dst = append(dst, units[done:first]...)
		done = first + 1 + bits.TrailingZeros64(^(open >> (first + 1)))
		dst = m.mergeUnits(g, dst, units[first:done])
	}
	return append(dst, units[done:]...)
}

// appendUncut is appendWide without cuts, for pieces with a byte that no token has,
// whose neighbours an atom would not know, and with too many units in a row that
// may merge.
func (m *Model) appendUncut(g *Scratch, dst []uint32, piece []byte) []uint32 {
	g.ids = m.appendBytes(g.ids[:0], piece)
	return m.mergeUnits(g, dst, g.ids)
}
