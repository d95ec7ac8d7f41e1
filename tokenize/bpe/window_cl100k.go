package bpe

import (
	"math/bits"
	"unicode"
)

// Masks of cl100k and GPT-2.
const (
	mLetter = iota
	mNumber
	mWhite // white space
	mNewline
	mUnused
	mSpace // the space character
	mQuote // the apostrophe
)

// letterMasks are those masks: letters of all scripts, numbers and white space
// of ASCII. Other numbers and white space end a window.
func letterMasks(t *charTables) *maskTable {
	ascii := func(set runeSet) runeSet { return set.minus(runeSet{{0x80, unicode.MaxRune}}) }
	return newMaskTable(map[uint8]runeSet{
		1 << mLetter: t.cat["L"], 1 << mNumber: ascii(t.cat["N"]), 1 << mWhite: ascii(t.space), 1 << mNewline: newlines,
		1 << mSpace: {{' ', ' '}}, 1 << mQuote: {{'\'', '\''}},
		1 << cutClass: union(t.cat["N"], t.space).minus(runeSet{{0, 0x7f}})})
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

// threes is the starts of a run of numbers and of every third after them.
func threes(run uint64) uint64 {
	starts := run &^ (run << 1)
	four := run & (run << 1) & (run << 2) & (run << 3)
	for x := starts << 3 & four; x != 0; x = x << 3 & four {
		starts |= x
	}
	return starts
}

// whites is where \s*[\r\n]+|\s+(?!\S)|\s+ cuts white space, of which newlines
// are part: at its start, behind its last newline, and before its last character
// if that is not a newline and last holds it.
func whites(white, newline, last uint64) uint64 {
	blank := white &^ newline
	behind := blank & (newline << 1)
	for x := blank & (newline >> 1); x != 0; x &= x - 1 {
		// Blanks before a newline go with it, from wherever they begin.
		end := bits.TrailingZeros64(x)
		begin := 64 - bits.LeadingZeros64(^blank&(1<<end-1))
		behind &^= 1 << begin
	}
	return white&^(white<<1) | behind | blank&last
}

func (s *cl100k) boundaries(m *masks, text []byte, known int) uint64 {
	letter, number, white, newline := m[mLetter], m[mNumber], m[mWhite], m[mNewline]
	symbol := ^(letter | number | white)
	lead := symbol &^ (symbol << 1) &^ (m[mSpace] << 1) // begins a pretoken
	joins := first(lead, m[insides]) | white&^newline   // may be the character before letters
	// [\r\n]* behind symbols.
	taken := newline &^ (newline + newline&(symbol<<1))
	white &^= taken

	starts := letter&^(letter<<1)&^(joins<<1) | lead | whites(white, newline&^taken, ^(m[mWhite]>>1))
	if s.digits == 1 {
		starts |= number
	} else {
		starts |= threes(number)
	}
	for x := lead & m[mQuote] & (letter >> 1); x != 0; x &= x - 1 {
		i := bits.TrailingZeros64(x)
		starts |= 1 << (i + contraction(text, i, true))
	}
	last := lastChange(known, letter, number, m[mWhite])
	return starts&upTo(last) | number&starts&upTo(known-1)
}
