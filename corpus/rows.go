package corpus

import (
	"fmt"
	"io"
	"iter"
)

// tableEnding follows the name of a shard whose main file is a table.
const tableEnding = ".parquet"

// TableFile is a file of a shard that holds a table of a stage's own.
type TableFile struct {
	*TableWriter
	f *FileWriter
}

// CreateTable starts a table of the shard, by the ending of its name.
func (o *Output) CreateTable(ending string, cols []Column) (TableFile, error) {
	f, err := o.Create(o.shard + ending)
	if err != nil {
		return TableFile{}, err
	}
	return TableFile{NewTableWriter(f, cols), f}, nil
}

// Close ends the file.
func (t TableFile) Close() error {
	t.f.Rows = t.Rows()
	return t.TableWriter.Close()
}

// rowWriter hides how the rows of a table are put together.
type rowWriter struct{ t TableFile }

func (o *Output) createRows(ending string, cols []Column) (rowWriter, error) {
	t, err := o.CreateTable(ending, cols)
	return rowWriter{t}, err
}

// Close ends the file.
func (w rowWriter) Close() error { return w.t.Close() }

// TableRows iterates over a table of a shard of documents; read makes a value
// of one row, which is borrowed as the batch is.
func TableRows[T any](d Dir, shard int, ending string, cols []Column, read func(b *Batch, row int) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		name := ShardName(shard)
		t, closer, err := d.Table(name, name+ending, cols)
		if err != nil {
			yield(none, err)
			return
		}
		defer closer.Close()
		for row := int64(0); ; {
			b, err := t.Next()
			if err == io.EOF {
				return
			}
			for i := 0; err == nil && i < b.Rows; i++ {
				var v T
				if v, err = read(b, i); err == nil && !yield(v, nil) {
					return
				}
				row++
			}
			if err != nil {
				yield(none, fmt.Errorf("%s/%s%s: row %d: %w", d.name, name, ending, row, err))
				return
			}
		}
	}
}
