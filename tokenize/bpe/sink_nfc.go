package bpe

import (
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// An nfcSink normalizes. It keeps the last combining sequence.
type nfcSink struct {
	next    sink
	kept    []byte
	checked int // no boundary before this position of kept
}

func (s *nfcSink) text(p []byte) error {
	return inPieces(p, func(p []byte) (err error) {
		if s.kept, err = pending(s.kept, p); err != nil {
			return err
		}
		for i := len(s.kept) - 1; i > s.checked; i-- {
			if utf8.RuneStart(s.kept[i]) && utf8.FullRune(s.kept[i:]) && charset.Boundary(s.kept[i:]) {
				err = s.next.text(charset.NFC(s.kept[:i]))
				s.kept = dropFront(s.kept, i)
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
