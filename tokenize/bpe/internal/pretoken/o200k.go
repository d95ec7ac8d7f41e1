package pretoken

import (
	"math/bits"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// Class bits of o200k. Marks, modifier and other letters are both.
const (
	isUpper = 1 << 4 // [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]
	isLower = 1 << 5 // [\p{Ll}\p{Lm}\p{Lo}\p{M}]
)

// o200k is the pattern of o200k_base, whose alternatives are, with U and W the
// classes above and C = (?i:'s|'t|'re|'ve|'m|'ll|'d)?
//
//	[^\r\n\p{L}\p{N}]?U*W+C
//	[^\r\n\p{L}\p{N}]?U+W*C
//	\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
type o200k struct{ *charset.Classes }

func newO200K(t *charset.Tables) *windows {
	both := charset.Union(t.Category["Lm"], t.Category["Lo"], t.Category["M"])
	s := &o200k{charset.NewClasses(map[uint8]charset.Set{
		isLetter: t.Category["L"], isNumber: t.Category["N"], isSpace: t.Space, isNewline: newlines,
		isUpper: charset.Union(t.Category["Lu"], t.Category["Lt"], both), isLower: charset.Union(t.Category["Ll"], both)})}
	return newWindows(s, newMaskTable(o200kSets(t)))
}

// next tries the alternatives by the first character, and by the second where it may be
// the prefix of a word or the space before symbols.
func (s *o200k) next(text []byte, i int) int {
	c, n := s.ASCII[text[i]], 1
	if c == charset.NotASCII {
		c, n = s.Wide(text, i)
	}
	switch {
	case c&isLetter != 0:
		end, _ := s.word(text, i)
		return s.suffix(text, end)
	case c&isNumber != 0:
		return numbers(s.Classes, text, i+n, 3)
	case c&isNewline != 0:
		return spaces(s.Classes, text, i, true, 0)
	}
	j := i + n
	if j < len(text) {
		d, m := s.ASCII[text[j]], 1
		if d == charset.NotASCII {
			d, m = s.Wide(text, j)
		}
		switch {
		case d&(isUpper|isLower) != 0:
			return s.prefixed(text, j, c)
		case text[i] == ' ' && d&(isSpace|isNumber) == 0:
			return s.symbols(text, j+m)
		}
	}
	switch {
	case c&(isUpper|isLower) != 0: // a mark with no letter or mark after it
		return s.suffix(text, j)
	case c&isSpace != 0:
		return spaces(s.Classes, text, i, true, 0)
	}
	return s.symbols(text, j)
}

// prefixed ends the pretoken whose first character, of class c before text[j], may
// be the optional prefix of the word at text[j].
func (s *o200k) prefixed(text []byte, j int, c uint8) int {
	end, first := s.word(text, j)
	if !first && c&isLower != 0 {
		// A mark before capitals alone: the first alternative, without the
		// prefix, takes the mark and comes before the second with it.
		end = j
	}
	return s.suffix(text, end)
}

// word ends the word whose letters begin at text[i]; first tells that the first
// alternative, U*W+, matched. Of a run of U that no W follows, that one takes
// all up to the last character that is W as well: "HTTPServer" is HTTPServer as a whole
// (U* takes HTTPS, W+ takes erver), "XML" is the second alternative, and of 字A (字 is
// both) the first takes 字 alone.
func (s *o200k) word(text []byte, i int) (end int, first bool) {
	lastBoth := 0
	for i < len(text) {
		c, n := s.At(text, i)
		if c&isUpper == 0 {
			if c&isLower != 0 {
				return s.Run(text, i+n, isLower), true
			}
			break
		}
		i += n
		if c&isLower != 0 {
			lastBoth = i
		}
	}
	if lastBoth > 0 {
		return lastBoth, true
	}
	return i, false
}

// suffix adds a contraction to the word that ends at text[i].
func (s *o200k) suffix(text []byte, i int) int {
	if i < len(text) && text[i] == '\'' {
		i += contraction(text, i, true)
	}
	return i
}

// symbols ends [^\s\p{L}\p{N}]+[\r\n/]* of which one character is behind text[i].
func (s *o200k) symbols(text []byte, i int) int {
	i = s.RunOf(text, i, isSpace|isLetter|isNumber, 0)
	for i < len(text) && (text[i] == '\n' || text[i] == '\r' || text[i] == '/') {
		i++
	}
	return i
}

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

// boundaries is cl100k's with words that a capital ends: a capital behind a small letter
// begins a pretoken, as in camel|Case. What it cannot tell from the window it leaves
// unknown: marks that follow no letter, and capitals behind letters without case.
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
	// As in cl100k the sum carries through a run, from a newline behind a symbol on; the
	// bits that it changes are the run.
	ends, seeds := newline|slash, newline&(symbol<<1)
	taken := (ends+seeds^ends)&ends | seeds
	symbol &^= taken
	newline &^= taken

	lead := begins(symbol) &^ (space << 1)
	joins := first(lead, m[insides]) | white&^m[oUpper]
	starts := begins(letter)&^(joins<<1) | upper&((letter&^(upper|both))<<1) | lead | threes(number) |
		whites(white&^taken, newline, ^(white>>1))
	var forced uint64 // behind contractions
	// A contraction belongs to the word before it, so only a quote behind a letter is one.
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
