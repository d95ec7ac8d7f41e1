//go:build !amd64 || purego

package cache

// Append appends the tokens of the pretokens from text[pos] on.
func (c *Cache) Append(dst []uint32, text []byte, pos int, ends []int) []uint32 {
	return c.appendScalar(dst, text, pos, ends)
}
