package blocks

import (
	"bytes"
	"iter"
	"math/bits"

	"github.com/zeebo/xxh3"
)

// line is a line of a text that is not blank. Blank ones do not count: a block
// may have them in one text and not in the other.
type line struct {
	start, end int // in the text, the line's end included
	text       []byte
}

// lines are those of a text that are not blank, without white space at their
// ends.
func lines(text []byte) iter.Seq[line] {
	return func(yield func(line) bool) {
		at := 0
		for l := range bytes.Lines(text) {
			start := at
			at += len(l)
			if l = bytes.TrimRight(l, " \t\r\n\f\v"); len(l) > 0 && !yield(line{start, at, l}) {
				return
			}
		}
	}
}

// windower hashes every run of a number of lines.
type windower struct {
	hashes []uint64 // of the last lines, in a ring
	n      int      // lines so far
	sum    uint64
	out    uint64 // what the hash of a line is multiplied with when it leaves
	mask   uint64 // of the hashes given out; tests let texts collide
}

func newWindower(size int, mask uint64) *windower {
	w := &windower{hashes: make([]uint64, size), out: 1, mask: mask}
	for range size {
		w.out *= lineFactor
	}
	return w
}

const (
	lineFactor = 0x9e3779b97f4a7c15
	lineSalt   = 0xd6e8feb86659fd93
)

// add takes the next line. It returns the hash of the window that ends with it
// and the number of the line that this begins with.
func (w *windower) add(text []byte) (hash uint64, first int, ok bool) {
	old := &w.hashes[w.n%len(w.hashes)]
	h := hashLine(text)
	w.sum = w.sum*lineFactor + h
	if w.n >= len(w.hashes) {
		w.sum -= *old * w.out
	}
	*old = h
	w.n++
	first = w.n - len(w.hashes)
	return mix64(w.sum, lineSalt) & w.mask, first, first >= 0
}

func (w *windower) reset() { w.n, w.sum = 0, 0 }

// hashLine is XXH3, whose values are fixed by its specification.
func hashLine(b []byte) uint64 { return xxh3.Hash(b) }

func mix64(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo ^ a
}
