//go:build !purego

package merge

import (
	"slices"
	"unsafe"
)

// mergeTables is where the vector merges find what they look up.
type mergeTables struct {
	byteID *[256]uint32
	first  *uint32
	pairs  *uint64
	result *uint32 // nil where the rank is the token
	shift  uint64
	mask   uint64 // of the position of a line in cells, in bytes
}

// merge16 writes the tokens of a piece of 2 to 16 bytes to dst and returns their
// number, or -1 if a byte has no token. It writes 64 bytes.
//
//go:noescape
func merge16(from *byte, n int, t *mergeTables, dst *uint32) int

// merge63 is merge16 for up to 63 bytes. It writes up to 256 bytes.
//
//go:noescape
func merge63(from *byte, n int, t *mergeTables, dst *uint32) int

func (t *pairTable) vectorTables(byteID *[256]uint32) mergeTables {
	return mergeTables{
		byteID: byteID,
		first:  unsafe.SliceData(t.byteWeights),
		pairs:  unsafe.SliceData(t.cells),
		result: unsafe.SliceData(t.result),
		shift:  uint64(t.shift),
		mask:   uint64(8*len(t.cells) - 8*lineCells),
	}
}

// mergeUnits16 is merge16 for 2 to 16 tokens that a piece begins with. It has a
// result always.
//
//go:noescape
func mergeUnits16(from *uint32, n int, t *mergeTables, dst *uint32) int

// mergeUnits63 is mergeUnits16 for up to 63 tokens. It writes up to 256 bytes.
//
//go:noescape
func mergeUnits63(from *uint32, n int, t *mergeTables, dst *uint32) int

// vectorRoom is how many ids the kernels may write.
const vectorRoom = 64 + 16

// vectorMerge merges a piece of 2 to 63 bytes, if this machine and the kernels can.
func (m *Model) vectorMerge(dst []uint32, piece []byte) (_ []uint32, ok bool) {
	if m.vectors < 64 || len(piece) < 2 || len(piece) > 63 {
		return dst, false
	}
	n := len(dst)
	dst = slices.Grow(dst, vectorRoom)
	tables, to := m.pairs.vectorTables(&m.byteID), &dst[:n+1][n]
	var ids int
	if len(piece) <= 16 {
		ids = merge16(&piece[0], len(piece), &tables, to)
	} else {
		ids = merge63(&piece[0], len(piece), &tables, to)
	}
	if ids < 0 {
		return dst[:n], false
	}
	return dst[:n+ids], true
}

// vectorMergeUnits merges 2 to 63 tokens that a piece begins with, if this machine
// can.
func (m *Model) vectorMergeUnits(dst, units []uint32) (_ []uint32, ok bool) {
	if m.vectors < 64 || len(units) < 2 || len(units) > 63 {
		return dst, false
	}
	n := len(dst)
	dst = slices.Grow(dst, vectorRoom)
	tables, to := m.pairs.vectorTables(&m.byteID), &dst[:n+1][n]
	if len(units) <= 16 {
		return dst[:n+mergeUnits16(&units[0], len(units), &tables, to)], true
	}
	return dst[:n+mergeUnits63(&units[0], len(units), &tables, to)], true
}
