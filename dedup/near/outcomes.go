package near

import (
	"math"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/internal/extsort"
	"github.com/codemill/codemill/work"
)

// The outcomes of the phase over all documents are a need of the stage, one
// shard that all shards of verdicts are made from:
//
//	outcomes/all.outcomes   an Outcome for each document that is dropped, or
//	                        kept and stands for others; see dedup/units/sharded.go
//	outcomes/all.json       what is known of the Summary
const (
	Sub         = "outcomes"
	outcomesExt = ".outcomes"
)

// Version is raised when the same sketches and settings give other
// outcomes.
//
//	1: the first
const Version = 1

// Outcome is what becomes of a document, in the file of outcomes.
type Outcome struct {
	ordinal    uint32     // of the document
	Decision   byte       // StandsFor, ExactCopy or what is similar
	Survivor   corpus.Pos // of a dropped one
	Similarity float64    // to the survivor
	Copies     uint32     // how many others a kept one stands for
}

// outcomeSize is the length of an Outcome: its fields in their order,
// big-endian.
const outcomeSize = 4 + 1 + 8 + 8 + 4

func (o *Outcome) append(b []byte) []byte {
	b = append(put32(b, o.ordinal), o.Decision)
	b = put64(put64(b, uint64(o.Survivor)), math.Float64bits(o.Similarity))
	return put32(b, o.Copies)
}

func (o *Outcome) parse(b []byte) {
	*o = Outcome{
		ordinal: be32(b), Decision: b[4], Survivor: corpus.Pos(be64(b[5:])),
		Similarity: math.Float64frombits(be64(b[13:])), Copies: be32(b[21:]),
	}
}

// write writes the outcomes: those of one document, which come side by side, as
// one record.
func (p *phase) write(outcomes *extsort.Sorter, out *work.Output) error {
	sorted, err := outcomes.Sort()
	if err != nil {
		return err
	}
	w, err := units.CreateSharded(out, outcomesExt, p.Starts[:p.Own+1])
	if err != nil {
		return err
	}
	var (
		one  change
		o    Outcome
		have bool // o is one
		buf  []byte
	)
	write := func() error {
		if !have {
			return nil
		}
		buf = o.append(buf[:0])
		return w.Write(int64(o.ordinal), buf)
	}
	for b, err := range sorted.All() {
		if err != nil {
			return err
		}
		if one.parse(b); !have || one.ordinal != o.ordinal {
			if err := write(); err != nil {
				return err
			}
			o, have = Outcome{ordinal: one.ordinal}, true
		}
		if one.decision == StandsFor {
			o.Copies++
		} else {
			o.Decision, o.Survivor, o.Similarity = one.decision, one.survivor, one.similarity
		}
	}
	if err := write(); err != nil {
		return err
	}
	return w.Close()
}

// OutcomeReader reads the outcomes of one shard of documents.
type OutcomeReader struct {
	*units.ShardedReader
	next Outcome
	have bool // next is one: there are more
}

// OpenOutcomes opens those of a shard in the folder of outcomes.
func OpenOutcomes(dir work.Dir, shard int) (*OutcomeReader, error) {
	records, err := units.OpenSharded(units.Shard{Dir: dir, Name: units.AllShard}, outcomesExt, outcomeSize, shard)
	if err != nil {
		return nil, err
	}
	r := &OutcomeReader{ShardedReader: records}
	if err := r.advance(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *OutcomeReader) advance() error {
	b, err := r.Read()
	if r.have = b != nil; r.have {
		r.next.parse(b)
	}
	return err
}

// Of returns the outcome of the entry of this number in the shard. They must be
// asked for in their order. One that is kept and stands for itself alone has
// none.
func (r *OutcomeReader) Of(number int64) (o Outcome, ok bool, err error) {
	if !r.have || int64(r.next.ordinal)-r.First != number {
		return o, false, nil
	}
	o = r.next
	return o, true, r.advance()
}
