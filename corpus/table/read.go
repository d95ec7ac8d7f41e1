package table

import (
	"errors"
	"fmt"
	"iter"
	"unsafe"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
)

// ErrCorrupt says that bytes on disk are not what was written.
var ErrCorrupt = errors.New("damaged")

// ErrVersion says that a table lacks a column that is read: it was sound when
// another version of the program wrote it.
var ErrVersion = errors.New("written by another version of codemill; run the stage that wrote it again")

// Reader reads a table, one row group at a time. It trusts the bytes: the
// caller has compared them with a checksum.
type Reader[T any] struct {
	r      *file.Reader
	schema Schema[T]
	cols   []column
	index  []int // for each column, its number in the file
}

// NewReader opens a table for reading the columns of s, each of which must be
// there with its type, unless it was added later. Columns that s does not have are
// not read. The error is [ErrVersion] where one is missing.
func NewReader[T any](r parquet.ReaderAtSeeker, s Schema[T]) (*Reader[T], error) {
	useOneEncoder()
	pr, err := openParquet(r)
	if err != nil {
		return nil, err
	}
	t := &Reader[T]{r: pr}
	for n, c := range s.columns() {
		i := pr.MetaData().Schema.ColumnIndexByName(c.name)
		if i < 0 && s[n].Added {
			continue
		}
		if i < 0 {
			return nil, fmt.Errorf("no column %q: %w", c.name, ErrVersion)
		}
		want := c.node()
		have := pr.MetaData().Schema.Column(i)
		if have.SchemaNode().RepetitionType() != want.RepetitionType() || have.PhysicalType() != c.physical() {
			return nil, fmt.Errorf("%w: column %q is of another type", ErrCorrupt, c.name)
		}
		t.schema = append(t.schema, s[n])
		t.cols = append(t.cols, c)
		t.index = append(t.index, i)
	}
	return t, nil
}

// Rows returns how many records the table has.
func (t *Reader[T]) Rows() int64 { return t.r.NumRows() }

// All iterates over the records. Their strings and bytes are borrowed from the
// row group, which they keep in memory as a whole; nothing overwrites them.
func (t *Reader[T]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var v, none T
		row := int64(0)
		for group := range t.r.NumRowGroups() {
			b, err := readBatch(t.r, group, t.cols, t.index)
			for i := 0; err == nil && i < b.rows; i++ {
				v = none
				for c := 0; err == nil && c < len(t.schema); c++ {
					err = b.get(c, i, t.schema[c].At(&v))
				}
				if err == nil && !yield(v, nil) {
					return
				}
				row++
			}
			if err != nil {
				yield(none, fmt.Errorf("row %d: %w", row, err))
				return
			}
		}
	}
}

// openParquet turns the library's panics on damaged footers into errors.
func openParquet(r parquet.ReaderAtSeeker) (pr *file.Reader, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrCorrupt, p)
		}
	}()
	return file.NewParquetReader(r)
}

func (c column) physical() parquet.Type {
	switch c.typ {
	case IDs:
		return parquet.Types.FixedLenByteArray
	case Ints:
		return parquet.Types.Int64
	case Floats:
		return parquet.Types.Double
	case Bools:
		return parquet.Types.Boolean
	default:
		return parquet.Types.ByteArray
	}
}

// batch is the rows of one row group. Its values are never overwritten.
type batch struct {
	rows int
	cols []values
	list [][]int // Lists: where each row starts in bytes, and the end
}

func readBatch(r *file.Reader, group int, cols []column, index []int) (b *batch, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: row group %d: %v", ErrCorrupt, group, p)
		}
	}()
	rg := r.RowGroup(group)
	b = &batch{rows: int(rg.NumRows()), cols: make([]values, len(cols)), list: make([][]int, len(cols))}
	for i, c := range cols {
		if err := b.read(rg, i, index[i], c); err != nil {
			return nil, fmt.Errorf("row group %d: column %q: %w", group, c.name, err)
		}
	}
	return b, nil
}

func (b *batch) read(rg *file.RowGroupReader, i, at int, c column) error {
	col, err := rg.Column(at)
	if err != nil {
		return err
	}
	n, v, got := int64(b.rows), &b.cols[i], 0
	switch r := col.(type) {
	case *file.ByteArrayColumnChunkReader:
		if c.typ == Lists {
			meta, err := rg.MetaData().ColumnChunk(at)
			if err != nil {
				return err
			}
			n = meta.NumValues()
			v.defs, v.reps = make([]int16, n), make([]int16, n)
		}
		v.bytes = make([]parquet.ByteArray, n)
		var levels int64
		levels, got, err = r.ReadBatch(n, v.bytes, v.defs, v.reps)
		if c.typ == Lists && err == nil {
			return b.splitLists(i, int(levels), got)
		}
	case *file.FixedLenByteArrayColumnChunkReader:
		v.fixed = make([]parquet.FixedLenByteArray, n)
		_, got, err = r.ReadBatch(n, v.fixed, nil, nil)
	case *file.Int64ColumnChunkReader:
		v.ints = make([]int64, n)
		_, got, err = r.ReadBatch(n, v.ints, nil, nil)
	case *file.Float64ColumnChunkReader:
		v.floats = make([]float64, n)
		_, got, err = r.ReadBatch(n, v.floats, nil, nil)
	case *file.BooleanColumnChunkReader:
		v.bools = make([]bool, n)
		_, got, err = r.ReadBatch(n, v.bools, nil, nil)
	}
	if err == nil && got != b.rows {
		err = fmt.Errorf("%w: %d values for %d rows", ErrCorrupt, got, b.rows)
	}
	return err
}

func (b *batch) splitLists(i, levels, got int) error {
	v, at := &b.cols[i], 0
	for l := range levels {
		if v.reps[l] == 0 {
			b.list[i] = append(b.list[i], at)
		}
		at += int(v.defs[l])
	}
	if len(b.list[i]) != b.rows || at != got {
		return fmt.Errorf("%w: %d lists for %d rows", ErrCorrupt, len(b.list[i]), b.rows)
	}
	b.list[i] = append(b.list[i], at)
	return nil
}

// get reads a value of a column into what p points to, a value of [Field.At].
// Strings and bytes are not copied: they keep the column of the whole row group
// in memory.
func (b *batch) get(col, row int, p any) error {
	v := &b.cols[col]
	switch p := p.(type) {
	case *string:
		*p = unsafe.String(unsafe.SliceData(v.bytes[row]), len(v.bytes[row]))
	case *[]byte:
		*p = v.bytes[row]
	case Binary:
		return p.UnmarshalBinary(v.bytes[row])
	case *[idSize]byte:
		*p = [idSize]byte(v.fixed[row])
	case *int64:
		*p = v.ints[row]
	case *uint64:
		*p = uint64(v.ints[row])
	case *float64:
		*p = v.floats[row]
	case *bool:
		*p = v.bools[row]
	case *[]string:
		*p = nil
		for _, s := range v.bytes[b.list[col][row]:b.list[col][row+1]] {
			*p = append(*p, string(s))
		}
	}
	return nil
}
