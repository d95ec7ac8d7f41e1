package merge

import "unicode/utf8"

// A Scratch is the memory that one goroutine needs to merge pieces.
type Scratch struct {
	short, keys [shortPiece]uint32 // of short pieces
	units       unitBuffer         // of pieces beyond ASCII
	ids, ranks  []uint32
	next, prev  []int32
	heap        []uint64
	final       []uint32 // of isFinal
}

const (
	// shortPiece is the longest piece, in bytes, whose lowest rank is found by
	// looking at all of them; longer ones keep a heap.
	shortPiece = 64
	// keepLimit is the longest piece, in bytes, whose scratch memory is kept;
	// longer ones are merged in parts.
	keepLimit = 1 << 16
)

// unitRoom is how many units are looked at at a time.
const unitRoom = 64

// unitBuffer is a part of a piece that is being cut into units.
type unitBuffer struct {
	ids  [unitRoom]uint32
	open uint64 // before which of them there may be a bridge
	n    int
	last uint32 // of all that there were
	prev byte   // the last byte
}

// full tells that the units of another character may have no room.
func (u *unitBuffer) full() bool { return u.n > unitRoom-utf8.UTFMax }
