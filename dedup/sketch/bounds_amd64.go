package sketch

import "golang.org/x/sys/cpu"

// boundsAVX2 adds the places of some whole blocks of 64 bytes, one at least, as
// boundsGo does.
//
//go:noescape
func boundsAVX2(e *edges, piece *byte, blocks int, at uint32, last *classes)

var hasAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasPOPCNT

// bounds adds the places of the piece, which begins at a place in the text.
func (e *edges) bounds(piece []byte, at uint32, last *classes) {
	if n := len(piece) / 64; hasAVX2 && n > 0 {
		boundsAVX2(e, &piece[0], n, at, last)
		piece, at = piece[64*n:], at+64*uint32(n)
	}
	e.boundsGo(piece, at, last)
}
