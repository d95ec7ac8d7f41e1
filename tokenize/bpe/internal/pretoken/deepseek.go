package pretoken

import (
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// Class bits of the DeepSeek scanners.
const (
	isPunct = 1 << 4 // what the punctuation Split takes
	isCJK   = 1 << 5 // what the CJK Split takes
)

// deepseek is the pre-tokenizer of DeepSeek-Coder (V1), successive Splits that
// isolate their matches,
//
//	[\r\n]   \s?\p{L}+   \s?\p{P}+   [\x{800}-\x{9fa5}\x{ac00}-\x{d7ff}]+   and Digits(individual_digits),
//
// and that of DeepSeek-LLM, Coder-v1.5 and V2: other letters and punctuation,
// listed character by character, and a Split \s+$ before the CJK one. The first
// three Splits leave segments of letters, of punctuation (either with a leading
// space) and the rest; the later ones cut inside of segments, which is where
// the class of CJK characters changes and around every number. LLM's
// punctuation, [!-/:-~…], holds the ASCII and fullwidth letters as well: a
// segment of letters is cut where they meet other letters.
//
// U+3000 is white space, punctuation (LLM only) and CJK; letters come first.
type deepseek struct {
	*charset.Classes
	trailing bool // the \s+$ Split
}

// newDeepSeekCoder returns the scanner of DeepSeek-Coder (V1).
func newDeepSeekCoder(t *charset.Tables) *windows {
	return newDeepSeek(t, t.Category["L"], t.Category["P"], false)
}

// newDeepSeekLLM returns the scanner of DeepSeek-LLM, Coder-v1.5 and V2.
func newDeepSeekLLM(t *charset.Tables) (*windows, error) {
	letters, err := parseSet(t, vocab.DeepSeekLLMLetters)
	if err != nil {
		return nil, err
	}
	punct, err := parseSet(t, vocab.DeepSeekLLMPunct)
	if err != nil {
		return nil, err
	}
	return newDeepSeek(t, letters, punct, true), nil
}

// newDeepSeek returns the scanner with these letters and this punctuation; trailing is for
// the Split \s+$.
func newDeepSeek(t *charset.Tables, letters, punct charset.Set, trailing bool) *windows {
	cjk := charset.Set{{Lo: 0x800, Hi: 0x9fa5}, {Lo: 0xac00, Hi: 0xd7ff}}
	s := &deepseek{charset.NewClasses(map[uint8]charset.Set{
		isLetter: letters, isNumber: t.Digits, isSpace: t.Space, isNewline: newlines, isPunct: punct, isCJK: cjk}), trailing}
	return newWindows(s, newMaskTable(deepseekSets(t, letters, punct, cjk, trailing)))
}

// next ends a pretoken by what begins it: a newline or a number stands alone; letters and
// punctuation, or white space that leads them, go on to the end of their segment; others
// does the rest.
func (s *deepseek) next(text []byte, i int) int {
	c, n := s.ASCII[text[i]], 1
	if c == charset.NotASCII {
		c, n = s.Wide(text, i)
	}
	j := i + n
	switch {
	case c&isNewline != 0:
		return j
	case c&isLetter != 0:
		return s.segment(text, j, c)
	case c&isSpace != 0:
		switch kind, d := s.leads(text, j); {
		case kind != 0 && (c^d)&isCJK != 0:
			return j
		case kind != 0:
			return s.segment(text, j, d)
		}
	}
	switch {
	case c&isPunct != 0:
		return s.segment(text, j, c)
	case c&isNumber != 0:
		return j
	}
	return s.others(text, j, c)
}

// segment ends a pretoken of letters or of punctuation, of which a character of
// class c stands before text[i] or, behind white space, at it.
func (s *deepseek) segment(text []byte, i int, c uint8) int {
	const mask = isLetter | isPunct | isCJK | isNumber
	want := c & (isLetter | isPunct | isCJK)
	inSpace := c&isSpace != 0
	for {
		// No white space of ASCII is in a segment, but in front of it.
		for i < len(text) && s.ASCII[text[i]]&(mask|charset.NotASCII) == want {
			i++
			inSpace = false
		}
		if i == len(text) || text[i] < utf8.RuneSelf {
			break
		}
		d, n := s.At(text, i)
		if d&mask != want {
			break
		}
		if d&isSpace != 0 && (s.leadsLetter(text, i+n) || s.trailing && !inSpace && s.endsPunct(text, i+n)) {
			break
		}
		inSpace = d&isSpace != 0
		i += n
	}
	return i
}

// endsPunct tells that only white space (U+3000) is left, from text[i] on, of
// the segment of punctuation, so that \s+$ takes it.
func (s *deepseek) endsPunct(text []byte, i int) bool {
	for i < len(text) {
		c, n := s.At(text, i)
		switch {
		case c&isLetter != 0 || c&isPunct == 0:
			return true
		case c&isSpace == 0:
			return false
		case s.leadsLetter(text, i+n):
			return true
		}
		i += n
	}
	return true
}

// leadsLetter tells that a letter is at text[i].
func (s *deepseek) leadsLetter(text []byte, i int) bool {
	if i >= len(text) {
		return false
	}
	c, _ := s.At(text, i)
	return c&isLetter != 0
}

// leads tells what segment white space before text[i] leads, isLetter, isPunct
// or 0 for none, and the class of its first character.
func (s *deepseek) leads(text []byte, i int) (kind, c uint8) {
	if i >= len(text) {
		return 0, 0
	}
	c, n := s.ASCII[text[i]], 1
	if c == charset.NotASCII {
		c, n = s.Wide(text, i)
	}
	switch {
	case c&isLetter != 0:
		return isLetter, c
	case c&isPunct == 0 || c&isSpace != 0 && s.leadsLetter(text, i+n):
		return 0, 0
	}
	return isPunct, c
}

// others ends a pretoken that is neither letters nor punctuation and has begun,
// before text[i], with a character of class c.
func (s *deepseek) others(text []byte, i int, c uint8) int {
	inSpace := c&isSpace != 0
	for i < len(text) {
		for inSpace && c&isCJK == 0 && i+1 < len(text) && text[i] == ' ' && text[i+1] == ' ' {
			i++ // a space before another leads nothing
		}
		d, n := s.At(text, i)
		if d&(isLetter|isNewline|isNumber) != 0 || (c^d)&isCJK != 0 {
			break
		}
		if d&isSpace == 0 {
			if d&isPunct != 0 {
				break
			}
			inSpace = false
			i += n
			continue
		}
		if kind, _ := s.leads(text, i+n); kind != 0 || d&isPunct != 0 {
			break
		}
		if s.trailing && !inSpace && s.endsSegment(text, i+n) {
			break
		}
		inSpace = true
		i += n
	}
	return i
}

// endsSegment tells that only white space is left, from text[i] on, of the
// segment of neither letters nor punctuation.
func (s *deepseek) endsSegment(text []byte, i int) bool {
	for i < len(text) {
		c, n := s.At(text, i)
		switch {
		case c&(isNewline|isLetter) != 0:
			return true
		case c&isSpace == 0:
			return c&isPunct != 0
		}
		if kind, _ := s.leads(text, i+n); kind != 0 || c&isPunct != 0 {
			return true
		}
		i += n
	}
	return true
}

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

// boundaries marks where segments begin, and within them newlines, numbers and changes to
// or from CJK. A blank before letters or punctuation begins their segment, so that these
// begin nothing, unless they are CJK: the later Split cuts between them and the blank.
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

// runs is letters that are CJK, such as 字, in a window that begins with one.
func (s *deepseek) runs(m *masks) (run, more uint64) {
	run = m[dLetter] & m[dCJK]
	return run & -(run & 1), 0
}
