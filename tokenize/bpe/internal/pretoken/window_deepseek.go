package pretoken

import (
	"math/bits"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// Masks of DeepSeek-Coder and DeepSeek-LLM.
const (
	dLetter  = iota
	dPunct   // what the punctuation Split takes
	dWhite   // white space of ASCII
	dNewline // CR and LF
	dCJK     // what the CJK Split takes
	dNumber  // of ASCII
)

// deepseekSets are those masks. White space and numbers beyond ASCII end a
// window, as do characters of the CJK Split that none of the others takes; with
// trailing also what is left beside blanks and CJK, for \s+$ looks at whether
// that stands before white space.
func deepseekSets(t *charset.Tables, letters, punct, cjk charset.Set, trailing bool) map[uint8]charset.Set {
	ascii := charset.Set{{Lo: 0, Hi: 0x7f}}
	var cut charset.Set
	if trailing {
		// Fullwidth letters are letters and punctuation.
		odd := letters.Minus(letters.Minus(punct)).Minus(ascii)
		cut = charset.Union(charset.Union(letters, punct, cjk, t.Space, t.Digits).Complement(), odd)
	} else {
		cut = cjk.Minus(charset.Union(letters, punct))
	}
	return map[uint8]charset.Set{
		1 << dLetter: letters, 1 << dPunct: punct, 1 << dWhite: t.Space.Minus(beyondASCII), 1 << dNewline: newlines, 1 << dCJK: cjk,
		1 << dNumber:  {{Lo: '0', Hi: '9'}},
		1 << cutClass: charset.Union(cut, charset.Union(t.Space, t.Digits).Minus(ascii))}
}

func (s *deepseek) boundaries(m *masks, _ []byte, known int) uint64 {
	letter, newline, cjk, number := m[dLetter], m[dNewline], m[dCJK], m[dNumber]
	blank, punct := m[dWhite]&^newline, m[dPunct]&^letter
	last := lastChange(known, letter|number, punct|number, newline)
	starts := newline | newline<<1 | number | number<<1 |
		(begins(letter)|begins(punct))&^(blank<<1&^cjk) | blank&((letter|punct)>>1) |
		begins(^(letter | punct | number | newline)) | (cjk ^ cjk<<1)
	if s.trailing {
		starts |= (m[dPunct] ^ m[dPunct]<<1) & letter & (letter << 1)
	}
	return starts&upTo(last) | number&upTo(known-1)
}

func (s *deepseek) runs(m *masks) (run, more uint64) {
	run = m[dLetter] & m[dCJK]
	return run & -(run & 1), 0
}

func (s *deepseekV3) runs(m *masks) (run, more uint64) { return m[mCJK], 0 }

// deepSeekV3Sets are the masks of DeepSeek-V3, named as cl100k's.
func deepSeekV3Sets(t *charset.Tables, letters, symbols, cjk charset.Set) map[uint8]charset.Set {
	words := cjk.Minus(cjk.Minus(letters)) // the others of cjk end a window
	sets := letterSets(t, letters.Minus(cjk))
	sets[1<<mCJK] = words
	sets[1<<cutClass] = charset.Union(sets[1<<cutClass], cjk.Minus(letters),
		charset.Union(letters, symbols, t.Space, t.Digits).Complement())
	return sets
}

func (s *deepseekV3) boundaries(m *masks, _ []byte, known int) uint64 {
	letter, number, white, newline, cjk := m[mLetter], m[mNumber], m[mWhite], m[mNewline], m[mCJK]
	symbol := ^(letter | number | white | cjk)
	last := lastChange(known, letter|cjk, number|cjk, white)
	newline &= newline + newline&(symbol<<1) // symbols take the newlines behind them
	taken := m[mNewline] &^ newline

	lead := begins(symbol) &^ (m[mSpace] << 1)
	prefix, ascii := lead&^m[notASCIIs], letter&^m[notASCIIs]
	starts := begins(letter)&^(ascii&(prefix<<1))&^((white&^m[mNewline])<<1) | lead | threes(number) | begins(cjk) |
		whites(white&^taken, newline, ^((white|number|cjk)>>1))
	for x := letter & m[notASCIIs] & (ascii << 1); x != 0; x &= x - 1 {
		// A symbol takes letters of ASCII only.
		i := bits.TrailingZeros64(x)
		if from := 64 - bits.LeadingZeros64(^ascii&(1<<i-1)); prefix<<1>>from&1 != 0 {
			starts |= 1 << i
		}
	}
	return starts&upTo(last) | number&starts&upTo(known-1)
}
