package pretoken

import (
	"math/bits"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// gpt2 is the pattern of GPT-2, r50k and p50k,
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// and StarCoder's, the same after Digits(individual_digits).
type gpt2 struct {
	*charset.Classes
	digits bool // StarCoder: a number character stands alone and ends the text before it
}

// newGPT2 returns the scanner; digits is for StarCoder.
func newGPT2(t *charset.Tables, digits bool) *windows {
	number := t.Category["N"]
	if digits {
		number = t.Digits
	}
	s := &gpt2{charset.NewClasses(map[uint8]charset.Set{isLetter: t.Category["L"], isNumber: number, isSpace: t.Space}), digits}
	return newWindows(s, newMaskTable(letterSets(t, t.Category["L"])))
}

// next ends a contraction, a space with what it leads, white space, or a run of one kind.
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

// boundaries marks where each run begins, but for one with a space before it: there the
// space begins the pretoken. Of a run of white space the last character begins one, as
// \s+(?!\S) leaves it to what follows: in "a   b" the pretokens are a, two spaces, " b".
func (s *gpt2) boundaries(m *masks, text []byte, known int) uint64 {
	// space has the bytes behind spaces.
	letter, number, white, space := m[mLetter], m[mNumber], m[mWhite], m[mSpace]<<1
	symbol := ^(letter | number | white)
	last := lastChange(known, letter, number, white)
	lead := begins(symbol) &^ space
	starts := begins(letter)&^space | lead | begins(white)
	if s.digits {
		// A number ends the text before it: white space is not cut.
		starts |= number | white&^(white>>1)&^(number>>1)
	} else {
		starts |= begins(number)&^space | white&^(white>>1)
	}
	for x := lead & m[mQuote] & (letter >> 1); x != 0; x &= x - 1 {
		i := bits.TrailingZeros64(x)
		if n := contraction(text, i, false); n > 0 { // its letters begin nothing, what is behind it does
			starts = starts&^(2<<i) | 1<<(i+n)
		}
	}
	if s.digits {
		return starts&upTo(last) | number&upTo(known-1)
	}
	return starts & upTo(last)
}

func (s *gpt2) runs(m *masks) (run, more uint64) { return letterRuns(m), 0 }
