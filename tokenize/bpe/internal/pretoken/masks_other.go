//go:build !amd64 || purego

package pretoken

// fill sets out to the classes of so many blocks of 64 bytes of text, which has
// wideRoom bytes more. Without vector instructions it is slower than the scanners
// written for single characters, which are used instead; tests run it.
func (t *maskTable) fill(text []byte, blocks int, out *maskBits) { t.fillScalar(text, blocks, out) }

// positions writes from plus the number of each bit of starts.
func (t *maskTable) positions(starts uint64, from int, out *[64]int) {
	positionsScalar(starts, from, out)
}
