package bpe

import (
	"unicode"
	"unicode/utf8"
)

// classes maps a code point to a scanner's own bit set of character classes,
// in two table look-ups; ASCII takes one.
type classes struct {
	ascii  [256]uint8 // bytes from 0x80, whose characters are looked up, hold notASCII
	index  [(unicode.MaxRune + 1) >> 8]uint16
	blocks [][256]uint8
}

// notASCII is a class bit that no scanner uses.
const notASCII = 1 << 7

// newClasses gives each code point the union of the bits whose sets hold it.
func newClasses(sets map[uint8]runeSet) *classes {
	flat := make([]uint8, unicode.MaxRune+1)
	for bit, set := range sets {
		for _, r := range set {
			for c := r.lo; c <= r.hi; c++ {
				flat[c] |= bit
			}
		}
	}
	t := new(classes)
	copy(t.ascii[:], flat[:0x80])
	for b := utf8.RuneSelf; b < 256; b++ {
		t.ascii[b] = notASCII
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
func (t *classes) At(text []byte, i int) (class uint8, size int) {
	if c := t.ascii[text[i]]; c != notASCII {
		return c, 1
	}
	return t.wide(text, i)
}

// of is the class of a character.
func (t *classes) of(r rune) uint8 { return t.blocks[t.index[r>>8]][r&255] }

func (t *classes) wide(text []byte, i int) (class uint8, size int) {
	r, size := decodeRune(text[i:])
	return t.of(r), size
}

// decodeRune is utf8.DecodeRune, sooner done with three bytes, most of them in
// Chinese, Japanese and Korean, and with two.
func decodeRune(text []byte) (rune, int) {
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

// runeStart is the last place up to i at which a character begins, at least 0.
func runeStart(text []byte, i int) int {
	for i > 0 && i < len(text) && !utf8.RuneStart(text[i]) {
		i--
	}
	return max(0, i)
}

// run is the end of the characters from text[i] on that share a bit with want.
func (t *classes) run(text []byte, i int, want uint8) int {
	for {
		for i < len(text) && t.ascii[text[i]]&want != 0 {
			i++
		}
		if i >= len(text) || text[i] < utf8.RuneSelf {
			return i
		}
		c, n := t.wide(text, i)
		if c&want == 0 {
			return i
		}
		i += n
	}
}

// runOf is the end of the characters from text[i] on whose class, of the bits in
// mask, is want.
func (t *classes) runOf(text []byte, i int, mask, want uint8) int {
	for {
		for i < len(text) && t.ascii[text[i]]&(mask|notASCII) == want {
			i++
		}
		if i >= len(text) || text[i] < utf8.RuneSelf {
			return i
		}
		c, n := t.wide(text, i)
		if c&mask != want {
			return i
		}
		i += n
	}
}
