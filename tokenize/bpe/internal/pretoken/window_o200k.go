package pretoken

import (
	"math/bits"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// Masks of o200k. Those of ASCII that a letter cannot be mean something else in
// other characters: white space with oUpper is a newline and with oBoth the
// space character, a symbol with oUpper is the slash and with oBoth the
// apostrophe, or a mark if it is not of ASCII.
const (
	oLetter = iota
	oUpper  // [\p{Lu}\p{Lt}]
	oBoth   // [\p{Lm}\p{Lo}\p{M}]
	oNumber // of ASCII
	oWhite  // white space of ASCII
)

// o200kSets are those masks. Numbers and white space beyond ASCII end a window.
func o200kSets(t *charset.Tables) map[uint8]charset.Set {
	return map[uint8]charset.Set{
		1 << oLetter:  t.Category["L"],
		1 << oUpper:   charset.Union(t.Category["Lu"], t.Category["Lt"], newlines, charset.Set{{Lo: '/', Hi: '/'}}),
		1 << oBoth:    charset.Union(t.Category["Lm"], t.Category["Lo"], t.Category["M"], charset.Set{{Lo: ' ', Hi: ' '}, {Lo: '\'', Hi: '\''}}),
		1 << oNumber:  {{Lo: '0', Hi: '9'}},
		1 << oWhite:   t.Space.Minus(beyondASCII),
		1 << cutClass: charset.Union(t.Category["N"], t.Space).Minus(charset.Set{{Lo: 0, Hi: 0x7f}}),
	}
}

func (s *o200k) boundaries(m *masks, text []byte, known int) uint64 {
	letter, number, white := m[oLetter], m[oNumber], m[oWhite]
	if marks := m[oBoth] & m[notASCIIs] &^ letter; marks != 0 {
		// Behind letters they are letters, elsewhere they end the window.
		others := marks & (marks + marks&(letter<<1))
		letter |= marks &^ others
		if known = min(known, bits.TrailingZeros64(others)); known == 0 {
			return 0
		}
	}
	upper, both := m[oUpper]&letter, m[oBoth]&letter
	newline, space := m[oUpper]&white, m[oBoth]&white
	symbol := ^(letter | number | white)
	slash, quote := m[oUpper]&symbol, m[oBoth]&symbol
	if capital := upper & (both << 1); capital != 0 {
		// Whether it belongs to the word depends on what the word was and will be.
		known = min(known, bits.TrailingZeros64(capital))
	}
	last := lastChange(known, letter, number, white)
	// Symbols take the newlines behind them, and the slashes behind those.
	ends, seeds := newline|slash, newline&(symbol<<1)
	taken := (ends+seeds^ends)&ends | seeds
	symbol &^= taken
	newline &^= taken

	lead := begins(symbol) &^ (space << 1)
	joins := first(lead, m[insides]) | white&^m[oUpper]
	starts := begins(letter)&^(joins<<1) | upper&((letter&^(upper|both))<<1) | lead | threes(number) |
		whites(white&^taken, newline, ^(white>>1))
	var forced uint64 // behind contractions
	for x := quote & lead & (letter << 1); x != 0; x &= x - 1 {
		i := bits.TrailingZeros64(x)
		if n := contraction(text, i, true); n > 0 && forced>>i&1 == 0 {
			forced = 1 << (i + n)
			starts = starts&^((1<<n-1)<<i) | forced
		}
	}
	return starts&upTo(last) | number&starts&upTo(known-1)
}

func (s *o200k) runs(m *masks) (run, more uint64) {
	run = m[oLetter] & m[oBoth]
	return run, (m[oLetter] | m[oBoth]) &^ run &^ m[oWhite]
}
