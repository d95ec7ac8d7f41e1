package bpe

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// The vector path cuts up to 64 bytes of text at a time. A window begins where a
// pretoken begins, so that nothing before it matters: no pattern looks back.
// One mask for each class of characters has a bit for every byte of the window;
// a scanner's boundaries are a few dozen operations on these words. The
// boundaries whose pretokens the window shows whole are taken, and the next
// window begins at the last of them. Where there is none, at the end of the
// text and at characters that a scanner leaves out, the scalar scanner takes one
// pretoken.
//
// Where a window begins is known only when the one before it is done, so that all
// that is to be done for it then is waited for. The masks are therefore made ahead,
// of 512 bytes at a time, and only moved to where the window begins.

// masks holds the bytes of a window by class: bit i of masks[k] is byte i.
// Classes 0 to 6 are the scanner's own; the characters of cutClass end the
// window, see [windowScanner].
type masks [12]uint64

const (
	cutClass  = 7  // characters left to the scalar scanner
	notASCIIs = 8  // bytes from 0x80 on
	hanLeads  = 9  // first bytes of U+4E00 to U+9F7F, if the text is valid
	continues = 10 // bytes 80 to BF
	insides   = 11 // second and later bytes of characters, filled in by the driver
)

// wideClasses are those that characters other than ASCII may be in: 0 to 4.
const wideClasses = 5

// A maskTable says which characters are in which class: bit k is class k.
type maskTable struct {
	*classes
	low     [128]byte   // the classes of ASCII
	nibbles [8][16]byte // by class and low nibble: the high nibbles, as bits, of its characters
	han     uint8       // the classes of U+4E00 to U+9F7F, all of them, or 1<<cutClass
	wide64  bool        // the 64-byte kernel
}

// newMaskTable gives each character the bits of the sets that hold it: 1<<k for
// class k.
func newMaskTable(sets map[uint8]runeSet) *maskTable {
	t := &maskTable{classes: newClasses(sets), wide64: vectorWidth() == 64}
	copy(t.low[:], t.ascii[:])
	for c, classes := range t.low {
		for k := range t.nibbles {
			if classes>>k&1 != 0 {
				t.nibbles[k][c&15] |= 1 << (c >> 4)
			}
		}
	}
	t.han = t.blocks[t.index[0x4e]][0]
	for r := 0x4e00; r < 0x9f80; r++ {
		if t.blocks[t.index[r>>8]][r&255] != t.han {
			t.han = 1 << cutClass
		}
	}
	return t
}

// maskBits are masks of a stretch of text, up to maskBytes.
type maskBits [insides][maskBytes / 8]byte

const maskBytes = 512

// at sets m to the masks from bit i on, and returns how many bits of each these
// are: 57 to 64. Those of characters beyond ASCII are set if there are any. The
// remainder changes nothing but that bounds need not be checked, 3 % of a stream.
func (b *maskBits) at(i int, m *masks) int {
	from, shift := uint(i)/8%(maskBytes/8-7), uint(i)%8
	for k := range notASCIIs + 1 {
		m[k] = binary.LittleEndian.Uint64(b[k][from:]) >> shift
	}
	if m[notASCIIs] != 0 {
		for k := notASCIIs + 1; k < len(b); k++ {
			m[k] = binary.LittleEndian.Uint64(b[k][from:]) >> shift
		}
	}
	return 64 - int(shift)
}

// fillScalar is fill, byte by byte.
func (t *maskTable) fillScalar(text []byte, blocks int, out *maskBits) {
	*out = maskBits{}
	for i, b := range text[:64*blocks] {
		bit := byte(1) << (i % 8)
		if b >= utf8.RuneSelf {
			out[notASCIIs][i/8] |= bit
			next := text[i+1]
			if b >= 0xe5 && b <= 0xe8 || b == 0xe4 && next >= 0xb8 && next <= 0xbf || b == 0xe9 && next != 0xbe && next != 0xbf {
				out[hanLeads][i/8] |= bit
			}
			if b < 0xc0 {
				out[continues][i/8] |= bit
			}
			continue
		}
		for k := range cutClass + 1 {
			if t.low[b]>>k&1 != 0 {
				out[k][i/8] |= bit
			}
		}
	}
}

