//go:build !purego

package cache

import "slices"

// A probe is a pretoken's key in the short cache and the place of its bucket,
// in bytes; of longer pretokens a key that no entry has.
type probe struct {
	lo, hi uint64
	//lint:ignore U1000 the assembly writes and reads it
	bucket uint64
}

// prepare writes the probes of the n pretokens from text[pos] on, whose ends are
// given, and fetches their buckets, in the long cache too, ahead of their use. It
// reads 16 bytes from where each begins.
//
//go:noescape
func prepare(text *byte, pos int, ends *int, n int, masks *[shortMax + 1][2]uint64, short *shortBucket, shortMask uint64, long *longBucket, longMask uint64, out *probe)

// lookUp writes the tokens of the pretokens up to the first that the short cache
// does not hold. It returns how many pretokens and tokens that were. It writes up to
// 24 bytes from where a pretoken's tokens go.
//
//go:noescape
func lookUp(probes *probe, n int, table *shortBucket, dst *uint32) (done, ids int)

// Append appends the tokens of the pretokens from text[pos] on.
func (c *Cache) Append(dst []uint32, text []byte, pos int, ends []int) []uint32 {
	n := len(ends)
	for n > 0 && (n == 1 && pos+16 > len(text) || n > 1 && ends[n-2]+16 > len(text)) {
		n--
	}
	n = min(n, len(c.probes))
	if n > 0 {
		prepare(&text[0], pos, &ends[0], n, &c.masks, &c.short.buckets[0], c.short.mask, &c.long.buckets[0], c.long.mask, &c.probes[0])
	}
	for i := 0; i < n; {
		dst = slices.Grow(dst, shortTokens*(n-i))
		done, ids := lookUp(&c.probes[i], n-i, &c.short.buckets[0], &dst[:len(dst)+1][len(dst)])
		dst = dst[:len(dst)+ids]
		if i += done; i > 0 {
			pos = ends[i-1]
		}
		if i < n {
			p := &c.probes[i]
			dst = c.miss(dst, text, pos, ends[i], p.lo, p.hi)
			pos = ends[i]
			i++
		}
	}
	return c.appendScalar(dst, text, pos, ends[n:])
}
