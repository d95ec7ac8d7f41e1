package corpus

import (
	"bytes"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// ColumnType is how a [Column] is stored.
type ColumnType uint8

// The column types. All columns are required; there are no nulls.
const (
	Texts  ColumnType = iota // UTF-8, long or all different: no dictionary
	Names                    // UTF-8, few different values: dictionary
	Blobs                    // bytes that need not be UTF-8: no dictionary
	IDs                      // 16 bytes
	Ints                     // 64 bits, signed
	Floats                   // 64 bits
	Bools                    //
	Lists                    // lists of UTF-8
)

// Column is one column of a table.
type Column struct {
	Name string
	Type ColumnType
}

// RowGroupBytes is about how many bytes of values one row group holds, and so
// what reading or writing a table costs in memory, some three times over. It
// is a constant because the bytes of a shard depend on it.
const RowGroupBytes = 8 << 20

// rowGroupRows bounds row groups of tables without text.
const rowGroupRows = 1 << 16

func (c Column) node() schema.Node {
	required := parquet.Repetitions.Required
	must := func(n schema.Node, err error) schema.Node { return schema.Must(n, err) }
	switch c.Type {
	case Texts, Names:
		return must(schema.NewPrimitiveNodeLogical(c.Name, required, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1))
	case Lists:
		return must(schema.NewPrimitiveNodeLogical(c.Name, parquet.Repetitions.Repeated, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1))
	case Blobs:
		return schema.NewByteArrayNode(c.Name, required, -1)
	case IDs:
		return schema.NewFixedLenByteArrayNode(c.Name, required, int32(len(ID{})), -1)
	case Ints:
		return schema.NewInt64Node(c.Name, required, -1)
	case Floats:
		return schema.NewFloat64Node(c.Name, required, -1)
	default:
		return schema.NewBooleanNode(c.Name, required, -1)
	}
}

func writerProperties(cols []Column) *parquet.WriterProperties {
	props := []parquet.WriterProperty{
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCreatedBy("codemill"),
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithStats(false),             // of no use to the readers, and a copy of every long text
		parquet.WithDataPageSize(1 << 30),    // one page a column chunk
		parquet.WithDictionaryDefault(false), // on for Names
	}
	for _, c := range cols {
		switch c.Type {
		case Names:
			props = append(props, parquet.WithDictionaryFor(c.Name, true))
		case Texts:
			props = append(props, parquet.WithCompressionLevelFor(c.Name, 1))
		}
	}
	return parquet.NewWriterProperties(props...)
}

// values is one column of one row group in memory. Which slice is used depends
// on the column's type.
type values struct {
	bytes  []parquet.ByteArray
	fixed  []parquet.FixedLenByteArray
	ints   []int64
	floats []float64
	bools  []bool
	reps   []int16 // Lists: 0 starts a row
	defs   []int16 // Lists: 0 is an empty row
}

func (v *values) reset() {
	clear(v.bytes)
	clear(v.fixed)
	*v = values{v.bytes[:0], v.fixed[:0], v.ints[:0], v.floats[:0], v.bools[:0], v.reps[:0], v.defs[:0]}
}

// TableWriter writes rows as Parquet with zstd. The columns of a row are given
// in their order, then [TableWriter.EndRow].
type TableWriter struct {
	cols []Column
	w    *file.Writer
	vals []values
	next int   // column that the next value belongs to
	rows int64 // in the open row group
	size int   // bytes in the open row group
	done int64 // rows in all
	err  error
}

// NewTableWriter starts a table on w.
func NewTableWriter(w io.Writer, cols []Column) *TableWriter {
	useOneEncoder()
	nodes := make(schema.FieldList, len(cols))
	for i, c := range cols {
		nodes[i] = c.node()
	}
	root := schema.MustGroup(schema.NewGroupNode("schema", parquet.Repetitions.Required, nodes, -1))
	return &TableWriter{
		cols: cols,
		w:    file.NewParquetWriter(w, root, file.WithWriterProps(writerProperties(cols))),
		vals: make([]values, len(cols)),
	}
}

func (t *TableWriter) column(want ...ColumnType) *values {
	i := t.next
	t.next++
	for _, w := range want {
		if i < len(t.cols) && t.cols[i].Type == w {
			return &t.vals[i]
		}
	}
	panic(fmt.Sprintf("corpus: value %d of a row does not fit the table's columns", i))
}

// Bytes adds a value to a column of Texts, Names or Blobs. It is copied.
func (t *TableWriter) Bytes(b []byte) {
	v := t.column(Texts, Names, Blobs)
	v.bytes = append(v.bytes, bytes.Clone(b))
	t.size += len(b) + 4
}

// String adds a value to a column of Texts, Names or Blobs.
func (t *TableWriter) String(s string) {
	v := t.column(Texts, Names, Blobs)
	v.bytes = append(v.bytes, parquet.ByteArray(s))
	t.size += len(s) + 4
}

// ID adds a value to a column of IDs.
func (t *TableWriter) ID(id ID) {
	v := t.column(IDs)
	v.fixed = append(v.fixed, parquet.FixedLenByteArray(id[:]))
	t.size += len(id)
}

// Int adds a value to a column of Ints.
func (t *TableWriter) Int(n int64) {
	v := t.column(Ints)
	v.ints = append(v.ints, n)
	t.size += 8
}

// Float adds a value to a column of Floats.
func (t *TableWriter) Float(f float64) {
	v := t.column(Floats)
	v.floats = append(v.floats, f)
	t.size += 8
}

// Bool adds a value to a column of Bools.
func (t *TableWriter) Bool(b bool) {
	v := t.column(Bools)
	v.bools = append(v.bools, b)
}

// List adds a value to a column of Lists.
func (t *TableWriter) List(list []string) {
	v := t.column(Lists)
	if len(list) == 0 {
		v.reps, v.defs = append(v.reps, 0), append(v.defs, 0)
	}
	for i, s := range list {
		v.bytes = append(v.bytes, parquet.ByteArray(s))
		v.reps, v.defs = append(v.reps, int16(min(i, 1))), append(v.defs, 1)
		t.size += len(s) + 4
	}
}

// EndRow ends a row, of which every column has been given.
func (t *TableWriter) EndRow() error {
	if t.next != len(t.cols) {
		panic(fmt.Sprintf("corpus: a row of %d values for %d columns", t.next, len(t.cols)))
	}
	t.next = 0
	t.rows++
	if t.size >= RowGroupBytes || t.rows >= rowGroupRows {
		t.flush()
	}
	return t.err
}

// Rows returns how many rows were written.
func (t *TableWriter) Rows() int64 { return t.done + t.rows }

func (t *TableWriter) flush() {
	if t.rows == 0 || t.err != nil {
		return
	}
	rg := t.w.AppendRowGroup()
	for i := range t.vals {
		if t.err = writeColumn(rg, &t.vals[i]); t.err != nil {
			return
		}
		t.vals[i].reset()
	}
	t.err = rg.Close()
	t.done, t.rows, t.size = t.done+t.rows, 0, 0
}

func writeColumn(rg file.SerialRowGroupWriter, v *values) error {
	cw, err := rg.NextColumn()
	if err != nil {
		return err
	}
	switch w := cw.(type) {
	case *file.ByteArrayColumnChunkWriter:
		_, err = w.WriteBatch(v.bytes, v.defs, v.reps)
	case *file.FixedLenByteArrayColumnChunkWriter:
		_, err = w.WriteBatch(v.fixed, nil, nil)
	case *file.Int64ColumnChunkWriter:
		_, err = w.WriteBatch(v.ints, nil, nil)
	case *file.Float64ColumnChunkWriter:
		_, err = w.WriteBatch(v.floats, nil, nil)
	case *file.BooleanColumnChunkWriter:
		_, err = w.WriteBatch(v.bools, nil, nil)
	}
	if err != nil {
		return err
	}
	return cw.Close()
}

// Close writes the footer. The writer under the table is not closed.
func (t *TableWriter) Close() error {
	t.flush()
	if t.err != nil {
		return t.err
	}
	return t.w.FlushWithFooter()
}
