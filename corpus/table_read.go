package corpus

import (
	"fmt"
	"io"
	"unsafe"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
)

// TableReader reads a table, one row group at a time. It trusts the bytes: the
// caller has verified them, see [Dir.Open].
type TableReader struct {
	r     *file.Reader
	index []int // for each column wanted, its number in the file, or -1
	cols  []Column
	group int
}

// NewTableReader opens a table for reading the columns named, each of which
// must be there with its type.
func NewTableReader(r parquet.ReaderAtSeeker, cols []Column) (*TableReader, error) {
	useOneEncoder()
	pr, err := openParquet(r)
	if err != nil {
		return nil, err
	}
	t := &TableReader{r: pr, cols: cols}
	for _, c := range cols {
		i := pr.MetaData().Schema.ColumnIndexByName(c.Name)
		if i < 0 {
			return nil, fmt.Errorf("%w: no column %q", ErrCorrupt, c.Name)
		}
		want := c.node()
		if have := pr.MetaData().Schema.Column(i); have.SchemaNode().RepetitionType() != want.RepetitionType() ||
			have.PhysicalType() != c.physical() {
			return nil, fmt.Errorf("%w: column %q is of another type", ErrCorrupt, c.Name)
		}
		t.index = append(t.index, i)
	}
	return t, nil
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

func (c Column) physical() parquet.Type {
	switch c.Type {
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

// Rows returns how many rows the table has.
func (t *TableReader) Rows() int64 { return t.r.NumRows() }

// Batch is the rows of one row group. Its values are never overwritten.
type Batch struct {
	Rows int
	cols []values
	list [][]int // Lists: where each row starts in bytes, and the end
}

// Next returns the next row group, or io.EOF.
func (t *TableReader) Next() (b *Batch, err error) {
	if t.group >= t.r.NumRowGroups() {
		return nil, io.EOF
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: row group %d: %v", ErrCorrupt, t.group, p)
		}
	}()
	rg := t.r.RowGroup(t.group)
	b = &Batch{Rows: int(rg.NumRows()), cols: make([]values, len(t.cols)), list: make([][]int, len(t.cols))}
	for i, c := range t.cols {
		if err := b.read(rg, i, t.index[i], c); err != nil {
			return nil, fmt.Errorf("row group %d: column %q: %w", t.group, c.Name, err)
		}
	}
	t.group++
	return b, nil
}

func (b *Batch) read(rg *file.RowGroupReader, i, at int, c Column) error {
	col, err := rg.Column(at)
	if err != nil {
		return err
	}
	n, v, got := int64(b.Rows), &b.cols[i], 0
	switch r := col.(type) {
	case *file.ByteArrayColumnChunkReader:
		if c.Type == Lists {
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
		if c.Type == Lists && err == nil {
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
	if err == nil && got != b.Rows {
		err = fmt.Errorf("%w: %d values for %d rows", ErrCorrupt, got, b.Rows)
	}
	return err
}

func (b *Batch) splitLists(i, levels, got int) error {
	v, at := &b.cols[i], 0
	for l := range levels {
		if v.reps[l] == 0 {
			b.list[i] = append(b.list[i], at)
		}
		at += int(v.defs[l])
	}
	if len(b.list[i]) != b.Rows || at != got {
		return fmt.Errorf("%w: %d lists for %d rows", ErrCorrupt, len(b.list[i]), b.Rows)
	}
	b.list[i] = append(b.list[i], at)
	return nil
}

// Bytes returns a value of column i, counted among the columns asked for.
func (b *Batch) Bytes(i, row int) []byte { return b.cols[i].bytes[row] }

// String returns a value of column i without copying it; it keeps the column
// of the whole row group in memory.
func (b *Batch) String(i, row int) string {
	v := b.cols[i].bytes[row]
	return unsafe.String(unsafe.SliceData(v), len(v))
}

// ID returns a value of column i.
func (b *Batch) ID(i, row int) ID { return ID(b.cols[i].fixed[row]) }

// Int returns a value of column i.
func (b *Batch) Int(i, row int) int64 { return b.cols[i].ints[row] }

// Float returns a value of column i.
func (b *Batch) Float(i, row int) float64 { return b.cols[i].floats[row] }

// Bool returns a value of column i.
func (b *Batch) Bool(i, row int) bool { return b.cols[i].bools[row] }

// List returns a copy of a value of column i, nil for an empty one.
func (b *Batch) List(i, row int) []string {
	var list []string
	for _, s := range b.cols[i].bytes[b.list[i][row]:b.list[i][row+1]] {
		list = append(list, string(s))
	}
	return list
}
