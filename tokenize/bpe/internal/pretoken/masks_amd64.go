//go:build !purego

package pretoken

//go:noescape
func masksAVX2(p *byte, blocks int, nibbles *[8][16]byte, out *maskBits)

//go:noescape
func masksAVX512(p *byte, blocks int, ascii *[128]byte, wides *wideTable, out *maskBits)

// positionsAVX512 is positions for machines with 64-byte vectors.
//
//go:noescape
func positionsAVX512(starts uint64, from int, out *[64]int)

// positions writes from plus the number of each bit of starts, and up to 64 numbers
// that mean nothing after them.
func (t *maskTable) positions(starts uint64, from int, out *[64]int) {
	if t.wide64 {
		positionsAVX512(starts, from, out)
	} else {
		positionsScalar(starts, from, out)
	}
}

// fill sets out to the classes of so many blocks of 64 bytes of text, which has
// wideRoom bytes more.
func (t *maskTable) fill(text []byte, blocks int, out *maskBits) {
	p := &text[:64*blocks+wideRoom][0]
	if t.wide64 {
		masksAVX512(p, blocks, &t.low, t.wides, out)
	} else {
		masksAVX2(p, blocks, &t.nibbles, out)
		t.wides.fill(text, blocks, out)
	}
}
