// Package table writes and reads records as Parquet with zstd, a column a
// field. A [Schema] says for a type of record what its columns are called, how
// they are stored, and where a record has the value of each:
//
//	type Use struct {
//		Part  string
//		Epoch int64
//	}
//
//	var uses = table.Schema[Use]{
//		{Name: "part", Type: table.Names, At: func(u *Use) any { return &u.Part }},
//		{Name: "epoch", Type: table.Ints, At: func(u *Use) any { return &u.Epoch }},
//	}
//
//	w := table.NewWriter(f, uses) // then w.Write(&u) for each record, and w.Close()
//	r, err := table.NewReader(f, uses)
//	for u, err := range r.All() { … }
//
// The same rows give the same bytes, whatever machine writes them.
//
// table.go has schemas and the writer, read.go the reader, zstd.go the compressor.
//
// # Memory
//
// Rows are written in row groups of about [RowGroupBytes]. Writer and Reader hold one
// row group as values, and the library the compressed pages of it. A row is never split,
// so that one with a larger text than that makes a larger group.
package table

import (
	"bytes"
	"encoding"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// Type is how a column is stored.
type Type uint8

// The types of columns. All columns are required; there are no nulls.
const (
	Texts  Type = iota // UTF-8, long or all different: no dictionary
	Names              // UTF-8, few different values: dictionary
	Blobs              // bytes that need not be UTF-8: no dictionary
	IDs                // 16 bytes
	Ints               // 64 bits, signed
	Floats             // 64 bits
	Bools              //
	Lists              // lists of UTF-8
)

// Field is one column of a table of records of type T.
type Field[T any] struct {
	Name string // of the column; a dot in it means nothing
	Type Type
	// At returns a pointer to the value in a record: *string or *[]byte for
	// Texts, Names and Blobs, a [Binary] for Blobs, *[16]byte for IDs, *int64 or
	// *uint64 for Ints, *float64, *bool, and *[]string for Lists. The writer reads
	// through it, the reader writes through it. A *uint64 is stored as the int64 with
	// the same bits.
	At func(*T) any
	// Added says that tables of earlier versions lack the column: their records
	// have the zero value. A column without it must be there.
	Added bool
}

// Binary is a value that is stored as the bytes it makes of itself. The reader lends it
// bytes that are valid as long as the record: to keep them longer is to keep the row
// group in memory.
type Binary interface {
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

// Schema lists the columns of records of type T, in the order in which they stand in the
// file. Names must differ.
type Schema[T any] []Field[T]

// Field returns the field of this name; false if there is none.
func (s Schema[T]) Field(name string) (Field[T], bool) {
	i := slices.IndexFunc(s, func(f Field[T]) bool { return f.Name == name })
	if i < 0 {
		return Field[T]{}, false
	}
	return s[i], true
}

// columns returns what of the schema does not depend on the type of record. A
// field that its column cannot hold is a programming error.
func (s Schema[T]) columns() []column {
	cols := make([]column, len(s))
	for i, f := range s {
		if p := f.At(new(T)); !f.Type.holds(p) {
			panic(fmt.Sprintf("table: column %q cannot hold a %T", f.Name, p))
		}
		cols[i] = column{f.Name, f.Type}
	}
	return cols
}

// holds reports whether a value that p points to, of [Field.At], can be stored so.
func (t Type) holds(p any) bool {
	switch p.(type) {
	case *string, *[]byte:
		return t == Texts || t == Names || t == Blobs
	case Binary:
		return t == Blobs
	case *[idSize]byte:
		return t == IDs
	case *int64, *uint64:
		return t == Ints
	case *float64:
		return t == Floats
	case *bool:
		return t == Bools
	case *[]string:
		return t == Lists
	default:
		return false
	}
}

// column is a field without the type of its records.
type column struct {
	name string
	typ  Type
}

// RowGroupBytes is about how many bytes of values one row group holds: a group ends with
// the row that reaches it. Reading or writing a table takes some three times as much
// memory. It is a constant and no setting, because the bytes of a shard depend on it.
const RowGroupBytes = 8 << 20

// rowGroupRows is how many rows a group has at most. Rows without text have few bytes:
// by RowGroupBytes alone a group of verdicts would have over a hundred thousand.
const rowGroupRows = 1 << 16

// node is the column in Parquet's own schema.
func (c column) node() schema.Node {
	required := parquet.Repetitions.Required
	must := func(n schema.Node, err error) schema.Node { return schema.Must(n, err) }
	switch c.typ {
	case Texts, Names:
		return must(schema.NewPrimitiveNodeLogical(c.name, required, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1))
	case Lists:
		return must(schema.NewPrimitiveNodeLogical(c.name, parquet.Repetitions.Repeated, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1))
	case Blobs:
		return schema.NewByteArrayNode(c.name, required, -1)
	case IDs:
		return schema.NewFixedLenByteArrayNode(c.name, required, idSize, -1)
	case Ints:
		return schema.NewInt64Node(c.name, required, -1)
	case Floats:
		return schema.NewFloat64Node(c.name, required, -1)
	default:
		return schema.NewBooleanNode(c.name, required, -1)
	}
}

// writerProperties says how the library writes. All of it goes into the bytes of shards.
func writerProperties(cols []column) *parquet.WriterProperties {
	props := []parquet.WriterProperty{
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCreatedBy("codemill"),
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithStats(false),             // of no use to the readers, and a copy of every long text
		parquet.WithDataPageSize(1 << 30),    // one page a column chunk
		parquet.WithDictionaryDefault(false), // on for Names
	}
	for _, c := range cols {
		switch c.typ {
		case Names:
			props = append(props, parquet.WithDictionaryFor(c.name, true))
		case Texts:
			props = append(props, parquet.WithCompressionLevelFor(c.name, 1))
		}
	}
	return parquet.NewWriterProperties(props...)
}

// values is one column of one row group in memory. Which slice is used depends on the
// column's type, and it has one element a row.
//
// Lists have their elements one after the other in bytes, and Parquet's levels say where
// the rows are: reps is 0 where a row begins and 1 where it goes on, defs is 1 where
// there is an element and 0 for an empty list, which has none in bytes. The rows
// [a b], [] and [c] are
//
//	bytes  a b   c
//	reps   0 1 0 0
//	defs   1 1 0 1
type values struct {
	bytes  []parquet.ByteArray         // Texts, Names, Blobs, Lists
	fixed  []parquet.FixedLenByteArray // IDs
	ints   []int64
	floats []float64
	bools  []bool
	reps   []int16 // Lists
	defs   []int16 // Lists
}

// reset empties the column and keeps its slices for the next row group. They are cleared,
// so that they do not keep texts in memory.
func (v *values) reset() {
	clear(v.bytes)
	clear(v.fixed)
	*v = values{v.bytes[:0], v.fixed[:0], v.ints[:0], v.floats[:0], v.bools[:0], v.reps[:0], v.defs[:0]}
}

// idSize is the bytes of a value of IDs.
const idSize = 16

// Writer writes records as a table. It is for one goroutine.
type Writer[T any] struct {
	schema Schema[T]
	rows   rowWriter
}

// NewWriter starts a table on w. The table can be read when Close has returned nil. A
// schema with a field that its type cannot hold panics.
func NewWriter[T any](w io.Writer, s Schema[T]) *Writer[T] {
	useOneEncoder()
	cols := s.columns()
	nodes := make(schema.FieldList, len(cols))
	for i, c := range cols {
		nodes[i] = c.node()
	}
	root := schema.MustGroup(schema.NewGroupNode("schema", parquet.Repetitions.Required, nodes, -1))
	return &Writer[T]{s, rowWriter{
		w:    file.NewParquetWriter(w, root, file.WithWriterProps(writerProperties(cols))),
		vals: make([]values, len(cols)),
	}}
}

// Write adds a record, whose values are copied. It may write a row group to the file.
// After an error the table is of no use.
func (t *Writer[T]) Write(v *T) error {
	for i, f := range t.schema {
		if err := t.rows.put(&t.rows.vals[i], f.At(v)); err != nil {
			return fmt.Errorf("column %q: %w", f.Name, err)
		}
	}
	return t.rows.endRow()
}

// Rows returns how many records were written.
func (t *Writer[T]) Rows() int64 { return t.rows.done + t.rows.open }

// Close writes the footer. The writer under the table is not closed.
func (t *Writer[T]) Close() error { return t.rows.close() }

// rowWriter collects the values of a row group and writes it.
type rowWriter struct {
	w    *file.Writer
	vals []values // by column
	open int64    // rows in the open row group
	size int      // bytes of values in the open row group, with 4 for each length
	done int64    // rows before it
	err  error    // of writing a row group: nothing is written after it
}

// put adds a copy of what p points to, a value of [Field.At], to a column.
func (t *rowWriter) put(v *values, p any) error {
	switch p := p.(type) {
	case *string:
		v.bytes = append(v.bytes, parquet.ByteArray(*p))
		t.size += len(*p) + 4
	case *[]byte:
		v.bytes = append(v.bytes, bytes.Clone(*p))
		t.size += len(*p) + 4
	case Binary:
		b, err := p.AppendBinary(nil)
		if err != nil {
			return err
		}
		v.bytes = append(v.bytes, b)
		t.size += len(b) + 4
	case *[idSize]byte:
		v.fixed = append(v.fixed, bytes.Clone(p[:]))
		t.size += idSize
	case *int64:
		v.ints = append(v.ints, *p)
		t.size += 8
	case *uint64:
		v.ints = append(v.ints, int64(*p))
		t.size += 8
	case *float64:
		v.floats = append(v.floats, *p)
		t.size += 8
	case *bool:
		v.bools = append(v.bools, *p)
	case *[]string:
		if len(*p) == 0 {
			v.reps, v.defs = append(v.reps, 0), append(v.defs, 0)
		}
		for i, s := range *p {
			v.bytes = append(v.bytes, parquet.ByteArray(s))
			v.reps, v.defs = append(v.reps, int16(min(i, 1))), append(v.defs, 1)
			t.size += len(s) + 4
		}
	}
	return nil
}

// endRow is called when all columns have the row's value.
func (t *rowWriter) endRow() error {
	t.open++
	if t.size >= RowGroupBytes || t.open >= rowGroupRows {
		t.flush()
	}
	return t.err
}

// flush writes the open row group, if there is a row in it. The error is in t.err.
func (t *rowWriter) flush() {
	if t.open == 0 || t.err != nil {
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
	t.done += t.open
	t.open, t.size = 0, 0
}

// writeColumn writes the next column of a row group; columns come in the schema's order.
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

// close writes the last row group and the footer, which says where all others are.
func (t *rowWriter) close() error {
	t.flush()
	if t.err != nil {
		return t.err
	}
	return t.w.FlushWithFooter()
}
