package bpe

import (
	"errors"
)

// A Stream encodes a text that is written to it piece by piece, an
// [io.WriteCloser]. The ids are those of the whole text, however it is cut into
// pieces (also inside of characters). It hands them on as they become certain:
// a text is cut only where a pretoken ends whatever follows.
//
// Besides its encoder a stream takes 1 to 3 MB for texts of any length, mostly.
// It takes more where the text leaves open for longer what its tokens are: a
// pretoken of any length, such as a line of letters without a space, is merged
// piece by piece where its characters are of one class and kept whole
// elsewhere; white space in front of what may be an LStrip token is kept; so is
// a run of combining marks where the vocabulary normalizes. With a
// pre-tokenizer that has no scanner (see Design) the whole text is kept.
// [ErrPending] ends a stream that would keep more than [MaxPending].
//
// The encoder belongs to the stream until it is closed.
type Stream struct {
	e     *Encoder
	first sink
	err   error
}

// NewStream begins a text whose ids go to emit, several at a time and in order;
// what emit gets is valid until it returns, its error ends the stream. Special
// tokens are recognised if special is set, as by AppendSpecial.
func (e *Encoder) NewStream(special bool, emit func(ids []uint32) error) *Stream {
	return e.newStream(special, minPending, emit)
}

func (e *Encoder) newStream(special bool, least int, emit func(ids []uint32) error) *Stream {
	added := &e.t.ordinary
	if special {
		added = &e.t.special
	}
	var next sink = &pretokenSink{e: e, emit: emit, want: least, min: least}
	if added[1] != nil {
		next = &cutSink{m: added[1], next: next}
	}
	if e.t.nfc {
		next = &nfcSink{next: next}
	}
	if added[0] != nil {
		next = &cutSink{m: added[0], next: next}
	}
	return &Stream{e: e, first: next}
}

// Write encodes what p makes certain.
func (s *Stream) Write(p []byte) (int, error) {
	if s.err == nil {
		s.err = s.first.text(p)
	}
	if s.err != nil {
		return 0, s.err
	}
	return len(p), nil
}

// Close ends the text and encodes what is left. After an error, or a second
// time, it returns that error or [ErrClosed].
func (s *Stream) Close() error {
	if s.err != nil {
		return s.err
	}
	err := s.first.end()
	if s.err = err; err == nil {
		s.err = ErrClosed
	}
	return err
}

// ErrClosed is the error of writing to a stream that is closed.
var ErrClosed = errors.New("stream is closed")
