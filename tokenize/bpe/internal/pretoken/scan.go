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

// gpt2 is the pattern of GPT-2, r50k and p50k,
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// and StarCoder's, the same after Digits(individual_digits).
type gpt2 struct {
	*charset.Classes
	digits bool // StarCoder: a number character stands alone and ends the text before it
}

func newGPT2(t *charset.Tables, digits bool) *windows {
	number := t.Category["N"]
	if digits {
		number = t.Digits
	}
	s := &gpt2{charset.NewClasses(map[uint8]charset.Set{isLetter: t.Category["L"], isNumber: number, isSpace: t.Space}), digits}
	return newWindows(s, newMaskTable(letterSets(t, t.Category["L"])))
}

func (s *gpt2) next(text []byte, i int) int {
	c, n := s.ASCII[text[i]], 1
	if c == charset.NotASCII {
		c, n = s.Wide(text, i)
	}
	switch text[i] {
	case '\'':
		if k := contraction(text, i, false); k > 0 {
			return i + k
		}
	case ' ':
		if i+1 < len(text) {
			if d, m := s.At(text, i+1); d&isSpace == 0 && (d&isNumber == 0 || !s.digits) {
				return s.word(text, i+1+m, d)
			}
		}
	}
	switch {
	case c&isSpace != 0 && s.digits:
		return spaces(s.Classes, text, i, false, isNumber)
	case c&isSpace != 0:
		return spaces(s.Classes, text, i, false, 0)
	case c&isNumber != 0 && s.digits:
		return i + n
	}
	return s.word(text, i+n, c)
}

// word ends the run of letters, of numbers or of neither that has begun with a
// character of class c.
func (s *gpt2) word(text []byte, i int, c uint8) int {
	return s.RunOf(text, i, charset.NotASCII-1, c)
}

// cl100k is the pattern of cl100k_base and Llama 3,
//
//	(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//
// and of Qwen 2 and 2.5, with \p{N} for \p{N}{1,3}.
type cl100k struct {
	*charset.Classes
	digits int // the most number characters in a pretoken
}

func newCL100K(t *charset.Tables, digits int) *windows {
	s := &cl100k{charset.NewClasses(map[uint8]charset.Set{
		isLetter: t.Category["L"], isNumber: t.Category["N"], isSpace: t.Space, isNewline: newlines}), digits}
	return newWindows(s, newMaskTable(letterSets(t, t.Category["L"])))
}

func (s *cl100k) next(text []byte, i int) int {
	c, n := s.ASCII[text[i]], 1
	if c == charset.NotASCII {
		c, n = s.Wide(text, i)
	}
	switch {
	case c&isLetter != 0:
		return s.Run(text, i+n, isLetter)
	case c&isNumber != 0:
		return numbers(s.Classes, text, i+n, s.digits)
	case c&isNewline != 0:
		return spaces(s.Classes, text, i, true, 0)
	}
	if text[i] == '\'' {
		if k := contraction(text, i, true); k > 0 {
			return i + k
		}
	}
	j := i + n
	if j < len(text) {
		d, m := s.ASCII[text[j]], 1
		if d == charset.NotASCII {
			d, m = s.Wide(text, j)
		}
		switch {
		case d&isLetter != 0:
			return s.Run(text, j+m, isLetter)
		case text[i] == ' ' && d == 0:
			return s.symbols(text, j+m)
		}
	}
	if c&isSpace != 0 {
		return spaces(s.Classes, text, i, true, 0)
	}
	return s.symbols(text, j)
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

// symbols ends [^\s\p{L}\p{N}]+[\r\n]* of which one character is behind text[i].
func (s *cl100k) symbols(text []byte, i int) int {
	i = s.RunOf(text, i, charset.NotASCII-1, 0)
	if i == len(text) || text[i] > '\r' {
		return i
	}
	return s.Run(text, i, isNewline)
}
