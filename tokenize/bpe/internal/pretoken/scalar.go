package pretoken

import (
	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// Class bits shared by the scanners; those above 1<<4 mean something else in
// each scanner and are defined beside it.
const (
	isLetter  = 1 << 0
	isNumber  = 1 << 1
	isSpace   = 1 << 2
	isNewline = 1 << 3 // CR and LF, which are isSpace too
)

var newlines = charset.Set{{Lo: '\n', Hi: '\n'}, {Lo: '\r', Hi: '\r'}}

// contraction is the length of 's 't 'm 'd 'll 've 're at text[i], which holds
// an apostrophe, or 0. With fold it is the regular expression's (?i:…) as Rust
// and Oniguruma fold it: capitals too, and U+017F (long s) for s.
func contraction(text []byte, i int, fold bool) int {
	if i+1 >= len(text) {
		return 0
	}
	var bit byte
	if fold {
		bit = 0x20
	}
	a := text[i+1] | bit
	switch a {
	case 's', 't', 'm', 'd':
		return 2
	case 'l', 'v', 'r':
		if i+2 < len(text) {
			b := text[i+2] | bit
			if a == 'l' && b == 'l' || a != 'l' && b == 'e' {
				return 3
			}
		}
	case 0xc5 | 0x20:
		if fold && text[i+1] == 0xc5 && i+2 < len(text) && text[i+2] == 0xbf {
			return 3
		}
	}
	return 0
}

// spaces ends the pretoken that begins with the white space at text[i], under
//
//	\s*[\r\n]+|\s+(?!\S)|\s+
//
// (the first alternative only with newline set). stop is a class that ends the
// text as far as the look-ahead sees, as earlier Splits do; 0 for none.
//
// The white space is scanned to its end, of which at least all but the part
// after the last newline is taken: a run is looked at twice, never more.
func spaces(t *charset.Classes, text []byte, i int, newline bool, stop uint8) int {
	start, last, afterNewline := i, i, 0
	var c uint8
	for i < len(text) {
		n := 1
		if c = t.ASCII[text[i]]; c == charset.NotASCII {
			c, n = t.Wide(text, i)
		}
		if c&isSpace == 0 {
			break
		}
		last = i
		i += n
		if c&isNewline != 0 {
			afterNewline = i
		}
	}
	switch {
	case newline && afterNewline > 0:
		return afterNewline
	case i == len(text) || c&stop != 0 || last == start:
		return i
	}
	return last
}

// numbers ends a run of number characters of which one is behind text[i].
func numbers(t *charset.Classes, text []byte, i, limit int) int {
	for k := 1; k < limit && i < len(text); k++ {
		c, n := t.At(text, i)
		if c&isNumber == 0 {
			break
		}
		i += n
	}
	return i
}
