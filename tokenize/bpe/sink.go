package bpe

import (
	"errors"
)

// MaxPending is the most text, in bytes, that a [Stream] keeps while its tokens
// are undecided.
const MaxPending = 64 << 20

// ErrPending is the error of a stream whose tokens stay undecided for more than
// [MaxPending] bytes.
var ErrPending = errors.New("the tokens of a text are undecided for too long")

// minPending is how much text is gathered before it is cut, in bytes.
const minPending = 64 << 10

// A sink takes a text in pieces, with tokens that are found in it. A text ends
// at each token, and at the end.
type sink interface {
	text(p []byte) error
	token(id uint32) error
	end() error
}

// pending appends p to the text that is kept.
func pending(kept, p []byte) ([]byte, error) {
	if len(kept)+len(p) > MaxPending {
		return kept, ErrPending
	}
	return append(kept, p...), nil
}

// dropFront moves what stands behind the first n bytes to the front.
func dropFront(kept []byte, n int) []byte {
	return kept[:copy(kept, kept[n:])]
}

// inPieces calls f with pieces of p that are not long, so that what is kept of
// them is not, either.
func inPieces(p []byte, f func([]byte) error) error {
	for len(p) > 0 {
		n := min(len(p), minPending)
		if err := f(p[:n]); err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}
