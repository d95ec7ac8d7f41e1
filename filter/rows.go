package filter

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// minRows is how many lines of one shape follow each other that are rows. Two do so
// by chance.
const minRows = 3

// sentenceEnds are the characters that end a sentence at a line's end.
const sentenceEnds = ".!?…。！？；"

// rowFraction is the share of a text's characters, white space aside, that stand in
// rows: lines of the same shape, [minRows] or more that follow each other, blank lines
// aside. The shape of a line is what it is if every word is the same word, every word
// with a digit in it the same other word, and white space, of which none counts at its
// ends, one space. Word lists, columns of numbers, logs and most tables are rows; lines
// of sentences differ in their number of words and in their punctuation. A line that
// ends a sentence is no row: couplets of Chinese verse have one shape.
func rowFraction(text []byte) float64 {
	var all, rows int64 // characters
	var runShape uint64
	var run, inRun int64 // lines, characters
	end := func() {
		if run >= minRows {
			rows += inRun
		}
		run, inRun = 0, 0
	}
	for line := range bytes.Lines(text) {
		shape, n, last := lineShape(line)
		if n == 0 {
			continue
		}
		all += n
		if shape != runShape {
			end()
			runShape = shape
		}
		if strings.ContainsRune(sentenceEnds, last) {
			end()
			continue
		}
		run++
		inRun += n
	}
	end()
	return ratio(rows, all)
}

// The signs of a shape that stand for more than themselves. None is a character.
const (
	wordSign   = unicode.MaxRune + 1 + iota // letters
	numberSign                              // letters and digits, of these one at least
	spaceSign
)

// firstMark is the first character of Unicode's category M.
const firstMark = 0x300

// lineShape returns a hash of a line's shape (FNV-1a, by signs), how many characters it
// has that are no white space, and the last of them.
func lineShape(line []byte) (shape uint64, n int64, last rune) {
	const offset, prime = 14695981039346656037, 1099511628211
	shape = offset
	var word rune // sign of the word that is open, 0 for none
	gap := false
	put := func(sign rune) { shape = (shape ^ uint64(sign)) * prime }
	plane := basicPlane()
	for i := 0; i < len(line); {
		if word != 0 && !gap && lanes[line[i]] == 1<<letterLane { // most of a text
			last = rune(line[i])
			i++
			n++
			continue
		}
		r, size := rune(line[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(line[i:])
		}
		i += size
		class := uint8(0)
		if int(r) < len(plane) {
			class = plane[r]
		} else {
			class = classOf(r)
		}
		if class&space != 0 {
			gap = true
			continue
		}
		var sign rune
		switch {
		case class&number != 0:
			sign = numberSign
		case class&letter != 0 || r >= firstMark && unicode.IsMark(r):
			sign = wordSign
		}
		if word != 0 && (gap || sign == 0) {
			put(word)
			word = 0
		}
		if gap && n > 0 {
			put(spaceSign)
		}
		gap = false
		n++
		last = r
		if sign == 0 {
			put(r)
		} else {
			word = max(word, sign)
		}
	}
	if word != 0 {
		put(word)
	}
	return shape, n, last
}
