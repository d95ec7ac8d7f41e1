package blocks

import "testing"

// A window is known but for its last line where the check of the line before was confirmed
// and stands one line before in the holder's text as well.
func TestKnown(t *testing.T) {
	c := checker{lines: 3}
	for l := range lines([]byte("a\nbb \nccc\ndddd\neeeee\n")) {
		c.all = append(c.all, l)
	}
	last := check{line: 1, shard: 2, at: 10, size: 12} // bb ccc dddd
	for _, k := range []struct {
		last, next  check
		lines, size int
	}{
		{last, check{line: 2, shard: 2, at: 13, size: 15}, 2, 9},
		{check{}, check{line: 2, shard: 2, at: 13, size: 15}, 0, 0},
		{last, check{line: 2, shard: 1, at: 13, size: 15}, 0, 0},
		{last, check{line: 2, shard: 2, at: 12, size: 15}, 0, 0},
		{last, check{line: 2, shard: 2, at: 14, size: 15}, 0, 0},
		{last, check{line: 1, shard: 2, at: 13, size: 15}, 0, 0},
	} {
		c.last = k.last
		if lines, size := c.known(k.next); lines != k.lines || size != k.size {
			t.Errorf("%+v after %+v: %d lines of %d bytes are known", k.next, k.last, lines, size)
		}
	}
}
