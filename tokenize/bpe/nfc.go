package bpe

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// nfcStarters are what the NFC of the tokenizers library, whose tables are older
// than those of golang.org/x/text (Unicode 15), neither reorders nor combines:
// marks that came into Unicode or got their combining class later, and U+11930,
// the second half of the one pair that composes since. Probed code point by code
// point with tokenizers 0.23.
func nfcStarters() runeSet {
	return runeSet{{0x7fd, 0x7fd}, {0x898, 0x89f}, {0x8ca, 0x8d3}, {0x9fe, 0x9fe}, {0xc3c, 0xc3c}, {0xd3b, 0xd3c},
		{0xeba, 0xeba}, {0x1715, 0x1715}, {0x1abf, 0x1ace}, {0x1df6, 0x1dfa}, {0xa82c, 0xa82c}, {0x10d24, 0x10d27},
		{0x10eab, 0x10eac}, {0x10efd, 0x10eff}, {0x10f46, 0x10f50}, {0x10f82, 0x10f85}, {0x11070, 0x11070},
		{0x1133b, 0x1133b}, {0x1145e, 0x1145e}, {0x11839, 0x1183a}, {0x11930, 0x11930}, {0x1193d, 0x1193e},
		{0x11943, 0x11943}, {0x119e0, 0x119e0}, {0x11a34, 0x11a34}, {0x11a47, 0x11a47}, {0x11a99, 0x11a99},
		{0x11d42, 0x11d42}, {0x11d44, 0x11d45}, {0x11d97, 0x11d97}, {0x11f41, 0x11f42}, {0x16ff0, 0x16ff1},
		{0x1e08f, 0x1e08f}, {0x1e130, 0x1e136}, {0x1e2ae, 0x1e2ae}, {0x1e2ec, 0x1e2ef}, {0x1e4ec, 0x1e4ef}}
}

// nfc normalizes text as the tokenizers library does: apart on either side of
// the characters that its tables know nothing of. Text that is normal by newer
// tables is normal by older ones, too, and is returned as it is.
func nfc(text []byte) []byte {
	if norm.NFC.IsNormal(text) {
		return text
	}
	starters := nfcStarters()
	var out []byte
	from := 0
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r >= utf8.RuneSelf && starters.has(r) {
			out = append(append(out, norm.NFC.Bytes(text[from:i])...), text[i:i+n]...)
			from = i + n
		}
		i += n
	}
	return append(out, norm.NFC.Bytes(text[from:])...)
}
