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

// Reader reads a table, one row group at a time. It trusts the bytes: the caller has
// compared them with a checksum. Nothing has to be closed but the file under it.
//
// The three slices are side by side: the columns that are read. A column of the schema
// that is missing and [Field.Added] is in none of them.
type Reader[T any] struct {
	r      *file.Reader
	schema Schema[T]
	cols   []column
	index  []int // number of the column in the file
}

// NewReader opens a table for reading the columns of s. Each must be there, unless it was
// added later, and be stored as s says. Columns that s does not have are not read: a
// shorter schema, such as corpus.DocsWithoutText, saves their reading. The error is
// [ErrVersion] where a column is missing, [ErrCorrupt] where one is stored in another
// way or the bytes are no Parquet.
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

// All iterates over the records. An error comes last, with the number of the row.
//
// Strings and bytes of a record are not copied out of the row group. Nothing overwrites
// them, so they stay valid. But each keeps its column of the row group in memory, up to
// 8 MiB: clone what is kept for long. It may be called again, and then reads anew.
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

// openParquet opens the file and turns the library's panics on damaged footers into
// [ErrCorrupt].
func openParquet(r parquet.ReaderAtSeeker) (pr *file.Reader, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrCorrupt, p)
		}
	}()
	return file.NewParquetReader(r)
}

// physical is the type that Parquet stores the column's values as.
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
	cols []values // by column
	// list has, for each column of Lists, where in bytes the elements of each row begin,
	// and where those of the last row end: of [a b], [] and [c] it is 0, 2, 2, 3. It is
	// nil for other columns.
	list [][]int
}

// readBatch reads a row group. The library panics on some damaged pages, which becomes
// [ErrCorrupt].
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

// read reads column i of the batch, whose number in the file is at. The values of lists
// are not as many as the rows: how many there are, the column's metadata says.
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

// splitLists finds the rows in a column of lists by its levels (see values). There are
// levels of these and got elements.
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

// get reads a value of a column into what p points to, a value of [Field.At]. Strings and
// bytes are not copied; the elements of lists are.
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