// fillOthers adds the characters from U+0080 on of the window at text[pos], of so
// many bytes, up to the first of cutClass, and returns how many of its bytes are
// known.
func (t *maskTable) fillOthers(text []byte, pos, size int, m *masks) (known int) {
	known = min(size, bits.TrailingZeros64(m[cutClass]))
	high := m[notASCIIs]
	var inside uint64
	if high != 0 && t.han>>cutClass == 0 {
		// The bulk of Chinese, Japanese and, in part, Korean, all at once.
		second := m[hanLeads] << 1 & m[continues]
		third := second << 1 & m[continues]
		chars := third | third>>1 | third>>2
		t.add(m, chars, t.han)
		inside = third | third>>1
		high &^= chars
	}
	for high != 0 {
		i := bits.TrailingZeros64(high)
		if i >= known {
			break
		}
		c, n := t.wide(text, pos+i)
		if c>>cutClass != 0 {
			known = i
			break
		}
		char := (uint64(1)<<n - 1) << i
		t.add(m, char, c)
		inside |= char &^ (1 << i)
		high &^= char
	}
	m[insides] = inside
	return known
}

// add enters characters of the classes c, of those that they may be in.
func (t *maskTable) add(m *masks, chars uint64, c uint8) {
	for k := range wideClasses {
		m[k] |= chars & -uint64(c>>k&1)
	}
}

// A windowScanner is a scanner with a vector path.
type windowScanner interface {
	// next ends the pretoken that begins at text[i]: the scalar scanner.
	next(text []byte, i int) int
	// boundaries is where pretokens begin in a window, bit 0 aside, as far as
	// its first known bytes tell for certain. A class that is no other's stands
	// for whatever no mask holds.
	boundaries(m *masks, text []byte, known int) uint64
}

// windows drives a windowScanner.
type windows struct {
	s      windowScanner
	t      *maskTable
	vector bool
}

// windowEnds is the room that scan wants in ends to look at a window.
const windowEnds = 64

// A scanned is the scratch memory of a scanner: what it knows of the text ahead.
type scanned struct {
	bits  maskBits
	from  int // bits are the masks of text[from:from+size]
	size  int
	masks masks
}

// begin is called before another text.
func (s *scanned) begin() { s.from, s.size = 0, 0 }

func (w *windows) scan(text []byte, pos int, ends []int, s *scanned) int {
	n := 0
	if w.vector {
		m := &s.masks
		for n+windowEnds <= len(ends) {
			if pos+64 > s.from+s.size {
				blocks := min(maskBytes, len(text)-1-pos) / 64
				if blocks <= 0 {
					break
				}
				w.t.fill(text[pos:], blocks, &s.bits)
				s.from, s.size = pos, 64*blocks
			}
			known := s.bits.at(pos-s.from, m)
			if m[notASCIIs]|m[cutClass] != 0 {
				known = w.t.fillOthers(text, pos, known, m)
			} else {
				m[insides] = 0
			}
			var starts uint64
			if known > 0 {
				starts = w.s.boundaries(m, text[pos:], known)
			}
			if starts == 0 {
				pos = w.s.next(text, pos)
				ends[n] = pos
				n++
				continue
			}
			w.t.places(starts, pos, (*[64]int)(ends[n:]))
			n += bits.OnesCount64(starts)
			pos += 63 - bits.LeadingZeros64(starts) // not from ends: the next window waits for it
		}
		if n > 0 && (len(text)-pos > 64 || pos == len(text)) {
			return n
		}
	}
	for n < len(ends) && pos < len(text) {
		pos = w.s.next(text, pos)
		ends[n] = pos
		n++
	}
	return n
}

// placesScalar is places, bit by bit.
func placesScalar(starts uint64, from int, out *[64]int) {
	for n := 0; starts != 0; starts &= starts - 1 {
		out[n%64] = from + bits.TrailingZeros64(starts)
		n++
	}
}

// lastChange is the last byte of the known ones of which a mask says something
// else than of the byte before it; 0 if there is none.
func lastChange(known int, a, b, c uint64) int {
	changes := (a ^ a<<1) | (b ^ b<<1) | (c ^ c<<1)
	return 63 - bits.LeadingZeros64(changes&(1<<known-1)|1)
}

// upTo is the bits 1 to n.
func upTo(n int) uint64 { return 2<<n - 2 }

// newWindows makes the scanner of s, by vectors where the machine has them.
func newWindows(s windowScanner, t *maskTable) *windows {
	return &windows{s, t, vectorWidth() > 0}
}
