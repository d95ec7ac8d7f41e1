package corpus

import (
	"fmt"
	"io"
	"iter"
)

// tableEnding follows the name of a shard whose main file is a table.
const tableEnding = ".parquet"

// rowWriter is a file of a shard that holds a table.
type rowWriter struct {
	t *TableWriter
	f *FileWriter
}

func (o *Output) createTable(name string, cols []Column) (rowWriter, error) {
	f, err := o.Create(name)
	if err != nil {
		return rowWriter{}, err
	}
	return rowWriter{NewTableWriter(f, cols), f}, nil
}

// Close ends the file.
func (w rowWriter) Close() error {
	w.f.Rows = w.t.Rows()
	return w.t.Close()
}

// rows iterates over a table of a shard of documents.
func rows[T any](d Dir, shard int, ending string, cols []Column, read func(b *Batch, row int) (T, error)) iter.Seq2[T, error] {
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
