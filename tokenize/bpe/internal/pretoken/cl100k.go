package pretoken

import (
	"math/bits"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// cl100k is the pattern of cl100k_base and Llama 3,
//
//	(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//
// and of Qwen 2 and 2.5, with \p{N} for \p{N}{1,3}.
type cl100k struct {
	*charset.Classes
	digits int // the most number characters in a pretoken
}

// newCL100K returns the scanner; digits is 3 for cl100k, 1 for Qwen.
func newCL100K(t *charset.Tables, digits int) *windows {
	s := &cl100k{charset.NewClasses(map[uint8]charset.Set{
		isLetter: t.Category["L"], isNumber: t.Category["N"], isSpace: t.Space, isNewline: newlines}), digits}
	return newWindows(s, newMaskTable(letterSets(t, t.Category["L"])))
}

// next tries the alternatives by the first character, and where two may begin with it by
// the second: "!a" is a prefix with letters, "!=" is symbols.
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

// symbols ends [^\s\p{L}\p{N}]+[\r\n]* of which one character is behind text[i].
func (s *cl100k) symbols(text []byte, i int) int {
	i = s.RunOf(text, i, charset.NotASCII-1, 0)
	if i == len(text) || text[i] > '\r' {
		return i
	}
	return s.Run(text, i, isNewline)
}

// boundaries marks where each alternative begins. With the first byte at the left:
//
//	text    x!= 1234 y
//	lead    .1........  symbols with no space before them
//	joins   .1.1....1.  what takes the letters behind it along: "!a", " y"
//	starts  11.11..11.  x, !=, space, 123, 4, space and y
//
// The last pretoken is left out: what follows may belong to it.
func (s *cl100k) boundaries(m *masks, text []byte, known int) uint64 {
	letter, number, white, newline := m[mLetter], m[mNumber], m[mWhite], m[mNewline]
	symbol := ^(letter | number | white)
	lead := begins(symbol) &^ (m[mSpace] << 1)        // begins a pretoken
	joins := first(lead, m[insides]) | white&^newline // may be the character before letters
	last := lastChange(known, letter, number, white)
	// The sum carries through each run of newlines that stands behind a symbol, and so
	// clears it.
	newline &= newline + newline&(symbol<<1) // symbols take the newlines behind them
	taken := m[mNewline] &^ newline

	starts := begins(letter)&^(joins<<1) | lead | whites(white&^taken, newline, ^(white>>1))
	if s.digits == 1 {
		starts |= number
	} else {
		starts |= threes(number)
	}
	for x := lead & m[mQuote] & (letter >> 1); x != 0; x &= x - 1 {
		i := bits.TrailingZeros64(x)
		starts |= 1 << (i + contraction(text, i, true)) // where it is none, the quote's own bit
	}
	// How numbers are cut depends on what is before them alone, so that they are certain
	// to the last known byte.
	return starts&upTo(last) | number&starts&upTo(known-1)
}

func (s *cl100k) runs(m *masks) (run, more uint64) { return letterRuns(m), 0 }
