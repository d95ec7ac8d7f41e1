//go:build !amd64 || purego

package bpe

// A probe is not used here.
type probe struct{}

// emit appends the tokens of the pretokens from text[pos] on.
func (e *Encoder) emit(dst []uint32, text []byte, pos int, ends []int) []uint32 {
	return e.emitScalar(dst, text, pos, ends)
}
