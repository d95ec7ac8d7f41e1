package charset

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// unicode16 is the general category of every code point in Unicode 16.0, the
// version both reference libraries use (tiktoken 0.14 and tokenizers 0.23,
// probed code point by code point): one line "first code point, category" per
// run. Go's own tables are another version and change with the toolchain, so
// they are not used.
//
//go:embed unicode16.txt
var unicode16 string

// Tables hold the character sets the patterns speak of, by category.
type Tables struct {
	Category map[string]Set // "Lu", and "L" for the union of all L*
	Space    Set            // \s, the property White_Space
	Digits   Set            // Digits: Rust's char::is_numeric, N of Unicode 17
	Punct    Set            // Punctuation: ASCII and P of Unicode 8
}

// LoadTables reads the embedded table.
func LoadTables() (*Tables, error) {
	t := &Tables{Category: map[string]Set{}}
	byCat := map[string][]Range{}
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
			r := Range{last, rune(at) - 1}
			byCat[cat] = append(byCat[cat], r)
			byCat[cat[:1]] = append(byCat[cat[:1]], r)
		}
		last, cat = rune(at), next
	}
	for c, ranges := range byCat {
		t.Category[c] = NewSet(ranges)
	}
	t.Space = Set{{0x9, 0xd}, {0x20, 0x20}, {0x85, 0x85}, {0xa0, 0xa0}, {0x1680, 0x1680}, {0x2000, 0x200a},
		{0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}}
	t.Digits = Union(t.Category["N"], Set{{0x11de0, 0x11de9}, {0x16ff4, 0x16ff6}})
	asciiPunct := Set{{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}
	t.Punct = Union(t.Category["P"].Minus(punctSince9()), asciiPunct, Set{{0x166d, 0x166d}, {0x111c9, 0x111c9}})
	return t, nil
}

// punctSince9 is what became category P after Unicode 8: the Punctuation
// pre-tokenizer of the reference uses tables of that age.
func punctSince9() Set {
	return Set{{0x61d, 0x61d}, {0x9fd, 0x9fd}, {0xa76, 0xa76}, {0xc77, 0xc77}, {0xc84, 0xc84},
		{0x1b4e, 0x1b4f}, {0x1b7d, 0x1b7f}, {0x2e43, 0x2e4f}, {0x2e52, 0x2e5d}, {0x10d6e, 0x10d6e},
		{0x10ead, 0x10ead}, {0x10f55, 0x10f59}, {0x10f86, 0x10f89}, {0x113d4, 0x113d5}, {0x113d7, 0x113d8},
		{0x1144b, 0x1144f}, {0x1145a, 0x1145b}, {0x1145d, 0x1145d}, {0x11660, 0x1166c}, {0x116b9, 0x116b9},
		{0x1183b, 0x1183b}, {0x11944, 0x11946}, {0x119e2, 0x119e2}, {0x11a3f, 0x11a46}, {0x11a9a, 0x11a9c},
		{0x11a9e, 0x11aa2}, {0x11b00, 0x11b09}, {0x11be1, 0x11be1}, {0x11c41, 0x11c45}, {0x11c70, 0x11c71},
		{0x11ef7, 0x11ef8}, {0x11f43, 0x11f4f}, {0x11fff, 0x11fff}, {0x12ff1, 0x12ff2}, {0x16d6d, 0x16d6f},
		{0x16e97, 0x16e9a}, {0x16fe2, 0x16fe2}, {0x1e5ff, 0x1e5ff}, {0x1e95e, 0x1e95f}}
}

// Word is \w as Rust's regular expressions have it: Alphabetic, marks, decimal
// digits, connector punctuation, joiners. Alphabetic are, besides letters and
// marks, letter numbers and the circled and squared Latin letters.
func (t *Tables) Word() Set {
	return Union(slices.Concat(t.Category["L"], t.Category["M"], t.Category["Nd"], t.Category["Nl"], t.Category["Pc"],
		Set{{0x200c, 0x200d}, {0x24b6, 0x24e9}, {0x1f130, 0x1f149}, {0x1f150, 0x1f169}, {0x1f170, 0x1f189}}))
}
