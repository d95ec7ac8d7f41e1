package pretoken

import (
	"math/bits"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
	"github.com/codemill/codemill/tokenize/bpe/internal/simd"
)

// A maskTable says which characters are in which class: bit k is class k. It holds the same
// in several forms, each as one way of making masks looks it up. It is not changed once
// made.
//
// The kernels class 32 or 64 bytes at once by a shuffle, which looks up a table of 16 bytes.
// A class therefore has such a table by the low half of a character's byte, whose bits are
// the high halves: "a" is 0x61, so its class k has the bit 1<<6 in nibbles[k][1].
type maskTable struct {
	*charset.Classes
	low     [128]byte   // the classes of ASCII
	nibbles [8][16]byte // by class and low nibble: the high nibbles, as bits, of its characters
	wides   *wideTable  // characters of two and three bytes
	wide64  bool        // the machine has the 64-byte kernel
}

// newMaskTable gives each character the bits of the sets that hold it: 1<<k for
// class k.
func newMaskTable(sets map[uint8]charset.Set) *maskTable {
	t := &maskTable{Classes: charset.NewClasses(sets), wide64: simd.Width() == 64}
	t.wides = newWideTable(t.Classes)
	copy(t.low[:], t.ASCII[:])
	for c, classes := range t.low {
		for k := range t.nibbles {
			if classes>>k&1 != 0 {
				t.nibbles[k][c&15] |= 1 << (c >> 4)
			}
		}
	}
	return t
}

// fillScalar is fill, byte by byte.
func (t *maskTable) fillScalar(text []byte, blocks int, out *maskBits) {
	*out = maskBits{}
	for i, b := range text[:64*blocks] {
		bit := byte(1) << (i % 8)
		if b >= utf8.RuneSelf {
			out[notASCIIs][i/8] |= bit
			continue
		}
		for k := range cutClass + 1 {
			if t.low[b]>>k&1 != 0 {
				out[k][i/8] |= bit
			}
		}
	}
	t.wides.fill(text, blocks, out)
}

// fillOthers adds the characters beyond ASCII to the masks of the window at text[pos],
// which has size bytes. It stops at the first character of cutClass and returns how
// many bytes are known: those in front of it.
func (t *maskTable) fillOthers(text []byte, pos, size int, m *masks) (known int) {
	known = min(size, bits.TrailingZeros64(m[cutClass]))
	high := m[notASCIIs]
	if high == 0 {
		m[insides] = 0
		return known
	}
	// Of the characters with a slot the masks have the classes at their first bytes;
	// they are spread over the others. With é a letter, "aé" has the letter mask 110
	// and leads2 010, and then the letter mask 111.
	leads, longer := m[leads2]|m[leads3], m[leads3]
	for k := range wideClasses {
		m[k] |= m[k]&leads<<1 | m[k]&longer<<2
	}
	inside := (leads | longer<<1) << 1
	// The others, without a slot or damaged, are looked up one by one.
	for high &^= leads | inside; high != 0; {
		i := bits.TrailingZeros64(high)
		if i >= known {
			break
		}
		c, n := t.Wide(text, pos+i)
		if c>>cutClass != 0 {
			known = i
			break
		}
		char := (uint64(1)<<n - 1) << i
		for k := range wideClasses {
			m[k] |= char & -uint64(c>>k&1)
		}
		inside |= char &^ (1 << i)
		high &^= char
	}
	m[insides] = inside
	return known
}

// positionsScalar is positions, bit by bit.
func positionsScalar(starts uint64, from int, out *[64]int) {
	for n := 0; starts != 0; starts &= starts - 1 {
		out[n%64] = from + bits.TrailingZeros64(starts)
		n++
	}
}
