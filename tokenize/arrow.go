package tokenize

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/codemill/codemill/corpus"
)

// OutputFormat is the version of the Arrow files' columns.
//
//	1: the first
//
// A row is a sequence. Its columns are lists. The first has the sequence's tokens; all
// others have one value for each segment, which is tokens of one document that follow
// each other:
//
//	input_ids    int32   the tokens
//	seq_lengths  int32   tokens of the segment; they add up to the length of input_ids
//	doc_ids      string  the document's id, 32 hexadecimal digits
//	repos        string  its repository
//	paths        string  its path in there
//	licenses     string  its SPDX expression, "" if there is none
//	fims         string  none, psm or spm: how the document is arranged (see Form)
//	starts       int32   where in the document's tokens the segment starts: not 0 behind a cut
//	epochs       int32   which use of the document it is, from 0
//
// Padding is a last segment with fims "pad" and 0 or "" in the other columns, but for
// its length. Repository, path and licence are UTF-8: see [Quote]. The files are Arrow
// IPC streams without compression, dictionaries or nulls. Fields are nullable and the
// values of lists are named "item", as pyarrow makes them, so that readers need not
// convert anything.
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

// column is a column of lists of this type.
type column struct {
	name string
	of   arrow.DataType
}

// schema is the columns as Arrow has them.
func schema() *arrow.Schema {
	var fields []arrow.Field
	for _, c := range columns() {
		fields = append(fields, arrow.Field{Name: c.name, Type: arrow.ListOf(c.of), Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

const (
	// batchBytes is the size at which a record batch ends. A reader that maps
	// nothing into memory has to hold a batch. It is far below the 2 GiB at which
	// 32-bit offsets end.
	batchBytes = 16 << 20
	// maxRowBytes bounds the names and paths of one sequence: a batch cannot end
	// within a sequence, and must stay below 2 GiB.
	maxRowBytes = 1 << 30
)

// arrowWriter writes sequences as one Arrow IPC stream.
type arrowWriter struct {
	w         *ipc.Writer
	b         *array.RecordBuilder
	lists     []*array.ListBuilder // by column
	batchRows int                  // Config.BatchRows

	// Of the batch that is being filled.
	rows   int
	size   int // about how many bytes it has
	tokens int

	reserve int // tokens of the batch before: the memory to reserve for this one's
}

// newArrowWriter starts a stream on w. A batch ends after batchRows sequences, or when it
// has batchBytes.
func newArrowWriter(w io.Writer, batchRows int) *arrowWriter {
	s := schema()
	aw := &arrowWriter{
		w:         ipc.NewWriter(w, ipc.WithSchema(s)),
		b:         array.NewRecordBuilder(memory.NewGoAllocator(), s),
		batchRows: batchRows,
	}
	for _, f := range aw.b.Fields() {
		aw.lists = append(aw.lists, f.(*array.ListBuilder))
	}
	return aw
}

// int32 appends a number to the row's list of a column.
func (w *arrowWriter) int32(column int, n int) {
	w.lists[column].ValueBuilder().(*array.Int32Builder).Append(int32(n))
}

// string appends a text to the row's list of a column.
func (w *arrowWriter) string(column int, s string) {
	w.lists[column].ValueBuilder().(*array.StringBuilder).Append(s)
	w.size += len(s)
}

// Write adds a sequence. It writes a batch when one is full.
func (w *arrowWriter) Write(s *Sequence) error {
	for _, l := range w.lists {
		l.Append(true)
	}
	before := w.size
	for i := range s.Segments {
		g := &s.Segments[i]
		w.int32(seqLengths, g.Tokens)
		w.string(docIDs, g.Doc)
		w.string(repos, g.Repo)
		w.string(paths, g.Path)
		w.string(licenses, g.License)
		w.string(fims, g.Form.String())
		w.int32(starts, g.Start)
		w.int32(epochs, int(g.Epoch))
		w.size += 4*g.Tokens + 32
		if w.size-before > maxRowBytes {
			return fmt.Errorf("a sequence with %d MiB of names and paths; use a smaller seq_len", (w.size-before)>>20)
		}
	}
	values := w.lists[inputIDs].ValueBuilder().(*array.Int32Builder)
	if w.rows == 0 {
		values.Reserve(max(w.reserve, len(s.IDs)))
	}
	values.AppendValues(s.IDs, nil)
	w.tokens += len(s.IDs)
	w.rows++
	if w.rows >= w.batchRows || w.size >= batchBytes {
		return w.flush()
	}
	return nil
}

// flush writes the batch that is being filled, if it has any rows.
func (w *arrowWriter) flush() error {
	if w.rows == 0 {
		return nil
	}
	rec := w.b.NewRecord()
	defer rec.Release()
	w.reserve = w.tokens
	w.rows, w.size, w.tokens = 0, 0, 0
	return w.w.Write(rec)
}

// Close ends the stream. The writer under it is not closed.
func (w *arrowWriter) Close() error {
	if err := w.flush(); err != nil {
		return err
	}
	w.b.Release()
	return w.w.Close()
}

// readArrow iterates over the sequences of an Arrow IPC stream. Each is borrowed: it is
// valid until the loop body ends. A panic of the decoder, on damaged bytes, is
// [corpus.ErrCorrupt].
func readArrow(f io.Reader) iter.Seq2[*Sequence, error] {
	return func(yield func(*Sequence, error) bool) {
		r, err := ipc.NewReader(f)
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.Release()
		number := 0
		var s Sequence
		for {
			b, err := nextBatch(r)
			if b == nil && err == nil {
				return
			}
			for row := 0; err == nil && row < b.rows; row++ {
				if err = b.sequence(row, &s); err != nil {
					err = fmt.Errorf("sequence %d: %w", number, err)
				} else if !yield(&s, nil) {
					return
				}
				number++
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// arrowBatch is the columns of one record batch. The three slices are side by side, in the
// order of columns(). It is valid until the next batch is read.
type arrowBatch struct {
	rows    int
	lists   []*array.List
	ints    []*array.Int32  // by column; nil for columns of strings
	strings []*array.String // by column; nil for columns of numbers
}

// nextBatch reads the next record batch and checks its columns; nil where the stream
// ends.
func nextBatch(r *ipc.Reader) (b *arrowBatch, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", corpus.ErrCorrupt, p)
		}
	}()
	if !r.Next() {
		if err := r.Err(); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return nil, nil
	}
	rec := r.Record()
	b = &arrowBatch{rows: int(rec.NumRows())}
	for _, c := range columns() {
		at := rec.Schema().FieldIndices(c.name)
		if len(at) != 1 {
			return nil, fmt.Errorf("no column %q", c.name)
		}
		list, ok := rec.Column(at[0]).(*array.List)
		if !ok {
			return nil, fmt.Errorf("column %q is not a list", c.name)
		}
		if list.ListValues().DataType().ID() != c.of.ID() {
			return nil, fmt.Errorf("column %q has values of another type", c.name)
		}
		ints, _ := list.ListValues().(*array.Int32)
		text, _ := list.ListValues().(*array.String)
		b.lists = append(b.lists, list)
		b.ints = append(b.ints, ints)
		b.strings = append(b.strings, text)
	}
	return b, nil
}

// sequence reads a row into s, and checks that its segments add up to its tokens.
func (b *arrowBatch) sequence(row int, s *Sequence) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", corpus.ErrCorrupt, p)
		}
	}()
	from, to := b.lists[inputIDs].ValueOffsets(row)
	s.IDs = append(s.IDs[:0], b.ints[inputIDs].Int32Values()[from:to]...)
	s.Segments = s.Segments[:0]
	at := make([]int, len(b.lists)) // where each column's values of this row start
	first, last := b.lists[seqLengths].ValueOffsets(row)
	for c := seqLengths; c < len(b.lists); c++ {
		from, to := b.lists[c].ValueOffsets(row)
		if to-from != last-first {
			return fmt.Errorf("column %q has %d values for %d segments", columns()[c].name, to-from, last-first)
		}
		at[c] = int(from)
	}
	tokens := 0
	for i := range int(last - first) {
		text := func(c int) string { return b.strings[c].Value(at[c] + i) }
		number := func(c int) int { return int(b.ints[c].Value(at[c] + i)) }
		form, err := parseForm(text(fims))
		if err != nil {
			return err
		}
		g := Segment{
			Tokens: number(seqLengths), Doc: text(docIDs), Repo: text(repos), Path: text(paths), License: text(licenses),
			Form: form, Start: number(starts), Epoch: int64(number(epochs)),
		}
		if g.Tokens < 0 || g.Tokens > len(s.IDs)-tokens {
			return fmt.Errorf("seq_lengths exceed the %d tokens there are", len(s.IDs))
		}
		tokens += g.Tokens
		s.Segments = append(s.Segments, g)
	}
	if tokens != len(s.IDs) {
		return fmt.Errorf("seq_lengths leave %d tokens over", len(s.IDs)-tokens)
	}
	return nil
}
