//go:build !purego

package cache

import "slices"

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
