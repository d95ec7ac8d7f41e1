//go:build !purego

package bpe

import "golang.org/x/sys/cpu"

//go:noescape
func masksAVX2(p *byte, blocks int, nibbles *[8][16]byte, out *maskBits)

//go:noescape
func masksAVX512(p *byte, blocks int, ascii *[128]byte, wides *wideTable, out *maskBits)

// placesAVX512 is places for machines with 64-byte vectors.
//
//go:noescape
func placesAVX512(starts uint64, from int, out *[64]int)

// places writes from plus the number of each bit of starts, and up to 64 numbers
// that mean nothing after them.
func (t *maskTable) places(starts uint64, from int, out *[64]int) {
	if t.wide64 {
		placesAVX512(starts, from, out)
	} else {
		placesScalar(starts, from, out)
	}
}

// vectorWidth is the widest kernel this machine runs: 64 or 32 bytes, or 0.
func vectorWidth() int {
	switch {
	case cpu.X86.HasAVX512VL && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VBMI && cpu.X86.HasAVX512VBMI2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2:
		return 64
	case cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2:
		return 32
	}
	return 0
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
