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
	start, end int    // bytes of the text that it has, the line's end included
	text       []byte // part of the text, without white space at its end
}

// lines are those of a text that are not blank, in their order. White space is that of
// ASCII. Of "a \n\n  b" they are {0, 3, "a"} and {4, 7, "  b"}.
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

// windower hashes every run of a number of lines. The hash rolls: with the hashes h0, h1, …
// of the lines, windows of k lines and a factor f, all modulo 2^64, the window that begins
// with line i has the sum
//
//	h[i]·f^(k-1) + h[i+1]·f^(k-2) + … + h[i+k-1]
//
// The next one comes from it: multiply by f, add the line that comes in, and take out the
// one that leaves, h[i]·f^k. So a line costs the same whatever k is. The sum is mixed
// before it is given out, as its low bits depend on the low bits of the lines' hashes
// alone.
type windower struct {
	hashes []uint64 // of the last k lines, in a ring
	n      int      // lines so far
	sum    uint64   // of the last window
	out    uint64   // f^k: what the hash of a line is multiplied with when it leaves
	mask   uint64   // of the hashes given out; tests let texts collide
}

// newWindower returns one for windows of size lines.
func newWindower(size int, mask uint64) *windower {
	w := &windower{hashes: make([]uint64, size), out: 1, mask: mask}
	for range size {
		w.out *= lineFactor
	}
	return w
}

// Any odd numbers with bits all over would do. They are part of the format: other ones
// give other windows, so that windowsVersion has to rise.
const (
	lineFactor = 0x9e3779b97f4a7c15
	lineSalt   = 0xd6e8feb86659fd93
)

// add takes the next line. It returns the hash of the window that ends with it and the
// number of the line that this begins with, from 0; ok is false while there are too few
// lines for a window.
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

// reset begins with another text.
func (w *windower) reset() { w.n, w.sum = 0, 0 }

// hashLine is XXH3, whose values are fixed by its specification.
func hashLine(b []byte) uint64 { return xxh3.Hash(b) }

// mix64 spreads what a tells over all bits: both halves of the product a·b, and a.
func mix64(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo ^ a
}
