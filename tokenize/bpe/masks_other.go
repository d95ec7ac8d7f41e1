//go:build !amd64 || purego

package bpe

// vectorWidth is the widest kernel this machine runs: none.
func vectorWidth() int { return 0 }

// fill sets m to the classes of the 64 bytes at p. Without vector instructions
// it is slower than the scanners written for single characters, which are used
// instead; tests run it.
func (t *maskTable) fill(p *[64]byte, m *masks) { t.fillScalar(p, m) }

// places writes from plus the number of each bit of starts and returns how many
// there are.
func (t *maskTable) places(starts uint64, from int, out *[64]int) int {
	return placesScalar(starts, from, out)
}
