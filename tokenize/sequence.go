package tokenize

import (
	"context"
	"fmt"
	"iter"

	"github.com/codemill/codemill/work"
)

// Sequence is one packed sequence: a row of the token shards. With a length of 10 and
// documents of 4 and 3 tokens it has three segments:
//
//	IDs       a a a a b b b 0 0 0
//	Segments  {Tokens: 4, Doc: a, …} {Tokens: 3, Doc: b, …} {Tokens: 3, Form: Padding}
type Sequence struct {
	IDs      []int32   // of all segments, one after the other
	Segments []Segment // padding, if any, comes last
}

// Segment is tokens of one document that follow each other in a sequence.
type Segment struct {
	Tokens  int    // how many of the sequence's ids
	Doc     string // the document's id, 32 hexadecimal digits; "" for padding
	Repo    string // as Quote writes it, as are path and licence
	Path    string
	License string
	Form    Form
	Start   int   // number of its first token among the document's: not 0 behind a cut
	Epoch   int64 // which use of the document it is, from 0
}

// SequenceWriter writes token sequences in some format. To add one, write its type
// and open it in writeShard.
type SequenceWriter interface {
	// Write adds a sequence, which it may use until it returns.
	Write(*Sequence) error
	// Close ends the output. The file under it is not closed.
	Close() error
}

// Sequences iterates over the sequences of a token shard, whose bytes have been
// checked before a decoder sees them. Each is borrowed, with its strings: it is valid
// until the loop body ends. An error comes last. d is the folder of the tokens.
func Sequences(ctx context.Context, d work.Dir, shard string) iter.Seq2[*Sequence, error] {
	file := shard + ".arrow"
	return func(yield func(*Sequence, error) bool) {
		f, err := d.Open(shard, file)
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		for s, err := range readArrow(f) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(nil, fmt.Errorf("%s/%s: %w", d.Name(), file, err))
				return
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}

// fill makes s of pieces of records, and behind them of padding tokens, each the token pad.
// A Piece's Doc is the number of its record.
func (s *Sequence) fill(records []record, pieces []Piece, padding int, pad uint32) {
	s.IDs, s.Segments = s.IDs[:0], s.Segments[:0]
	for _, p := range pieces {
		r := &records[p.Doc]
		s.IDs = appendIDs(s.IDs, r.ids[4*p.Start:4*(p.Start+p.Len)])
		s.Segments = append(s.Segments, Segment{
			Tokens: p.Len, Doc: r.ID.String(), Repo: Quote(r.Repo), Path: Quote(r.Path), License: Quote(r.License),
			Form: r.Form, Start: p.Start, Epoch: r.Epoch,
		})
	}
	if padding > 0 {
		s.Segments = append(s.Segments, Segment{Tokens: padding, Form: Padding})
		for range padding {
			s.IDs = append(s.IDs, int32(pad))
		}
	}
}

// appendIDs appends ids of 4 bytes each, little-endian.
func appendIDs(dst []int32, b []byte) []int32 {
	for ; len(b) >= 4; b = b[4:] {
		dst = append(dst, int32(uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16|uint32(b[3])<<24))
	}
	return dst
}
