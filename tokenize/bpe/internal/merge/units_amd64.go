//go:build !purego

package merge

// addUnits adds the units of the characters of piece[i:n] until they are full or no
// token has a byte, and returns where that is. It reads up to three bytes behind the
// piece.
//
//go:noescape
func addUnits(piece *byte, i, n int, a *atoms, byteID *[256]uint32, u *unitBuffer) int

// vectorUnits is [unitBuffer.add] for as many characters of piece[i:] as this machine
// does at once.
func (m *Model) vectorUnits(u *unitBuffer, piece []byte, i int) int {
	if m.vectors == 0 || cap(piece) < len(piece)+3 || len(piece) == 0 {
		return i
	}
	return addUnits(&piece[0], i, len(piece), m.atoms, &m.byteID, u)
}
