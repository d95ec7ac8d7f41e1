//go:build !amd64

package sketch

// bounds adds the places of the piece, which begins at a place in the text.
func (e *edges) bounds(piece []byte, at uint32, last *classes) { e.boundsGo(piece, at, last) }
