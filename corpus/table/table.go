// Package table writes and reads records as Parquet with zstd, a column a
// field. A [Schema] says for a type of record what its columns are called, how
// they are stored, and where a record has the value of each.
//
// The same rows give the same bytes, whatever machine writes them.
package table

import (
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
	Name string
	Type Type
	// At returns a pointer to the value in a record: *string or *[]byte for
	// Texts, Names and Blobs, a [Binary] for Blobs, *[16]byte for IDs, *int64 or
	// *uint64 for Ints, *float64, *bool, and *[]string for Lists.
	At func(*T) any
	// Added says that tables of earlier versions lack the column: their records
	// have the zero value.
	Added bool
}

// Binary is a value that is stored as the bytes it makes of itself.
type Binary interface {
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

// Schema lists the columns of records of type T, in their order.
type Schema[T any] []Field[T]

// Field returns the field of this name.
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

type column struct {
	name string
	typ  Type
}

// RowGroupBytes is about how many bytes of values one row group holds, and so
// what reading or writing a table costs in memory, some three times over. It
// is a constant because the bytes of a shard depend on it.
const RowGroupBytes = 8 << 20

// rowGroupRows bounds row groups of tables without text.
const rowGroupRows = 1 << 16

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

// idSize is the bytes of a value of IDs.
const idSize = 16

// Writer writes records as a table.
type Writer[T any] struct {
	schema Schema[T]
	rows   rowWriter
}

// NewWriter starts a table on w.
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

// Write adds a record, whose values are copied.
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

// arena holds the values of a row group in pieces of memory, which serve for the next
// one again.
type arena struct {
	pieces [][]byte
	used   int // pieces; the last of them has room
}

const pieceBytes = 1 << 20

// hold copies a value. One that is longer than a piece has memory of its own.
func hold[T string | []byte](a *arena, value T) []byte {
	if len(value) > pieceBytes {
		return append([]byte(nil), value...)
	}
	if a.used == 0 || pieceBytes-len(a.pieces[a.used-1]) < len(value) {
		if a.used++; a.used > len(a.pieces) {
			a.pieces = append(a.pieces, make([]byte, 0, pieceBytes))
		}
	}
	piece := &a.pieces[a.used-1]
	start := len(*piece)
	*piece = append(*piece, value...)
	return (*piece)[start:len(*piece):len(*piece)]
}

// reset makes room again, once no value is needed.
func (a *arena) reset() {
	for i := range a.pieces[:a.used] {
		a.pieces[i] = a.pieces[i][:0]
	}
	a.used = 0
}

// rowWriter collects the values of a row group and writes it.
type rowWriter struct {
	w    *file.Writer
	vals []values // by column
	held arena    // the bytes in them
	open int64    // rows in the open row group
	size int      // bytes in the open row group
	done int64    // rows before it
	err  error
}

// put adds what p points to, a value of [Field.At], to a column.
func (t *rowWriter) put(v *values, p any) error {
	switch p := p.(type) {
	case *string:
		v.bytes = append(v.bytes, hold(&t.held, *p))
		t.size += len(*p) + 4
	case *[]byte:
		v.bytes = append(v.bytes, hold(&t.held, *p))
		t.size += len(*p) + 4
	case Binary:
		b, err := p.AppendBinary(nil)
		if err != nil {
			return err
		}
		v.bytes = append(v.bytes, b)
		t.size += len(b) + 4
	case *[idSize]byte:
		v.fixed = append(v.fixed, hold(&t.held, p[:]))
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
			v.bytes = append(v.bytes, hold(&t.held, s))
			v.reps, v.defs = append(v.reps, int16(min(i, 1))), append(v.defs, 1)
			t.size += len(s) + 4
		}
	}
	return nil
}

func (t *rowWriter) endRow() error {
	t.open++
	if t.size >= RowGroupBytes || t.open >= rowGroupRows {
		t.flush()
	}
	return t.err
}

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
	t.held.reset()
	t.err = rg.Close()
	t.done += t.open
	t.open, t.size = 0, 0
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

func (t *rowWriter) close() error {
	t.flush()
	if t.err != nil {
		return t.err
	}
	return t.w.FlushWithFooter()
}
