package pretoken

import (
	"math/bits"

	"github.com/codemill/codemill/tokenize/bpe/internal/simd"
)

// The vector path cuts up to 64 bytes of text at a time: a window. A window begins
// where a pretoken begins. Nothing in front of it matters, as no pattern looks back.
//
// For each class of characters there is a mask, a word with a bit for every byte of
// the window. From the masks a scanner finds with a few dozen operations where
// pretokens begin. For cl100k and the window "if x != nil {" the mask of letters is
//
//	if x != nil {
//	11010000 1110000   (read from the left, the lowest bit first)
//
// Those pretokens are taken that the window shows whole, and the next window begins
// at the end of the last one. The scalar scanner takes one pretoken where the window
// shows none whole, at the end of the text, and at characters of cutClass.
//
// Where a window begins is known only when the one before it is done. So masks are
// made ahead, of 512 bytes in one go, and only shifted to where the window begins:
// no window waits for more than that.

// A windowScanner is a scanner with a vector path.
type windowScanner interface {
	// At is the class, by which the pattern tells characters apart, and the length
	// of the character at text[i].
	At(text []byte, i int) (class uint8, size int)
	// next ends the pretoken that begins at text[i]: the scalar scanner.
	next(text []byte, i int) int
	// boundaries has a bit where a pretoken begins in a window, but for its first
	// byte, as far as this is certain from the first known bytes.
	boundaries(m *masks, text []byte, known int) uint64
	// runs is for pretokens that are longer than a window, such as 300 letters in a
	// row. run has the bytes of letters that the pattern never cuts from one another:
	// a pretoken that has reached one of them takes all that follow it without a gap.
	// If the byte behind them is not in more the pretoken ends there. If it is, the
	// pretoken may go on, and the scalar scanner decides.
	//
	// In o200k letters without case are run, and those with case are more: あああ and a
	// full stop is cut before the full stop, but あああa is one pretoken.
	//
	// run is empty if the window begins with a character that the pattern may cut
	// from the letters behind it, such as an apostrophe: 'sss is 's and ss.
	runs(m *masks) (run, more uint64)
}

// windows drives a windowScanner.
type windows struct {
	s      windowScanner
	t      *maskTable
	vector bool
}

// windowEnds is the room for ends that a window takes.
const windowEnds = 64

// Room is the room for ends that one call of [Pretokenizer.Scan] is to have.
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

// single is the end of the pretoken that begins at text[pos], where the window shows
// none in its known bytes. If all behind the first character is a run the end is
// looked for in the windows that follow, else by the scalar scanner.
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
