package cache

import (
	"slices"
)

// appendScalar appends the tokens of the pretokens from text[pos] on.
func (c *Cache) appendScalar(dst []uint32, text []byte, pos int, ends []int) []uint32 {
	dst = slices.Grow(dst, 3*len(ends))
	room := dst[:cap(dst)]
	n := len(dst)
	for i, end := range ends {
		var lo, hi uint64
		if end-pos <= shortMax {
			lo, hi = c.key16(text, pos, end)
			if found := c.short.at(hash128(lo, hi)).find(lo, hi); found != nil && found.n <= 3 {
				ids := room[n : n+3]
				ids[0], ids[1], ids[2] = found.ids[0], found.ids[1], found.ids[2]
				n += int(found.n)
				pos = end
				continue
			}
		}
		dst = c.miss(room[:n], text, pos, end, lo, hi)
		dst = slices.Grow(dst, 3*(len(ends)-i))
		room, n = dst[:cap(dst)], len(dst)
		pos = end
	}
	return room[:n]
}
