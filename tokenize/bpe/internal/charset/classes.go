package charset

import (
	"unicode"
	"unicode/utf8"
)

// Classes map a code point to a scanner's own bit set of character classes,
// in two table look-ups; ASCII takes one.
type Classes struct {
	ASCII  [256]uint8 // bytes from 0x80, whose characters are looked up, hold NotASCII
	index  [(unicode.MaxRune + 1) >> 8]uint16
	blocks [][256]uint8
}

// NotASCII is a class bit that no scanner uses.
const NotASCII = 1 << 7

// NewClasses gives each code point the union of the bits whose sets hold it.
func NewClasses(sets map[uint8]Set) *Classes {
	flat := make([]uint8, unicode.MaxRune+1)
	// In any order: a union.
	for bit, set := range sets {
		for _, r := range set {
			for c := r.Lo; c <= r.Hi; c++ {
				flat[c] |= bit
			}
		}
	}
	t := new(Classes)
	copy(t.ASCII[:], flat[:0x80])
	for b := utf8.RuneSelf; b < 256; b++ {
		t.ASCII[b] = NotASCII
	}
	seen := map[[256]uint8]uint16{}
	for i := range t.index {
		block := [256]uint8(flat[i<<8:])
		n, ok := seen[block]
		if !ok {
			n = uint16(len(t.blocks))
			seen[block] = n
			t.blocks = append(t.blocks, block)
		}
		t.index[i] = n
	}
	return t
}

// At is the class and length of the character at text[i]. A byte that is not
// valid UTF-8 counts as one U+FFFD.
func (t *Classes) At(text []byte, i int) (class uint8, size int) {
	if c := t.ASCII[text[i]]; c != NotASCII {
		return c, 1
	}
	return t.Wide(text, i)
}

// Of is the class of a character.
func (t *Classes) Of(r rune) uint8 { return t.blocks[t.index[r>>8]][r&255] }

// Wide is At for a character that is not ASCII.
func (t *Classes) Wide(text []byte, i int) (class uint8, size int) {
	r, size := DecodeRune(text[i:])
	return t.Of(r), size
}

// DecodeRune is utf8.DecodeRune, sooner done with three bytes, most of them in
// Chinese, Japanese and Korean, and with two.
func DecodeRune(text []byte) (rune, int) {
	if len(text) >= 3 && text[0]>>4 == 0xe && text[1]>>6 == 2 && text[2]>>6 == 2 {
		r := rune(text[0]&0xf)<<12 | rune(text[1]&0x3f)<<6 | rune(text[2]&0x3f)
		if r >= 0x800 && r>>11 != 0xd800>>11 {
			return r, 3
		}
	}
	if len(text) >= 2 && text[0]>>5 == 6 && text[1]>>6 == 2 {
		if r := rune(text[0]&0x1f)<<6 | rune(text[1]&0x3f); r >= 0x80 {
			return r, 2
		}
	}
	return utf8.DecodeRune(text)
}

// RuneStart is the last position up to i at which a character begins, at least 0.
func RuneStart(text []byte, i int) int {
	for i > 0 && i < len(text) && !utf8.RuneStart(text[i]) {
		i--
	}
	return max(0, i)
}

// Run is the end of the characters from text[i] on that share a bit with want.
func (t *Classes) Run(text []byte, i int, want uint8) int {
	for {
		for i < len(text) && t.ASCII[text[i]]&want != 0 {
			i++
		}
		if i >= len(text) || text[i] < utf8.RuneSelf {
			return i
		}
		c, n := t.Wide(text, i)
		if c&want == 0 {
			return i
		}
		i += n
	}
}

// RunOf is the end of the characters from text[i] on whose class, of the bits in
// mask, is want.
func (t *Classes) RunOf(text []byte, i int, mask, want uint8) int {
	for {
		for i < len(text) && t.ASCII[text[i]]&(mask|NotASCII) == want {
			i++
		}
		if i >= len(text) || text[i] < utf8.RuneSelf {
			return i
		}
		c, n := t.Wide(text, i)
		if c&mask != want {
			return i
		}
		i += n
	}
}
