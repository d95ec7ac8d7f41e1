package tokenize

import (
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// OutputFormat is the version of the Arrow files' columns.
//
//	1: the first
//
// A row is a sequence. Its columns are lists; all but the first have one value
// for each segment, a run of one document's tokens:
//
//	input_ids    int32   the tokens
//	seq_lengths  int32   tokens of the segment; they add up to the length of input_ids
//	doc_ids      string  the document's id, 32 hexadecimal digits
//	repos        string  its repository
//	paths        string  its path in there
//	licenses     string  its SPDX expression, "" if there is none
//	fims         string  none, psm or spm: how the document is arranged (see Form)
//	starts       int32   where in the document's tokens the segment starts: not 0 for the rest of one that was cut
//	epochs       int32   which use of the document it is, from 0
//
// Filling up is a last segment with fims "pad", 0 and "" elsewhere. Repository
// and path are UTF-8: see [Quote]. The files are Arrow IPC streams without
// compression, dictionaries or nulls; fields are nullable and lists' values
// named "item", as pyarrow makes them, so that readers cast nothing.
const OutputFormat = 1

// The columns in their order.
const (
	inputIDs = iota
	seqLengths
	docIDs
	repos
	paths
	licenses
	fims
	starts
	epochs
)

// columns lists the names and types of the values of the columns.
func columns() []column {
	i, s := arrow.PrimitiveTypes.Int32, arrow.BinaryTypes.String
	return []column{
		{"input_ids", i}, {"seq_lengths", i}, {"doc_ids", s}, {"repos", s}, {"paths", s},
		{"licenses", s}, {"fims", s}, {"starts", i}, {"epochs", i},
	}
}

type column struct {
	name string
	of   arrow.DataType
}

func schema() *arrow.Schema {
	var fields []arrow.Field
	for _, c := range columns() {
		fields = append(fields, arrow.Field{Name: c.name, Type: arrow.ListOf(c.of), Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

const (
	// batchBytes ends a record batch: what a reader that maps nothing into
	// memory has to hold, far below the 2 GiB at which 32-bit offsets end.
	batchBytes = 16 << 20
	// maxRowBytes bounds what one sequence may bring along, as a batch cannot
	// be ended within it.
	maxRowBytes = 1 << 30
)

// sequenceWriter writes packed sequences as one Arrow IPC stream.
type sequenceWriter struct {
	w         *ipc.Writer
	b         *array.RecordBuilder
	lists     []*array.ListBuilder
	batchRows int
	rows      int // in the open batch
	size      int // bytes in the open batch
	total     int64
	ids       []int32
	tokens    int // in the open batch
	reserve   int // tokens of the batch before
}

func newSequenceWriter(w io.Writer, batchRows int) *sequenceWriter {
	s := schema()
	sw := &sequenceWriter{
		w:         ipc.NewWriter(w, ipc.WithSchema(s)),
		b:         array.NewRecordBuilder(memory.NewGoAllocator(), s),
		batchRows: batchRows,
	}
	for _, f := range sw.b.Fields() {
		sw.lists = append(sw.lists, f.(*array.ListBuilder))
	}
	return sw
}

func (w *sequenceWriter) int32(column int, n int) {
	w.lists[column].ValueBuilder().(*array.Int32Builder).Append(int32(n))
}

func (w *sequenceWriter) string(column int, s string) {
	w.lists[column].ValueBuilder().(*array.StringBuilder).Append(s)
	w.size += len(s)
}

// segment adds the metadata of one segment of the open row.
func (w *sequenceWriter) segment(n int, doc, repo, path, license string, f Form, start int, epoch int64) {
	w.int32(seqLengths, n)
	w.string(docIDs, doc)
	w.string(repos, repo)
	w.string(paths, path)
	w.string(licenses, license)
	w.string(fims, f.String())
	w.int32(starts, start)
	w.int32(epochs, int(epoch))
	w.size += 4*n + 32
}

// write adds a sequence: pieces of records, and as many tokens of padding.
func (w *sequenceWriter) write(records []record, pieces []Piece, padding int, pad uint32) error {
	for _, l := range w.lists {
		l.Append(true)
	}
	before := w.size
	w.ids = w.ids[:0]
	for _, p := range pieces {
		r := &records[p.Doc]
		w.segment(p.Len, r.ID.String(), Quote(r.Repo), Quote(r.Path), Quote(r.License), r.Form, p.Start, r.Epoch)
		w.ids = appendIDs(w.ids, r.ids[4*p.Start:4*(p.Start+p.Len)])
		if w.size-before > maxRowBytes {
			return fmt.Errorf("a sequence with %d MiB of names and paths; use a smaller seq_len", (w.size-before)>>20)
		}
	}
	if padding > 0 {
		w.segment(padding, "", "", "", "", Padding, 0, 0)
		for range padding {
			w.ids = append(w.ids, int32(pad))
		}
	}
	values := w.lists[inputIDs].ValueBuilder().(*array.Int32Builder)
	if w.rows == 0 {
		values.Reserve(max(w.reserve, len(w.ids)))
	}
	values.AppendValues(w.ids, nil)
	w.tokens += len(w.ids)
	w.rows++
	w.total++
	if w.rows >= w.batchRows || w.size >= batchBytes {
		return w.flush()
	}
	return nil
}

// appendIDs appends little-endian ids.
func appendIDs(dst []int32, b []byte) []int32 {
	for ; len(b) >= 4; b = b[4:] {
		dst = append(dst, int32(uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16|uint32(b[3])<<24))
	}
	return dst
}

func (w *sequenceWriter) flush() error {
	if w.rows == 0 {
		return nil
	}
	rec := w.b.NewRecord()
	defer rec.Release()
	w.rows, w.size, w.reserve, w.tokens = 0, 0, w.tokens, 0
	return w.w.Write(rec)
}

// close ends the stream. The writer under it is not closed.
func (w *sequenceWriter) close() error {
	if err := w.flush(); err != nil {
		return err
	}
	w.b.Release()
	return w.w.Close()
}
