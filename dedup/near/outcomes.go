package near

import (
	"math"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/internal/extsort"
	"github.com/codemill/codemill/work"
)

// The outcomes are what the comparison of all units comes to. They are a need of the
// stage: one shard, from which all shards of verdicts are made.
//
//	outcomes/all.outcomes   an Outcome for each document that is dropped, or
//	                        kept and stands for others; see dedup/units/sharded.go
//	outcomes/all.json       Found: the numbers for dedup's Summary
const (
	Sub         = "outcomes"
	outcomesExt = ".outcomes"
)

// Version is raised when the same sketches and settings give other
// outcomes.
//
//	1: the first
const Version = 1

// Outcome is what becomes of a unit. A unit that is kept and stands for itself alone
// has none in the file.
type Outcome struct {
	ordinal    uint32     // of the unit
	Decision   byte       // StandsFor, ExactCopy or nearCopy
	Survivor   corpus.Pos // the better unit that it is dropped for; one of the index has an IndexPos
	Similarity float64    // to the survivor, 1 for an exact copy
	Copies     uint32     // how many other units a kept one stands for
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

// write sums up the changes of each unit, which come side by side when sorted, to
// one outcome and writes the outcomes by ordinal.
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

// OutcomeReader reads the outcomes of one shard of documents, in the order of its
// entries.
type OutcomeReader struct {
	*units.ShardedReader
	next Outcome // the next outcome in the file
	have bool    // false when there are no more
}

// OpenOutcomes opens the outcomes of a shard of documents. dir is the folder of
// outcomes. The caller closes the reader.
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

// Of returns the outcome of the unit with this number in the shard, counted from 0.
// Units must be asked for in rising order. ok is false for one that has no outcome:
// it is kept and stands for itself alone.
func (r *OutcomeReader) Of(number int64) (o Outcome, ok bool, err error) {
	if !r.have || int64(r.next.ordinal)-r.First != number {
		return o, false, nil
	}
	o = r.next
	return o, true, r.advance()
}
