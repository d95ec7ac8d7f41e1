package export

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

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
	if !slices.Contains(Formats(), format) {
		return nil, fmt.Errorf("format: %q is not one of %s", format, strings.Join(Formats(), ", "))
	}
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
	f, err := out.Create(out.Shard() + "." + format)
	if err != nil {
		return err
	}
	w := formats()[format](f, l)
	for row, err := range from.Rows(ctx, shard, true) {
		if err != nil {
			return err
		}
		if row.Out {
			continue
		}
		if err := w.Write(row.Doc); err != nil {
			return err
		}
		f.Rows++
		out.Count.Keep(row.Doc.Source, ledger.Amount{Docs: 1, Bytes: row.Crawled})
		to.Meter.Did(1, row.Crawled)
	}
	return w.Close()
}

// formats is the table of formats by their names, which the files end in. To add one,
// write its type and its line.
func formats() map[string]func(*work.FileWriter, *Layout) textWriter {
	return map[string]func(*work.FileWriter, *Layout) textWriter{
		FormatParquet: func(f *work.FileWriter, l *Layout) textWriter { return table.NewWriter(f, l.schema()) },
		FormatJSONL:   func(f *work.FileWriter, l *Layout) textWriter { return &jsonl{f: f, layout: l} },
	}
}

// Formats lists the names of formats.
func Formats() []string { return slices.Sorted(maps.Keys(formats())) }

// textWriter writes documents in a format. The file under it belongs to the shard's
// Output, which closes it.
type textWriter interface {
	Write(*corpus.Doc) error
	Close() error
}

type jsonl struct {
	f      *work.FileWriter
	layout *Layout
	line   []byte // memory for one line
}

// Write adds a line.
func (w *jsonl) Write(d *corpus.Doc) (err error) {
	if w.line, err = w.layout.AppendJSON(w.line[:0], d); err != nil {
		return fmt.Errorf("%s: %s: %w", d.Repo, d.Path, err)
	}
	_, err = w.f.Write(append(w.line, '\n'))
	return err
}

// Close has nothing to do: lines need no end, as Parquet does its footer.
func (w *jsonl) Close() error { return nil }
