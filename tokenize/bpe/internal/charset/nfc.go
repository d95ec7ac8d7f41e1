package charset

import (
	"encoding/binary"
	"slices"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// nfcStarters are what the NFC of the tokenizers library, whose tables are older
// than those of golang.org/x/text (Unicode 15), neither reorders nor combines:
// marks that came into Unicode or got their combining class later, and U+11930,
// the second half of the one pair that composes since. Probed code point by code
// point with tokenizers 0.23.
var nfcStarters = Set{{0x7fd, 0x7fd}, {0x898, 0x89f}, {0x8ca, 0x8d3}, {0x9fe, 0x9fe}, {0xc3c, 0xc3c}, {0xd3b, 0xd3c},
	{0xeba, 0xeba}, {0x1715, 0x1715}, {0x1abf, 0x1ace}, {0x1df6, 0x1dfa}, {0xa82c, 0xa82c}, {0x10d24, 0x10d27},
	{0x10eab, 0x10eac}, {0x10efd, 0x10eff}, {0x10f46, 0x10f50}, {0x10f82, 0x10f85}, {0x11070, 0x11070},
	{0x1133b, 0x1133b}, {0x1145e, 0x1145e}, {0x11839, 0x1183a}, {0x11930, 0x11930}, {0x1193d, 0x1193e},
	{0x11943, 0x11943}, {0x119e0, 0x119e0}, {0x11a34, 0x11a34}, {0x11a47, 0x11a47}, {0x11a99, 0x11a99},
	{0x11d42, 0x11d42}, {0x11d44, 0x11d45}, {0x11d97, 0x11d97}, {0x11f41, 0x11f42}, {0x16ff0, 0x16ff1},
	{0x1e08f, 0x1e08f}, {0x1e130, 0x1e136}, {0x1e2ae, 0x1e2ae}, {0x1e2ec, 0x1e2ef}, {0x1e4ec, 0x1e4ef}}

// NFC normalizes text as the tokenizers library does; text that is normal is
// returned as it is.
func NFC(text []byte) []byte { return NFCChanges(text, nil) }

// NFCChanges is NFC; changed, if there is one, is told of each change and where
// what comes of it begins in the result.
func NFCChanges(text []byte, changed func(c Change, at int)) []byte {
	var out []byte
	done := 0
	for {
		c := nextChange(text, done)
		if c.From == len(text) && done == 0 {
			return text
		}
		out = append(out, text[done:c.From]...)
		if c.From == len(text) {
			return out
		}
		if changed != nil {
			changed(c, len(out))
		}
		out = append(out, c.Normal...)
		done = c.To
	}
}

// A Change is a stretch of text[from:to], whole combining sequences, that is not
// normal, and what it becomes.
type Change struct {
	From, To int
	Normal   []byte
}

// nextChange is the first change behind pos, a boundary; from and to are the
// text's length if there is none.
//
// Text that is normal by newer tables is normal by older ones, too, and a
// boundary by the newer tables is one by the older. Long texts are so normalized
// sequence by sequence, in time proportional to their length.
func nextChange(text []byte, pos int) Change {
	for pos < len(text) {
		if pos += plainSpan(text[pos:]); pos >= len(text) {
			break
		}
		to := pos + sequence(text[pos:])
		if s := text[pos:to]; !norm.NFC.IsNormal(s) {
			if normal := normalSequence(s); string(normal) != string(s) {
				return Change{pos, to, normal}
			}
		}
		pos = to
	}
	return Change{len(text), len(text), nil}
}

// plainSpan is the length of a beginning of text, up to its end or a boundary, in
// which no character is changed, reordered or combined with another. It is norm's
// QuickSpan in a fraction of the time.
func plainSpan(text []byte) int {
	plain := plainChars()
	last := 0
	for i := 0; i < len(text); {
		for i+8 <= len(text) && binary.LittleEndian.Uint64(text[i:])&0x8080808080808080 == 0 {
			i += 8
			last = i - 1
		}
		if i == len(text) {
			break
		}
		class, n := plain.At(text, i)
		if class == 0 {
			return last // which may combine with the last one
		}
		last = i
		i += n
	}
	return len(text)
}

// plainChars are, by class 1, the characters that no normalization changes and
// that nothing before them combines with, of the first three planes.
var plainChars = sync.OnceValue(func() *Classes {
	var plain []Range
	for r := rune(0); r < 0x30000; r++ {
		if s := string(r); r != utf8.RuneError && norm.NFC.PropertiesString(s).BoundaryBefore() && norm.NFC.IsNormalString(s) {
			plain = append(plain, Range{r, r})
		}
	}
	return NewClasses(map[uint8]Set{1: NewSet(plain)})
})

// sequence is the length of the first combining sequence of text: up to the next
// character that nothing before it reorders or combines with.
func sequence(text []byte) int {
	_, i := utf8.DecodeRune(text)
	for i < len(text) && !Boundary(text[i:]) {
		_, n := utf8.DecodeRune(text[i:])
		i += n
	}
	return i
}

// Boundary tells that text, not empty, begins with a character that no
// normalization joins with one before it.
func Boundary(text []byte) bool {
	return text[0] < utf8.RuneSelf || norm.NFC.Properties(text).BoundaryBefore()
}

// normalSequence normalizes one combining sequence. norm itself does only what
// needs no care: it would insert U+034F into more than 30 marks in a row, and
// knows the characters of nfcStarters.
func normalSequence(text []byte) []byte {
	if !needsCare(text) {
		return norm.NFC.Bytes(text)
	}
	chars := decompose(text)
	for i := 0; i < len(chars); {
		from := i
		for i < len(chars) && chars[i].class != 0 {
			i++
		}
		slices.SortStableFunc(chars[from:i], func(a, b nfdChar) int { return int(a.class) - int(b.class) })
		i = max(i, from+1)
	}
	return combine(chars)
}

func needsCare(text []byte) bool {
	n := 0
	for i := 0; i < len(text); n++ {
		r, size := utf8.DecodeRune(text[i:])
		if n == 20 || r == utf8.RuneError || r == 0x11938 || nfcStarters.Has(r) {
			return true
		}
		i += size
	}
	return false
}

// An nfdChar is a character of decomposed text. One that nothing before it
// combines with is fixed.
type nfdChar struct {
	r     rune
	class uint8 // canonical combining class
	fixed bool
}

func decompose(text []byte) []nfdChar {
	chars := make([]nfdChar, 0, len(text))
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r < 0xc0 || r == 0x11938 || nfcStarters.Has(r):
			chars = append(chars, nfdChar{r, 0, true})
		case r == utf8.RuneError && n == 1:
			chars = append(chars, nfdChar{-1 - rune(text[i]), 0, true}) // the byte stays
		default:
			for _, d := range norm.NFD.String(string(r)) {
				chars = append(chars, nfdChar{d, norm.NFD.PropertiesString(string(d)).CCC(), false})
			}
		}
		i += n
	}
	return chars
}

// combine is the canonical composition of ordered characters.
func combine(chars []nfdChar) []byte {
	starter := -1 // of the characters kept, the last of class 0
	kept := chars[:0]
	for _, c := range chars {
		if starter >= 0 && !c.fixed {
			last := kept[len(kept)-1]
			if adjacent := starter == len(kept)-1; adjacent || last.class != 0 && last.class < c.class {
				if r, ok := combined(kept[starter].r, c.r); ok {
					kept[starter].r = r
					continue
				}
			}
		}
		if c.class == 0 {
			starter = len(kept)
		}
		kept = append(kept, c)
	}
	var out []byte
	for _, c := range kept {
		if c.r < 0 {
			out = append(out, byte(-1-c.r))
		} else {
			out = utf8.AppendRune(out, c.r)
		}
	}
	return out
}

// combined is the character that a and b combine to.
func combined(a, b rune) (rune, bool) {
	if a < 0 || b < 0x300 {
		return 0, false
	}
	s := norm.NFC.String(string(a) + string(b))
	r, n := utf8.DecodeRuneInString(s)
	return r, n == len(s)
}
