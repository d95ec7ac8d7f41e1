package work

import (
	"context"
	"fmt"
	"iter"

	"github.com/codemill/codemill/corpus"
)

// Row is a document with what the passes before a stage have made of it.
type Row struct {
	Pos corpus.Pos
	Doc *corpus.Doc // borrowed: valid until the loop body ends. Its text has the edits of the passes
	Out bool        // a pass has put it out; its text has no edits then
	// Crawled is how many bytes the text had before any edits. The ledger counts by it.
	// 0 where the rows are read without text.
	Crawled int64
	Edited  bool // a pass has changed the text
}

// Rows iterates over all documents of a shard in their order, joined with the verdicts
// of the passes in After. Those that a pass has put out come too, with Out set. Without
// text the documents' Text is nil, which saves most of the reading.
func (j Job) Rows(ctx context.Context, shard int, text bool) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		verdicts, err := j.openVerdicts(shard)
		if err != nil {
			yield(Row{}, err)
			return
		}
		columns := corpus.DocsWithoutText
		if text {
			columns = corpus.Docs
		}
		at := int64(0)
		for d, err := range ReadTable(j.Work.Dir(DocsStage), corpus.ShardName(shard), tableEnding, columns) {
			r := Row{Pos: corpus.At(shard, at), Doc: &d, Crawled: int64(len(d.Text))}
			if err == nil {
				err = ctx.Err()
			}
			if err == nil {
				if err = verdicts.apply(&r, text); err != nil {
					err = fmt.Errorf("%v: %w", r.Pos, err)
				}
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			if !yield(r, nil) {
				return
			}
			at++
		}
	}
}

// joined is what the passes say of the documents of one shard. It is read before the
// documents, and takes a byte a document and the edits, which are few.
type joined struct {
	rows  int64                    // documents there are
	out   []bool                   // by row: some pass has put it out
	edits []map[int64]corpus.Edits // by pass, then row; only of documents that are edited
}

// openVerdicts reads the verdicts of all passes in After on one shard. There must be one
// for each document.
func (j Job) openVerdicts(shard int) (*joined, error) {
	r, err := j.Work.Dir(DocsStage).Receipt(corpus.ShardName(shard))
	if err != nil {
		return nil, err
	}
	v := &joined{rows: r.Files[0].Rows}
	v.out = make([]bool, v.rows)
	for _, stage := range j.After {
		edits, row := map[int64]corpus.Edits{}, int64(0)
		for verdict, err := range j.Work.Verdicts(stage, shard) {
			if err != nil {
				return nil, err
			}
			if row >= v.rows {
				break
			}
			if !verdict.Kept() {
				v.out[row] = true
			} else if len(verdict.Edits) > 0 {
				edits[row] = verdict.Edits
			}
			row++
		}
		if row != v.rows {
			return nil, fmt.Errorf("%s/%s: verdicts on another number of documents than the %d there are: run the stages again in their order",
				VerdictsStage(stage), corpus.ShardName(shard), v.rows)
		}
		v.edits = append(v.edits, edits)
	}
	return v, nil
}

// apply puts into a row what the verdicts say of it, and edits its text if that is read:
// by the edits of one pass after the other, as those of a pass refer to the text that the
// passes before it have left.
func (v *joined) apply(r *Row, text bool) error {
	row := r.Pos.Row()
	if row >= v.rows {
		return fmt.Errorf("%w: more rows than the receipt says", corpus.ErrCorrupt)
	}
	r.Out = v.out[row]
	if !text || r.Out {
		return nil
	}
	for i, edits := range v.edits {
		ok := true
		if r.Doc.Text, ok = corpus.Apply(r.Doc.Text, edits[row]); !ok {
			return fmt.Errorf("%w: the edits of stage %d do not fit the text", corpus.ErrCorrupt, i)
		}
		r.Edited = r.Edited || len(edits[row]) > 0
	}
	return nil
}
