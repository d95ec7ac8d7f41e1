package export

import (
	"context"
	"fmt"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/corpus/table"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// Stage is the folder of materialized documents, in a work folder of its own.
const Stage = "text"

// The formats of materialized documents.
const (
	FormatParquet = "parquet"
	FormatJSONL   = "jsonl"
)

// materializeVersion is raised when the same documents give other bytes.
//
//	1: the first
const materializeVersion = 1

// Materialize writes the documents that the passes in from.After keep, with their edits
// made, as shards of to's stage: one for every shard of documents, also where nothing is
// left of it. from is read, and to, which is another work folder, is written; the workers
// and the memory are to's. The file of shard 12 is 00012.parquet or 00012.jsonl.
//
// It is an error if a pass is not complete, or was made from other documents than stand.
func Materialize(ctx context.Context, from, to work.Job, format string, l *Layout) (*work.Manifest, error) {
	inputs, err := from.Inputs()
	if err != nil {
		return nil, err
	}
	before, err := from.Intake()
	if err != nil {
		return nil, err
	}
	workers, err := to.Parallel(work.TableMemory)
	if err != nil {
		return nil, err
	}
	to.Meter.Expect(before.Total().Kept.Bytes)
	s := work.Stage{Version: materializeVersion, Settings: []string{format, l.String()}, Workers: workers, Expect: &before}
	for i, in := range inputs {
		s.Tasks = append(s.Tasks, work.Task{
			Shard: corpus.ShardName(i), Inputs: in, From: work.Fingerprint(in),
			Make: func(ctx context.Context, out *work.Output) error {
				return materialize(ctx, from, to, i, out, format, l)
			},
		})
	}
	return to.Run(ctx, s)
}

// materialize writes one shard. The ledger counts what was read, that is texts before any
// edits, so that it follows that of the passes.
func materialize(ctx context.Context, from, to work.Job, shard int, out *work.Output, format string, l *Layout) error {
	w, err := newTextWriter(out, format, l)
	if err != nil {
		return err
	}
	for row, err := range from.Rows(ctx, shard, true) {
		if err != nil {
			return err
		}
		if row.Out {
			continue
		}
		if err := w.write(row.Doc); err != nil {
			return err
		}
		out.Count.Keep(row.Doc.Source, ledger.Amount{Docs: 1, Bytes: row.Crawled})
		to.Meter.Did(1, row.Crawled)
	}
	return w.close()
}

// textWriter writes materialized documents in one of the formats. The file belongs to
// the shard's Output, which closes it.
type textWriter struct {
	f      *work.FileWriter
	layout *Layout
	table  *table.Writer[corpus.Doc] // nil for JSONL
	line   []byte                    // memory for one line of JSONL
}

func newTextWriter(o *work.Output, format string, l *Layout) (*textWriter, error) {
	if format != FormatParquet && format != FormatJSONL {
		return nil, fmt.Errorf("format: %q is neither %s nor %s", format, FormatParquet, FormatJSONL)
	}
	f, err := o.Create(o.Shard() + "." + format)
	if err != nil {
		return nil, err
	}
	w := &textWriter{f: f, layout: l}
	if format == FormatParquet {
		w.table = table.NewWriter(f, l.schema())
	}
	return w, nil
}

func (w *textWriter) write(d *corpus.Doc) (err error) {
	w.f.Rows++
	if w.table != nil {
		return w.table.Write(d)
	}
	if w.line, err = w.layout.AppendJSON(w.line[:0], d); err != nil {
		return fmt.Errorf("%s: %s: %w", d.Repo, d.Path, err)
	}
	_, err = w.f.Write(append(w.line, '\n'))
	return err
}

// close ends the table: without its footer Parquet cannot be read. JSONL needs no end.
func (w *textWriter) close() error {
	if w.table == nil {
		return nil
	}
	return w.table.Close()
}
