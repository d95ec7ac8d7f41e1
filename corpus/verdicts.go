package corpus

import (
	"encoding/binary"
	"fmt"
	"iter"
)

// The columns of verdicts. Edits are one value: for each of them start and
// end as uvarints, the length of the replacement as uvarint, the replacement.
var verdictColumns = []Column{
	{"reason", Names}, {"value", Floats}, {"limit", Floats},
	{"survivor", Ints}, {"similarity", Floats}, {"copies", Ints}, {"edits", Blobs},
}

// VerdictWriter writes the verdicts on one shard of documents, in their order.
type VerdictWriter struct{ rowWriter }

// CreateVerdicts starts the file of verdicts of a shard.
func (o *Output) CreateVerdicts() (*VerdictWriter, error) {
	w, err := o.createRows(tableEnding, verdictColumns)
	return &VerdictWriter{w}, err
}

// Write adds the verdict on the next document. A verdict without a survivor
// has NoPos there.
func (w *VerdictWriter) Write(v *Verdict) error {
	w.t.String(string(v.Reason))
	w.t.Float(v.Value)
	w.t.Float(v.Limit)
	w.t.Int(int64(v.Survivor))
	w.t.Float(v.Similarity)
	w.t.Int(v.Copies)
	w.t.Bytes(appendEdits(nil, v.Edits))
	return w.t.EndRow()
}

func appendEdits(b []byte, edits []Edit) []byte {
	for _, e := range edits {
		b = binary.AppendUvarint(b, uint64(e.Start))
		b = binary.AppendUvarint(b, uint64(e.End))
		b = binary.AppendUvarint(b, uint64(len(e.Text)))
		b = append(b, e.Text...)
	}
	return b
}

func parseEdits(b []byte) ([]Edit, error) {
	var edits []Edit
	for len(b) > 0 {
		var n [3]uint64
		for i := range n {
			v, k := binary.Uvarint(b)
			if k <= 0 || v > 1<<62 {
				return nil, fmt.Errorf("%w: edits", ErrCorrupt)
			}
			n[i], b = v, b[k:]
		}
		if n[2] > uint64(len(b)) {
			return nil, fmt.Errorf("%w: edits", ErrCorrupt)
		}
		edits = append(edits, Edit{int64(n[0]), int64(n[1]), string(b[:n[2]])})
		b = b[n[2]:]
	}
	return edits, nil
}

// Verdicts iterates over the verdicts that a stage passed on a shard.
func (w *Work) Verdicts(stage string, shard int) iter.Seq2[Verdict, error] {
	return TableRows(w.Dir(VerdictsDir(stage)), shard, tableEnding, verdictColumns, (*Batch).verdict)
}

func (b *Batch) verdict(row int) (Verdict, error) {
	edits, err := parseEdits(b.Bytes(6, row))
	return Verdict{
		Reason: Reason(b.String(0, row)), Value: b.Float(1, row), Limit: b.Float(2, row),
		Survivor: Pos(b.Int(3, row)), Similarity: b.Float(4, row), Copies: b.Int(5, row), Edits: edits,
	}, err
}

// joined is what the verdict stages so far say of a shard's documents.
type joined struct {
	rows  int64
	out   []bool
	edits []map[int64][]Edit // by stage, then row
}

func (j Job) openVerdicts(shard int) (*joined, error) {
	r, err := j.Work.Dir(DocsDir).Receipt(ShardName(shard))
	if err != nil {
		return nil, err
	}
	v := &joined{rows: r.Files[0].Rows}
	v.out = make([]bool, v.rows)
	for _, stage := range j.After {
		edits, row := map[int64][]Edit{}, int64(0)
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
				VerdictsDir(stage), ShardName(shard), v.rows)
		}
		v.edits = append(v.edits, edits)
	}
	return v, nil
}

// apply puts into a row what the verdicts say of it.
func (v *joined) apply(r *Row, text bool) error {
	row := r.Pos.Row()
	if row >= v.rows {
		return fmt.Errorf("%w: more rows than the receipt says", ErrCorrupt)
	}
	r.Out = v.out[row]
	if !text || r.Out {
		return nil
	}
	for i, edits := range v.edits {
		ok := true
		if r.Doc.Text, ok = Apply(r.Doc.Text, edits[row]); !ok {
			return fmt.Errorf("%w: the edits of stage %d do not fit the text", ErrCorrupt, i)
		}
		r.Edited = r.Edited || len(edits[row]) > 0
	}
	return nil
}
