//go:build !purego

package bpe

import "golang.org/x/sys/cpu"

//go:noescape
func masksAVX2(p *byte, nibbles *[8][16]byte, out *masks)

//go:noescape
func masksAVX512(p *byte, ascii *[128]byte, out *masks)

// placesAVX512 is places for machines with 64-byte vectors.
//
//go:noescape
func placesAVX512(starts uint64, from int, out *[64]int) int

// places writes from plus the number of each bit of starts, and up to 64 numbers
// that mean nothing after them, and returns how many bits there are.
func (t *maskTable) places(starts uint64, from int, out *[64]int) int {
	if t.wide64 {
		return placesAVX512(starts, from, out)
	}
	return placesScalar(starts, from, out)
}

// vectorWidth is the widest kernel this machine runs: 64 or 32 bytes, or 0.
func vectorWidth() int {
	switch {
	case cpu.X86.HasAVX512VL && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VBMI && cpu.X86.HasAVX512VBMI2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2:
		return 64
	case cpu.X86.HasAVX2 && cpu.X86.HasBMI1:
		return 32
	}
	return 0
}

// fill sets m to the classes of the 64 bytes at p.
func (t *maskTable) fill(p *[64]byte, m *masks) {
	if t.wide64 {
		masksAVX512(&p[0], &t.low, m)
	} else {
		masksAVX2(&p[0], &t.nibbles, m)
	}
}
