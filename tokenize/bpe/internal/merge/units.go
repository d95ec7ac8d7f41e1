package merge

import (
	"math/bits"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// A piece with characters beyond ASCII merges from units on: the tokens of its atoms,
// and those of its other bytes. Between two units without a bridge nothing ever
// merges. The piece is cut there, and what is between two cuts merges by itself: in
// Chinese a character or two.

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
func (u *unitBuffer) add(m *Model, text []byte) int {
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

// appendBytes appends the tokens of the bytes of piece that have one.
func (m *Model) appendBytes(dst []uint32, piece []byte) []uint32 {
	for _, b := range piece {
		if id := m.byteID[b]; id != noToken {
			dst = append(dst, id)
		}
	}
	return dst
}
