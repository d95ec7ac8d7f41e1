package dedup

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/index"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// verdicts writes the verdicts of one shard, its tally, and with an index the names of
// survivors that are in it. Documents, their entries and the outcomes are all in the
// order of rows, so that they are read side by side.
func (r *runner) verdicts(ctx context.Context, shard int, out *work.Output) error {
	w, err := out.CreateVerdicts()
	if err != nil {
		return err
	}
	names := r.index.OpenNames(r.job)
	defer names.Close()
	known, err := index.CreateKnown(names, out)
	if err != nil {
		return err
	}
	j, err := r.join(shard)
	if err != nil {
		return err
	}
	defer j.close()
	y := newTallier(r.d.c.Near)
	for row, err := range r.job.Rows(ctx, shard, false) {
		if err != nil {
			return err
		}
		v := corpus.Verdict{Reason: corpus.Earlier, Survivor: corpus.NoPos}
		if !row.Out {
			if v, err = j.verdict(row); err != nil {
				return err
			}
			if j.takesPart {
				y.add(row, &j.entry, j.first, &v)
			}
			amount := ledger.Amount{Docs: 1, Bytes: j.length}
			if v.Kept() {
				out.Count.Keep(row.Doc.Source, amount)
			} else {
				out.Count.Drop(row.Doc.Source, string(v.Reason), amount)
			}
			if units.IsIndexPos(v.Survivor) {
				if err := known.Add(row.Pos.Row(), v.Survivor); err != nil {
					return err
				}
				v.Survivor = corpus.NoPos
			}
		}
		if err := w.Write(&v); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := known.Close(); err != nil {
		return err
	}
	return y.write(out)
}

// joiner reads the entries, lengths and outcomes of a shard side by side, in step with
// its documents.
type joiner struct {
	d                *Dedup
	entries, lengths *bufio.Reader
	outcomes         *near.OutcomeReader
	closers          []io.Closer
	group            units.Grouping
	number           int64 // of the next entry

	// Of the document that verdict was asked for last.
	length    int64 // bytes of its text as crawled
	takesPart bool
	first     bool           // it is the first of its unit
	entry     units.Entry    // of its unit
	decided   corpus.Verdict // on its unit
}

// join opens the files of a shard. The caller closes the joiner.
func (r *runner) join(shard int) (*joiner, error) {
	at := units.Shard{Dir: r.job.Sub(units.Sub).Dir(), Name: corpus.ShardName(shard)}
	outcomes, err := near.OpenOutcomes(r.job.Sub(near.Sub).Dir(), shard)
	if err != nil {
		return nil, err
	}
	j := &joiner{d: r.d, group: r.d.Grouping(), outcomes: outcomes, closers: []io.Closer{outcomes.File}}
	for _, open := range []struct {
		ext string
		to  **bufio.Reader
	}{{units.EntriesExt, &j.entries}, {units.LengthsExt, &j.lengths}} {
		f, err := at.Open(open.ext)
		if err != nil {
			j.close()
			return nil, err
		}
		j.closers = append(j.closers, f)
		*open.to = bufio.NewReaderSize(f, 1<<18)
	}
	return j, nil
}

func (j *joiner) close() {
	for _, c := range j.closers {
		c.Close()
	}
}

// verdict returns the verdict on a document. It must be asked for every document that
// no earlier stage put out, in their order. A document that takes no part is kept.
func (j *joiner) verdict(row work.Row) (v corpus.Verdict, err error) {
	var b [8]byte
	if _, err := io.ReadFull(j.lengths, b[:]); err != nil {
		return v, fmt.Errorf("%w: lengths of fewer documents than there are: %w", corpus.ErrCorrupt, err)
	}
	j.length = int64(binary.LittleEndian.Uint64(b[:]))
	if j.takesPart = j.d.Takes(row.Doc); !j.takesPart {
		return corpus.Verdict{Survivor: corpus.NoPos}, nil
	}
	if j.first = j.group.Starts(row.Doc); j.first {
		err = j.next(row.Pos.Row())
	}
	return j.decided, err
}

// next reads the next entry and the outcome of its unit, and makes the verdict of them.
// The unit's first document must stand in this row.
func (j *joiner) next(row int64) error {
	var b [units.EntrySize]byte
	if _, err := io.ReadFull(j.entries, b[:]); err != nil {
		return fmt.Errorf("%w: sketches of fewer documents than there are: %w", corpus.ErrCorrupt, err)
	}
	if j.entry.Parse(b[:]); int64(j.entry.Row) != row {
		return fmt.Errorf("%w: sketch of row %d instead of row %d", corpus.ErrCorrupt, j.entry.Row, row)
	}
	o, ok, err := j.outcomes.Of(j.number)
	if err != nil {
		return err
	}
	j.number++
	j.decided = corpus.Verdict{Survivor: corpus.NoPos, Copies: 1 + int64(o.Copies)}
	if !ok || o.Decision == near.StandsFor {
		return nil
	}
	v := &j.decided
	copied, similar := j.d.reasons()
	v.Copies, v.Survivor, v.Similarity = 0, o.Survivor, o.Similarity
	v.Reason, v.Value, v.Limit = similar, v.Similarity, j.d.c.Near.Threshold
	if o.Decision == near.ExactCopy {
		v.Reason, v.Limit = copied, 1
	}
	return nil
}
