package bpe

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unicode16 is the general category of every code point in Unicode 16.0, the
// version both reference libraries use (tiktoken 0.14 and tokenizers 0.23,
// probed code point by code point): one line "first code point, category" per
// run. Go's own tables are another version and change with the toolchain, so
// they are not used.
//
//go:embed unicode16.txt
var unicode16 string

// A runeRange holds the code points lo to hi, both included.
type runeRange struct{ lo, hi rune }

// A runeSet is sorted and holds no overlapping or touching ranges.
type runeSet []runeRange

// normalize sorts and joins ranges into a set.
func normalize(ranges []runeRange) runeSet {
	slices.SortFunc(ranges, func(a, b runeRange) int { return int(a.lo - b.lo) })
	var set runeSet
	for _, r := range ranges {
		if n := len(set); n > 0 && r.lo <= set[n-1].hi+1 {
			set[n-1].hi = max(set[n-1].hi, r.hi)
		} else {
			set = append(set, r)
		}
	}
	return set
}

func union(sets ...runeSet) runeSet { return normalize(slices.Concat(sets...)) }

func (s runeSet) complement() runeSet {
	var out runeSet
	next := rune(0)
	for _, r := range s {
		if r.lo > next {
			out = append(out, runeRange{next, r.lo - 1})
		}
		next = r.hi + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, runeRange{next, unicode.MaxRune})
	}
	return out
}

func (s runeSet) minus(t runeSet) runeSet {
	return union(s.complement(), t).complement()
}

func (s runeSet) has(r rune) bool {
	i, found := slices.BinarySearchFunc(s, r, func(e runeRange, r rune) int { return int(e.lo - r) })
	return found || i > 0 && s[i-1].hi >= r
}

// A charTables holds the character sets the patterns speak of, by category.
type charTables struct {
	cat        map[string]runeSet // "Lu", and "L" for the union of all L*
	space      runeSet            // \s, the property White_Space
	digits     runeSet            // Digits: Rust's char::is_numeric, N of Unicode 17
	punct      runeSet            // Punctuation: ASCII and P of Unicode 8
	asciiPunct runeSet
}

func loadCharTables() (*charTables, error) {
	t := &charTables{cat: map[string]runeSet{}}
	byCat := map[string][]runeRange{}
	var last rune
	var cat string
	lines := strings.Split(strings.TrimSuffix(unicode16, "\n"), "\n")
	for _, line := range append(lines, fmt.Sprintf("%X end", unicode.MaxRune+1)) {
		hex, next, ok := strings.Cut(line, " ")
		at, err := strconv.ParseInt(hex, 16, 32)
		if !ok || err != nil {
			return nil, fmt.Errorf("embedded Unicode table: line %q", line)
		}
		if cat != "" {
			r := runeRange{last, rune(at) - 1}
			byCat[cat] = append(byCat[cat], r)
			byCat[cat[:1]] = append(byCat[cat[:1]], r)
		}
		last, cat = rune(at), next
	}
	for c, ranges := range byCat {
		t.cat[c] = normalize(ranges)
	}
	t.space = runeSet{{0x9, 0xd}, {0x20, 0x20}, {0x85, 0x85}, {0xa0, 0xa0}, {0x1680, 0x1680}, {0x2000, 0x200a},
		{0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}}
	t.digits = union(t.cat["N"], runeSet{{0x11de0, 0x11de9}, {0x16ff4, 0x16ff6}})
	t.asciiPunct = runeSet{{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}
	t.punct = union(t.cat["P"].minus(punctSince9()), t.asciiPunct, runeSet{{0x166d, 0x166d}, {0x111c9, 0x111c9}})
	return t, nil
}

// punctSince9 is what became category P after Unicode 8: the Punctuation
// pre-tokenizer of the reference uses tables of that age.
func punctSince9() runeSet {
	return runeSet{{0x61d, 0x61d}, {0x9fd, 0x9fd}, {0xa76, 0xa76}, {0xc77, 0xc77}, {0xc84, 0xc84},
		{0x1b4e, 0x1b4f}, {0x1b7d, 0x1b7f}, {0x2e43, 0x2e4f}, {0x2e52, 0x2e5d}, {0x10d6e, 0x10d6e},
		{0x10ead, 0x10ead}, {0x10f55, 0x10f59}, {0x10f86, 0x10f89}, {0x113d4, 0x113d5}, {0x113d7, 0x113d8},
		{0x1144b, 0x1144f}, {0x1145a, 0x1145b}, {0x1145d, 0x1145d}, {0x11660, 0x1166c}, {0x116b9, 0x116b9},
		{0x1183b, 0x1183b}, {0x11944, 0x11946}, {0x119e2, 0x119e2}, {0x11a3f, 0x11a46}, {0x11a9a, 0x11a9c},
		{0x11a9e, 0x11aa2}, {0x11b00, 0x11b09}, {0x11be1, 0x11be1}, {0x11c41, 0x11c45}, {0x11c70, 0x11c71},
		{0x11ef7, 0x11ef8}, {0x11f43, 0x11f4f}, {0x11fff, 0x11fff}, {0x12ff1, 0x12ff2}, {0x16d6d, 0x16d6f},
		{0x16e97, 0x16e9a}, {0x16fe2, 0x16fe2}, {0x1e5ff, 0x1e5ff}, {0x1e95e, 0x1e95f}}
}

// word is \w as Rust's regular expressions have it: Alphabetic, marks, decimal
// digits, connector punctuation, joiners. Alphabetic are, besides letters and
// marks, letter numbers and the circled and squared Latin letters.
func (t *charTables) word() runeSet {
	return union(slices.Concat(t.cat["L"], t.cat["M"], t.cat["Nd"], t.cat["Nl"], t.cat["Pc"],
		runeSet{{0x200c, 0x200d}, {0x24b6, 0x24e9}, {0x1f130, 0x1f149}, {0x1f150, 0x1f169}, {0x1f170, 0x1f189}}))
}

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

func (t *classes) wide(text []byte, i int) (class uint8, size int) {
	r, size := decodeRune(text[i:])
	return t.blocks[t.index[r>>8]][r&255], size
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
