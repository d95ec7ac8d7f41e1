package corpus

import (
	"fmt"
	"io"
	"iter"
)

// Left is a file or text that crawl did not make a document of.
type Left struct {
	Source, Repo, Path string
	Reason             Reason
	Value, Limit       float64 // measured, and the bound it broke; 0 where the reason has none
	Detail             string  // for people: an error's text
}

var leftColumns = []Column{
	{"source", Names}, {"repo", Names}, {"path", Blobs}, {"reason", Names}, {"value", Floats}, {"limit", Floats}, {"detail", Texts},
}

// LeftWriter writes what crawl left out of one shard.
type LeftWriter struct {
	t *TableWriter
	f *FileWriter
}

// CreateLeft starts the file of what was left out of a shard. It comes after
// the shard's documents.
func (o *Output) CreateLeft() (*LeftWriter, error) {
	f, err := o.Create(o.shard + ".left.parquet")
	if err != nil {
		return nil, err
	}
	return &LeftWriter{NewTableWriter(f, leftColumns), f}, nil
}

// Write adds one.
func (w *LeftWriter) Write(l *Left) error {
	w.t.String(l.Source)
	w.t.String(l.Repo)
	w.t.String(l.Path)
	w.t.String(string(l.Reason))
	w.t.Float(l.Value)
	w.t.Float(l.Limit)
	w.t.String(l.Detail)
	return w.t.EndRow()
}

// Close ends the file.
func (w *LeftWriter) Close() error {
	w.f.Rows = w.t.Rows()
	return w.t.Close()
}

// Left iterates over what crawl left out of a shard.
func (w *Work) Left(shard int) iter.Seq2[Left, error] {
	return func(yield func(Left, error) bool) {
		name := ShardName(shard)
		t, closer, err := w.Dir(DocsDir).Table(name, name+".left.parquet", leftColumns)
		if err != nil {
			yield(Left{}, err)
			return
		}
		defer closer.Close()
		for {
			b, err := t.Next()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Left{}, fmt.Errorf("%s/%s.left.parquet: %w", DocsDir, name, err))
				return
			}
			for i := range b.Rows {
				l := Left{
					Source: b.String(0, i), Repo: b.String(1, i), Path: b.String(2, i),
					Reason: Reason(b.String(3, i)), Value: b.Float(4, i), Limit: b.Float(5, i), Detail: b.String(6, i),
				}
				if !yield(l, nil) {
					return
				}
			}
		}
	}
}
