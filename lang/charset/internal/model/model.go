// Package model holds what is known of how the letters of languages follow one
// another, and tells by it how unlikely a text is. It is for telling encodings
// apart, not languages: what is looked at are words with letters beyond ASCII.
//
// # The model
//
// Every language has classes of characters: the fixed ones below, and one for
// each of its usual letters, in lower case. A character costs, in eighths of a
// nat, the negative logarithm of the chance of its class after the class before
// it, and of the character within its class. Chinese, Japanese and Korean have
// no letters of their own, but costs for their usual characters within a class.
//
// The package train makes the tables, which are counts and no text.
package model

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/gob"
	"fmt"
	"sync"
	"unicode"
)

// The fixed classes.
const (
	Boundary     = iota // white space, punctuation and control characters of ASCII, and the ends of a piece
	Digit               // of ASCII
	Latin               // a letter of Latin script that is none of the language's
	Other               // any other letter or mark
	Symbol              // anything else
	Box                 // lines and blocks of character graphics
	Hiragana            // and what only stands among it
	Katakana            // and its long sound, as wide as a character
	HalfKana            // Katakana of half the width
	Han                 // Chinese characters of any country
	Hangul              // Korean syllables and their letters
	Wide                // punctuation of East Asia and ASCII as wide as a character
	FixedClasses        // the first class of a letter
)

// Nat is a cost of one, in the unit of costs.
const Nat = 8

// Tables are all languages and what they share.
type Tables struct {
	Languages []*Language
	Symbols   Costs // within Symbol
}

// Costs are those of characters within a class or several.
type Costs struct {
	Runes []rune
	Costs []uint8
}

func (c Costs) table() map[rune]uint8 {
	t := make(map[rune]uint8, len(c.Runes))
	for i, r := range c.Runes {
		t[r] = c.Costs[i]
	}
	return t
}

// Language is one language's table.
type Language struct {
	Name    string
	Letters []rune  // the class of Letters[i] is FixedClasses+i
	Pairs   []uint8 // cost of a class after another: Pairs[before*classes+class]
	Chars   Costs   // within Hiragana, Katakana, Han, Hangul and Wide

	symbols map[rune]uint8
	chars   map[rune]uint8
	letters map[rune]uint8 // class of each letter
}

//go:embed model.gob.gz
var packed []byte

// Load returns the tables, which are shared and must not be changed.
var Load = sync.OnceValue(func() *Tables {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(fmt.Sprintf("model.gob.gz: %v", err))
	}
	t := &Tables{}
	if err := gob.NewDecoder(z).Decode(t); err != nil {
		panic(fmt.Sprintf("model.gob.gz: %v", err))
	}
	symbols := t.Symbols.table()
	for _, l := range t.Languages {
		l.symbols = symbols
		l.chars = l.Chars.table()
		l.letters = map[rune]uint8{}
		for i, r := range l.Letters {
			l.letters[r] = uint8(FixedClasses + i)
		}
	}
	return t
})

// Fold returns the letter that a letter is counted as. The cedillas that
// Romanian has in older encodings are its commas.
func Fold(r rune) rune {
	switch r {
	case 'Ș', 'ș':
		return 'ş'
	case 'Ț', 'ț':
		return 'ţ'
	}
	return unicode.ToLower(r)
}

const nbsp = '\u00a0' // stands where spaces do

// Class returns the fixed class of a character that is no letter of the language.
func Class(r rune) int {
	switch {
	case r < 0x80:
		switch {
		case r >= '0' && r <= '9':
			return Digit
		case r|0x20 >= 'a' && r|0x20 <= 'z':
			return Latin
		}
		return Boundary
	case r == nbsp:
		return Boundary
	case r >= 0x2500 && r <= 0x259f:
		return Box
	case r >= 0x3041 && r <= 0x309f:
		return Hiragana
	case r >= 0x30a1 && r <= 0x30ff:
		return Katakana
	case r >= 0xff61 && r <= 0xff9f:
		return HalfKana
	case r >= 0x4e00 && r <= 0x9fff, r >= 0x3400 && r <= 0x4dbf, r >= 0xf900 && r <= 0xfaff, r >= 0x20000 && r <= 0x3ffff, r == '々':
		return Han
	case r >= 0xac00 && r <= 0xd7a3, r >= 0x3131 && r <= 0x318e:
		return Hangul
	case r >= 0x3000 && r <= 0x303f, r >= 0xff01 && r <= 0xff60, r >= 0xffe0 && r <= 0xffef:
		return Wide
	case unicode.Is(unicode.Latin, r) && unicode.IsLetter(r):
		return Latin
	case unicode.IsLetter(r), unicode.IsMark(r):
		return Other
	}
	return Symbol
}

// Usual reports whether a language keeps costs for the characters of a class
// rather than a class for each.
func Usual(class int) bool { return class >= Hiragana && class <= Wide && class != HalfKana }

// What a character costs within its class where no table says.
const (
	withinLatin      = 5 * Nat // one of 150
	withinOther      = 7 * Nat
	withinSymbol     = 10 * Nat
	withinBox        = 5 * Nat // unless it is the one before
	withinHalfKana   = 4 * Nat
	withinEast       = 12 * Nat
	withinASCII      = 3 * Nat // of its letters, and of its punctuation
	withinDigit      = 2 * Nat
	withinBoundary   = 2 * Nat
	withinNBSP       = 3 * Nat
	unexpectedSwitch = 5 * Nat // a capital behind a small letter
)

// Class returns a character's class in the language and its cost within.
func (l *Language) Class(r rune) (class int, within int) {
	if c, ok := l.letters[Fold(r)]; ok {
		return int(c), 0
	}
	class = Class(r)
	switch class {
	case Boundary:
		within = withinBoundary
		if r == nbsp {
			within = withinNBSP
		}
	case Digit:
		within = withinDigit
	case Latin:
		within = withinLatin
		if r < 0x80 {
			within = withinASCII
		}
	case Other:
		within = withinOther
	case Box:
		within = withinBox
	case HalfKana:
		within = withinHalfKana
	case Symbol:
		within = withinSymbol
		if c, ok := l.symbols[r]; ok {
			within = int(c)
		}
	default:
		within = withinEast
		if c, ok := l.chars[r]; ok {
			within = int(c)
		}
	}
	return class, within
}

// After returns what a class costs behind another.
func (l *Language) After(before, class int) int {
	return int(l.Pairs[before*(FixedClasses+len(l.Letters))+class])
}

// CaseCost returns what the capitals of a piece of text cost in any language:
// words begin with one or have nothing else.
func CaseCost(piece []rune) int {
	const (
		none  = iota
		small // behind a small letter
		first // behind a capital that begins a word
		large // behind a further capital
	)
	cost, state := 0, none
	for _, r := range piece {
		upper := unicode.IsUpper(r)
		switch {
		case !upper && !unicode.IsLower(r):
			state = none
			continue
		case state == none && upper:
			cost += 10
		case state == none:
			cost += 3
		case state == small && upper:
			cost += unexpectedSwitch
		case state == first && upper:
			cost += 13
		case state == first:
			cost += 2
		case state == large && upper:
			cost++
		case state == large:
			cost += 3 * Nat
		}
		switch {
		case !upper:
			state = small
		case state == none:
			state = first
		default:
			state = large
		}
	}
	return cost
}
