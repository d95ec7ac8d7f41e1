package corpus

import "iter"

// Left is a file or text that crawl did not make a document of.
type Left struct {
	Source, Repo, Path string
	Reason             Reason
	Value, Limit       float64 // measured, and the bound it broke; 0 where the reason has none
	Detail             string  // for people: an error's text
}

const leftEnding = ".left.parquet"

var leftColumns = []Column{
	{"source", Names}, {"repo", Names}, {"path", Blobs}, {"reason", Names}, {"value", Floats}, {"limit", Floats}, {"detail", Texts},
}

// LeftWriter writes what crawl left out of one shard.
type LeftWriter struct{ rowWriter }

// CreateLeft starts the file of what was left out of a shard. It comes after
// the shard's documents.
func (o *Output) CreateLeft() (*LeftWriter, error) {
	w, err := o.createRows(leftEnding, leftColumns)
	return &LeftWriter{w}, err
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

// Left iterates over what crawl left out of a shard.
func (w *Work) Left(shard int) iter.Seq2[Left, error] {
	return TableRows(w.Dir(DocsDir), shard, leftEnding, leftColumns, func(b *Batch, i int) (Left, error) {
		return Left{
			Source: b.String(0, i), Repo: b.String(1, i), Path: b.String(2, i),
			Reason: Reason(b.String(3, i)), Value: b.Float(4, i), Limit: b.Float(5, i), Detail: b.String(6, i),
		}, nil
	})
}
