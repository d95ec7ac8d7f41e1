package bpe

import (
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// A cutSink finds added tokens. It passes text on as soon as no token can begin
// in it.
type cutSink struct {
	m      *matcher
	next   sink
	kept   []byte
	before []byte // the last bytes of what was forgotten
	// As in a cutter, positions in kept: text up to pos is searched, and text up to
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
	s.before = dropFront(s.before, max(0, len(s.before)-utf8.UTFMax))
	s.kept = dropFront(s.kept, gone)
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
