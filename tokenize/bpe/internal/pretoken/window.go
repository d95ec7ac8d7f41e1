package pretoken

import (
	"math/bits"

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
				pos = w.single(text, pos, known, s)
				ends[n] = pos
				n++
				continue
			}
			w.t.positions(starts, pos, (*[64]int)(ends[n:]))
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

// single ends the pretoken that begins at text[pos], whose window, of so many known
// bytes, shows no end. Where there are but letters of a run behind its first
// character, the windows that follow are looked at for the end of the run.
func (w *windows) single(text []byte, pos, known int, s *Scratch) int {
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

// newWindows makes the scanner of s, by vectors where the machine has them.
func newWindows(s windowScanner, t *maskTable) *windows {
	return &windows{s, t, simd.Width() > 0}
}
