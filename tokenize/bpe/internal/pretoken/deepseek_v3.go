package pretoken

import (
	"math/bits"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// Class bits of DeepSeek-V3, beside isNumber, isSpace, isNewline and isCJK.
const (
	isWord   = 1 << 0 // [\p{L}\p{M}]
	isSymbol = 1 << 4 // [\p{P}\p{S}]
	isPrefix = 1 << 6 // [^\r\n\p{L}\p{P}\p{S}]
)

// deepseekV3 is the pre-tokenizer of DeepSeek-V3 and R1, Splits that isolate:
//
//	\p{N}{1,3}
//	[\x{4e00}-\x{9fa5}\x{3040}-\x{309f}\x{30a0}-\x{30ff}]+
//	[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//
// The first two leave segments of numbers, of CJK characters and of the rest,
// whose ends are the end of the text for the third. In "a  1" the white space is not
// followed by anything, as the segment ends: \s+(?!\S) takes both spaces.
type deepseekV3 struct{ *charset.Classes }

// newDeepSeekV3 returns the scanner.
func newDeepSeekV3(t *charset.Tables) *windows {
	symbols := charset.Union(t.Category["P"], t.Category["S"])
	words := charset.Union(t.Category["L"], t.Category["M"])
	cjk := charset.Set{{Lo: 0x3040, Hi: 0x30ff}, {Lo: 0x4e00, Hi: 0x9fa5}}
	s := &deepseekV3{charset.NewClasses(map[uint8]charset.Set{
		isWord: words, isNumber: t.Category["N"], isSpace: t.Space, isNewline: newlines, isSymbol: symbols, isCJK: cjk,
		isPrefix: charset.Union(newlines, t.Category["L"], symbols).Complement()})}
	return newWindows(s, newMaskTable(deepSeekV3Sets(t, words, symbols, cjk)))
}

// next ends a run of numbers, or tries the alternatives of the third Split by the first two
// characters of the segment.
func (s *deepseekV3) next(text []byte, i int) int {
	c, n := s.ASCII[text[i]], 1
	if c == charset.NotASCII {
		c, n = s.Wide(text, i)
	}
	j := i + n
	if c&isNumber != 0 {
		return numbers(s.Classes, text, j, 3)
	}
	cjk := c & isCJK
	var d uint8 // the character at j, 0 at the segment's end
	var m int
	if j < len(text) {
		d, m = s.ASCII[text[j]], 1
		if d == charset.NotASCII {
			d, m = s.Wide(text, j)
		}
		if d&isNumber != 0 || d&isCJK != cjk {
			d = 0
		}
	}
	switch {
	case c&isSymbol != 0 && d&isWord != 0 && text[i] < utf8.RuneSelf && text[j] < utf8.RuneSelf:
		return asciiLetters(text, j+1)
	case c&isPrefix != 0 && d&isWord != 0:
		return s.during(text, j+m, isWord, cjk)
	case c&isWord != 0:
		return s.during(text, j, isWord, cjk)
	case text[i] == ' ' && d&isSymbol != 0:
		return s.during(text, s.during(text, j+m, isSymbol, cjk), isNewline, cjk)
	case c&isSymbol != 0:
		return s.during(text, s.during(text, j, isSymbol, cjk), isNewline, cjk)
	case c&isSpace != 0:
		return spaces(s.Classes, text, i, true, isNumber|isCJK)
	}
	return s.unmatched(text, j, cjk)
}

// during ends the characters of the class want in the segment.
func (s *deepseekV3) during(text []byte, i int, want, cjk uint8) int {
	return s.RunOf(text, i, want|isCJK, want|cjk)
}

// unmatched ends the text that the third Split matches nowhere: control, format
// and unassigned characters with no word behind them.
func (s *deepseekV3) unmatched(text []byte, i int, cjk uint8) int {
	for i < len(text) {
		c, n := s.At(text, i)
		if c&(isSpace|isWord|isSymbol|isNumber|isPrefix|isCJK) != isPrefix|cjk {
			break
		}
		if i+n < len(text) {
			if d, _ := s.At(text, i+n); d&isWord != 0 && d&isCJK == cjk {
				break
			}
		}
		i += n
	}
	return i
}

// asciiLetters ends the ASCII letters from text[i] on.
func asciiLetters(text []byte, i int) int {
	for i < len(text) && text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z' {
		i++
	}
	return i
}

// deepSeekV3Sets are the masks of DeepSeek-V3, named as cl100k's.
func deepSeekV3Sets(t *charset.Tables, letters, symbols, cjk charset.Set) map[uint8]charset.Set {
	words := cjk.Minus(cjk.Minus(letters)) // the others of cjk end a window
	sets := letterSets(t, letters.Minus(cjk))
	sets[1<<mCJK] = words
	sets[1<<cutClass] = charset.Union(sets[1<<cutClass], cjk.Minus(letters),
		charset.Union(letters, symbols, t.Space, t.Digits).Complement())
	return sets
}

// boundaries is cl100k's with other prefixes: white space takes the letters behind it along,
// and a symbol of ASCII takes letters of ASCII, so that "-abc" is one pretoken, "-éa" is -
// and éa, and "-aé" is -a and é.
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

func (s *deepseekV3) runs(m *masks) (run, more uint64) { return m[mCJK], 0 }
