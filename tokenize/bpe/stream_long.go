package bpe

import (
	"github.com/codemill/codemill/tokenize/bpe/internal/merge"
)

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
	s.kept = rest(s.kept, end)
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
		s.long.bytes = rest(s.long.bytes, n)
		if err := s.give(); err != nil {
			return err
		}
	}
	return nil
}
