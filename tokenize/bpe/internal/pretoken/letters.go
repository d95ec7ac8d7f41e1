package pretoken

import (
	"math/bits"
	"unicode"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// Masks of GPT-2, cl100k and DeepSeek-V3; o200k has its own in front.
const (
	mLetter  = iota
	mNumber  // of ASCII, as are white space and all that follows
	mWhite   // white space
	mNewline // CR and LF, which are white space too
	mCJK     // DeepSeek-V3: what its second Split takes
	mSpace   // the space character
	mQuote   // the apostrophe
)

// beyondASCII are the characters that are not ASCII.
var beyondASCII = charset.Set{{Lo: 0x80, Hi: unicode.MaxRune}}

// letterSets are those masks with the letters given. Numbers and white space
// beyond ASCII end a window.
func letterSets(t *charset.Tables, letters charset.Set) map[uint8]charset.Set {
	return map[uint8]charset.Set{
		1 << mLetter: letters, 1 << mNumber: {{Lo: '0', Hi: '9'}}, 1 << mWhite: t.Space.Minus(beyondASCII), 1 << mNewline: newlines,
		1 << mSpace: {{Lo: ' ', Hi: ' '}}, 1 << mQuote: {{Lo: '\'', Hi: '\''}},
		1 << cutClass: charset.Union(t.Digits, t.Space).Minus(charset.Set{{Lo: 0, Hi: 0x7f}})}
}

// first is the first bytes of runs, extended over the rest of their first
// characters.
func first(run, inside uint64) uint64 {
	if inside != 0 {
		run |= run << 1 & inside
		run |= run << 1 & inside
		run |= run << 1 & inside
	}
	return run
}

// begins is the first bytes of the runs: of 0110111 it is 0100100, read from the left.
func begins(run uint64) uint64 { return run &^ (run << 1) }

// threes is where \p{N}{1,3} cuts runs of numbers: every third byte from a run's first. The
// loop adds those that follow a cut by three bytes with no gap, once for each three digits.
func threes(run uint64) uint64 {
	starts := begins(run)
	four := run & (run << 1) & (run << 2) & (run << 3)
	for x := starts << 3 & four; x != 0; x = x << 3 & four {
		starts |= x
	}
	return starts
}

// whites is where \s*[\r\n]+|\s+(?!\S)|\s+ cuts white space, of which newlines
// are part: at its start, behind its last newline, and before its last character
// if that is not a newline and before holds it. With _ for a space and $ for a newline,
// "a_$__b" is a, _$, _ and what begins with the last space.
func whites(white, newline, before uint64) uint64 {
	blank := white &^ newline
	behind := blank & (newline << 1)
	for x := blank & (newline >> 1); x != 0; x &= x - 1 {
		// Blanks before a newline go with it, from wherever they begin.
		end := bits.TrailingZeros64(x)
		begin := 64 - bits.LeadingZeros64(^blank&(1<<end-1))
		behind &^= 1 << begin
	}
	return begins(white) | behind | blank&before
}

// letterRuns is letters, but behind what may be a contraction.
func letterRuns(m *masks) uint64 { return m[mLetter] &^ -(m[mQuote] & 1) }
