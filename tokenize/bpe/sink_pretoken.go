package bpe

import (
	"github.com/codemill/codemill/tokenize/bpe/internal/merge"
)

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
	s.kept = dropFront(s.kept, n)
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

// An openPretoken is the beginning of a pretoken that is longer than what may be
// kept, a run of characters of one class. Its bytes are merged as they come;
// the scanner is shown its first and last characters, between which any number
// could stand: it has no state that counts them.
type openPretoken struct {
	context int    // so much of what is kept stands for the beginning; 0 if none is open
	bytes   []byte // of the beginning, what is not merged yet
	want    int    // merge when there are that many
}

// grow takes what is kept into an open pretoken, or does nothing.
func (s *pretokenSink) grow() error {
	if !s.e.t.pre.HasScanner() {
		return nil
	}
	head, tail, end := s.e.t.pre.Run(s.kept, s.long.context)
	if end == 0 {
		return nil
	}
	for _, b := range s.kept[s.long.context:end] {
		if s.e.t.model.Has(b) {
			s.long.bytes = append(s.long.bytes, b)
		}
	}
	s.long.context = head + end - tail
	s.kept = append(s.kept[:head], s.kept[tail:]...)
	return s.merge()
}

// finish ends the open pretoken at kept[:end].
func (s *pretokenSink) finish(end int) error {
	s.long.bytes = append(s.long.bytes, s.kept[s.long.context:end]...)
	s.ids = s.e.t.model.AppendLong(s.e.tokens.Scratch(), s.ids[:0], s.long.bytes)
	s.kept = dropFront(s.kept, end)
	s.long = openPretoken{bytes: s.long.bytes[:0]}
	return s.give()
}

// merge emits the tokens of the open pretoken that are final.
func (s *pretokenSink) merge() error {
	least := min(merge.Window, 16*s.min) // less in tests
	for len(s.long.bytes) >= max(least, s.long.want) {
		var n int
		s.ids, n = s.e.t.model.AppendFinal(s.e.tokens.Scratch(), s.ids[:0], s.long.bytes[:max(least, s.long.want)])
		if n == 0 {
			s.long.want = 2 * max(least, s.long.want)
			continue
		}
		s.long.want = 0
		s.long.bytes = dropFront(s.long.bytes, n)
		if err := s.give(); err != nil {
			return err
		}
	}
	return nil
}
