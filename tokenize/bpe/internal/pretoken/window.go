package pretoken

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
	"github.com/codemill/codemill/tokenize/bpe/internal/simd"
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
	leads2    = 9  // first bytes of the characters of two bytes of which the masks know
	leads3    = 10 // those of characters of three bytes
	insides   = 11 // second and later bytes of characters, filled in by the driver
)

// wideClasses are those that characters other than ASCII may be in, besides
// cutClass: 0 to 4.
const wideClasses = 5

// A maskTable says which characters are in which class: bit k is class k.
type maskTable struct {
	*charset.Classes
	low     [128]byte   // the classes of ASCII
	nibbles [8][16]byte // by class and low nibble: the high nibbles, as bits, of its characters
	wides   *wideTable
	wide64  bool // the 64-byte kernel
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

// maskBits are masks of a stretch of text, up to maskBytes.
type maskBits [insides][maskBytes / 8]byte

const maskBytes = 512

// leastWindow is how many bytes a window has at least.
const leastWindow = 57

// at sets m to the masks from bit i on, and returns how many bits of each these
// are: leastWindow to 64. Those of characters beyond ASCII are set if there are any.
// The remainder changes nothing but that bounds need not be checked, 3 % of a stream.
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

// fillOthers adds the characters from U+0080 on of the window at text[pos], of so
// many bytes, up to the first of cutClass, and returns how many of its bytes are
// known.
func (t *maskTable) fillOthers(text []byte, pos, size int, m *masks) (known int) {
	known = min(size, bits.TrailingZeros64(m[cutClass]))
	high := m[notASCIIs]
	if high == 0 {
		m[insides] = 0
		return known
	}
	// The masks have the classes of the characters they know at the first bytes.
	leads, longer := m[leads2]|m[leads3], m[leads3]
	for k := range wideClasses {
		m[k] |= m[k]&leads<<1 | m[k]&longer<<2
	}
	inside := (leads | longer<<1) << 1
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

// A windowScanner is a scanner with a vector path.
type windowScanner interface {
	// At is the class, by which the pattern tells characters apart, and the length
	// of the character at text[i].
	At(text []byte, i int) (class uint8, size int)
	// next ends the pretoken that begins at text[i]: the scalar scanner.
	next(text []byte, i int) int
	// boundaries is where pretokens begin in a window, bit 0 aside, as far as
	// its first known bytes tell for certain. A class that is no other's stands
	// for whatever no mask holds.
	boundaries(m *masks, text []byte, known int) uint64
	// runs is the bytes of letters of one kind that are never cut from each other. A
	// pretoken that has come to such a letter goes on to the last one, and ends there
	// but before a byte of more, where it may go on. Where boundaries may not see that
	// the first character of a window is cut from letters behind it, there are none.
	runs(m *masks) (run, more uint64)
}

// windows drives a windowScanner.
type windows struct {
	s      windowScanner
	t      *maskTable
	vector bool
}

// windowEnds is the room that scan wants in ends to look at a window.
const windowEnds = 64

// Room is the room for the ends of the pretokens that are cut in one go.
const Room = 256 + windowEnds

// A Scratch is the scratch memory of a scanner: what it knows of the text ahead.
type Scratch struct {
	bits  maskBits
	from  int // bits are the masks of text[from:from+size]
	size  int
	masks masks
}

// Begin is called before another text.
func (s *Scratch) Begin() { s.from, s.size = 0, 0 }

func (w *windows) scan(text []byte, pos int, ends []int, s *Scratch) int {
	n := 0
	if w.vector {
		m := &s.masks
		for n+windowEnds <= len(ends) {
			known := w.look(text, pos, s)
			if known < 0 {
				break
			}
			var starts uint64
			if known > 0 {
				starts = w.s.boundaries(m, text[pos:], known)
			}
			if starts == 0 {
				pos = w.alone(text, pos, known, s)
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

// look sets the masks to the window at text[pos] and returns how many of its bytes
// are known; less than 0 if the text ends too soon.
func (w *windows) look(text []byte, pos int, s *Scratch) int {
	if pos+64 > s.from+s.size {
		blocks := min(maskBytes, len(text)-wideRoom-pos) / 64
		if blocks <= 0 {
			return -1
		}
		w.t.fill(text[pos:], blocks, &s.bits)
		s.from, s.size = pos, 64*blocks
	}
	m := &s.masks
	known := s.bits.at(pos-s.from, m)
	if m[notASCIIs]|m[cutClass] == 0 {
		m[insides] = 0
		return known
	}
	return w.t.fillOthers(text, pos, known, m)
}

// alone ends the pretoken that begins at text[pos], whose window, of so many known
// bytes, shows no end. Where there are but letters of a run behind its first
// character, the windows that follow are looked at for the end of the run.
func (w *windows) alone(text []byte, pos, known int, s *Scratch) int {
	m := &s.masks
	first := 1 + bits.TrailingZeros64(^(m[insides] >> 1))
	for at := pos; first < known; first = 0 {
		run, more := w.s.runs(m)
		n := bits.TrailingZeros64(^run >> first << first)
		if n < known {
			if at == pos || more>>n&1 != 0 {
				break
			}
			return at + n
		}
		if known < leastWindow { // a character of cutClass is next
			break
		}
		at += 63 - bits.LeadingZeros64(^m[insides]&(1<<known-1)) // a character may not be there whole
		if known = w.look(text, at, s); known < 0 {
			break
		}
	}
	return w.s.next(text, pos)
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
	return &windows{s, t, simd.Width() > 0}
}
