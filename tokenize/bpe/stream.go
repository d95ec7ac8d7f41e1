package bpe

import (
	"errors"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// MaxPending is the most text, in bytes, that a [Stream] keeps while its tokens
// are undecided.
const MaxPending = 64 << 20

// ErrPending is the error of a stream whose tokens stay undecided for more than
// [MaxPending] bytes.
var ErrPending = errors.New("the tokens of a text are undecided for too long")

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

// rest moves what is left behind n bytes to the front.
func rest(kept []byte, n int) []byte {
	return kept[:copy(kept, kept[n:])]
}

// A cutSink finds added tokens. It passes text on as soon as no token can begin
// in it.
type cutSink struct {
	m      *matcher
	next   sink
	kept   []byte
	before []byte // the last bytes of what was forgotten
	// As in a cutter, places in kept: text up to pos is searched, and text up to
	// start passed on or taken by a token; what is between start and pos is
	// white space that a token behind it may take.
	pos, start int
	inSpace    bool // white space from start on belongs to a token
}

func (s *cutSink) text(p []byte) error {
	return inPieces(p, func(p []byte) (err error) {
		if s.kept, err = pending(s.kept, p); err != nil {
			return err
		}
		return s.drain(false)
	})
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

func (s *cutSink) token(id uint32) error {
	if err := s.end(); err != nil {
		return err
	}
	return s.next.token(id)
}

func (s *cutSink) end() error {
	if err := s.drain(true); err != nil {
		return err
	}
	s.kept, s.before, s.pos, s.start, s.inSpace = s.kept[:0], s.before[:0], 0, 0, false
	return s.next.end()
}

// drain takes the steps of [cutter.next] as far as they are certain: a match is
// if the longest token and a character behind it would be there.
func (s *cutSink) drain(end bool) error {
	limit := len(s.kept)
	if !end {
		limit = charset.RuneStart(s.kept, limit-s.m.max-utf8.UTFMax)
	}
	c := newCutter(s.m, s.kept)
	c.pos, c.start, c.before = s.pos, s.start, s.before
	s.space(&c)
	for {
		from, to, a := c.find()
		if a == nil || from >= limit {
			break
		}
		c.pos = to
		if a.text || a.SingleWord && !c.alone(from, to) {
			continue
		}
		if a.LStrip {
			from = c.spaceBefore(from)
		}
		if from >= to {
			continue
		}
		if err := s.pass(c.start, from); err != nil {
			return err
		}
		if err := s.next.token(a.ID); err != nil {
			return err
		}
		c.start, s.inSpace = to, a.RStrip
		s.space(&c)
	}
	return s.advance(&c, max(limit, c.pos), end)
}

// space passes over white space that belongs to the token before it.
func (s *cutSink) space(c *cutter) {
	if s.inSpace {
		c.start += leadingSpace(s.kept[c.start:])
		s.inSpace = c.start == len(s.kept)
	}
}

// advance notes that the text up to pos holds no further token, and passes on
// what is certain of it.
func (s *cutSink) advance(c *cutter, pos int, end bool) error {
	stop := pos
	if s.m.lstrip && !end {
		for stop > c.start && stop > s.pos {
			r, n := utf8.DecodeLastRune(s.kept[c.start:stop])
			if !isWhite(r) {
				break
			}
			stop -= n
		}
		if stop <= s.pos {
			stop = c.start // up to s.pos it was white space before
		}
	}
	if err := s.pass(c.start, stop); err != nil {
		return err
	}
	start := max(c.start, stop)
	gone := min(start, pos)
	s.before = append(s.before, s.kept[max(0, gone-utf8.UTFMax):gone]...)
	s.before = rest(s.before, max(0, len(s.before)-utf8.UTFMax))
	s.kept = rest(s.kept, gone)
	s.pos, s.start = pos-gone, start-gone
	return nil
}

// pass passes text on, which may be none.
func (s *cutSink) pass(from, to int) error {
	if from >= to {
		return nil
	}
	return s.next.text(s.kept[from:to])
}

// An nfcSink normalizes. It keeps the last combining sequence.
type nfcSink struct {
	next    sink
	kept    []byte
	checked int // no boundary before this place of kept
}

func (s *nfcSink) text(p []byte) error {
	return inPieces(p, func(p []byte) (err error) {
		if s.kept, err = pending(s.kept, p); err != nil {
			return err
		}
		for i := len(s.kept) - 1; i > s.checked; i-- {
			if utf8.RuneStart(s.kept[i]) && utf8.FullRune(s.kept[i:]) && charset.Boundary(s.kept[i:]) {
				err = s.next.text(charset.NFC(s.kept[:i]))
				s.kept = rest(s.kept, i)
				break
			}
		}
		s.checked = max(0, len(s.kept)-utf8.UTFMax)
		return err
	})
}

func (s *nfcSink) token(id uint32) error {
	if err := s.end(); err != nil {
		return err
	}
	return s.next.token(id)
}

func (s *nfcSink) end() error {
	if len(s.kept) > 0 {
		if err := s.next.text(charset.NFC(s.kept)); err != nil {
			return err
		}
	}
	s.kept, s.checked = s.kept[:0], 0
	return s.next.end()
}

// minPending is how much text is gathered before it is cut, in bytes.
const minPending = 64 << 10

// A pretokenSink encodes text.
type pretokenSink struct {
	e    *Encoder
	emit func([]uint32) error
	kept []byte
	want int // cut when that much is kept
	min  int // at least
	ids  []uint32
	long openPretoken
}

func (s *pretokenSink) text(p []byte) error {
	return inPieces(p, func(p []byte) (err error) {
		if s.kept, err = pending(s.kept, p); err != nil || len(s.kept) < s.want {
			return err
		}
		err = s.cut()
		// Cutting looks at all that is kept, so that is to double in between.
		s.want = max(s.min, 2*len(s.kept))
		return err
	})
}

// cut encodes what is certain.
func (s *pretokenSink) cut() error {
	if s.long.context > 0 {
		end := s.e.t.pre.FirstEnd(s.kept)
		if end > s.e.t.pre.Settled(s.kept) {
			return s.grow()
		}
		if err := s.finish(end); err != nil {
			return err
		}
	}
	n := s.e.t.pre.CutPoint(s.kept)
	if n == 0 {
		return s.grow()
	}
	err := s.encode(s.kept[:n])
	s.kept = rest(s.kept, n)
	return err
}

func (s *pretokenSink) encode(text []byte) error {
	s.ids = s.e.plain(s.ids[:0], text)
	return s.give()
}

func (s *pretokenSink) give() error {
	if len(s.ids) == 0 {
		return nil
	}
	return s.emit(s.ids)
}

func (s *pretokenSink) token(id uint32) error {
	if err := s.end(); err != nil {
		return err
	}
	s.ids = append(s.ids[:0], id)
	return s.emit(s.ids)
}

func (s *pretokenSink) end() error {
	if s.long.context > 0 {
		if err := s.finish(s.e.t.pre.FirstEnd(s.kept)); err != nil {
			return err
		}
	}
	if err := s.encode(s.kept); err != nil {
		return err
	}
	s.kept, s.want = s.kept[:0], s.min
	return nil
}
