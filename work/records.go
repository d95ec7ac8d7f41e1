package work

import (
	"fmt"
	"iter"
	"unicode/utf8"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/corpus/table"
)

// The endings of a shard's tables: of its main one, and of what crawl left out.
const (
	tableEnding = ".parquet"
	leftEnding  = ".left.parquet"
)

// TableFile is a file of a shard that holds records of type T.
type TableFile[T any] struct {
	rows *table.Writer[T]
	f    *FileWriter
}

// CreateTable starts a table of a shard: the file <shard><ending>. The task closes it.
func CreateTable[T any](o *Output, ending string, s table.Schema[T]) (*TableFile[T], error) {
	f, err := o.Create(o.shard + ending)
	if err != nil {
		return nil, err
	}
	return &TableFile[T]{table.NewWriter(f, s), f}, nil
}

// Write adds a record.
func (t *TableFile[T]) Write(v *T) error { return t.rows.Write(v) }

// Close ends the table. It must be called before the task returns.
func (t *TableFile[T]) Close() error {
	t.f.Rows = t.rows.Rows()
	return t.rows.Close()
}

// ReadTable iterates over a table of a shard, after checking its bytes. Strings and
// bytes of a record are borrowed: they are valid until the next record is asked for.
func ReadTable[T any](d Dir, shard, ending string, s table.Schema[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		file := shard + ending
		f, err := d.Open(shard, file)
		if err != nil {
			yield(none, err)
			return
		}
		defer f.Close()
		t, err := table.NewReader(f, s)
		if err == nil && t.Rows() != f.Info.Rows {
			err = fmt.Errorf("%w: %d rows, the receipt says %d", corpus.ErrCorrupt, t.Rows(), f.Info.Rows)
		}
		if err != nil {
			yield(none, fmt.Errorf("%s/%s: %w", d.name, file, err))
			return
		}
		for v, err := range t.All() {
			if err != nil {
				yield(none, fmt.Errorf("%s/%s: %w", d.name, file, err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// DocWriter writes the documents of one shard.
type DocWriter struct{ *TableFile[corpus.Doc] }

// CreateDocs starts the file of documents of a shard.
func (o *Output) CreateDocs() (DocWriter, error) {
	t, err := CreateTable(o, tableEnding, corpus.Docs)
	return DocWriter{t}, err
}

// Write adds a document, whose ids have been set.
func (w DocWriter) Write(d *corpus.Doc) error {
	if !utf8.Valid(d.Text) {
		return fmt.Errorf("%s: %s: text is not valid UTF-8", d.Repo, d.Path)
	}
	return w.TableFile.Write(d)
}

// CreateLeftOut starts the file of what crawl left out of a shard. It comes after
// the shard's documents.
func (o *Output) CreateLeftOut() (*TableFile[corpus.LeftOut], error) {
	return CreateTable(o, leftEnding, corpus.LeftOuts)
}

// LeftOut iterates over what crawl left out of a shard.
func (w *Folder) LeftOut(shard int) iter.Seq2[corpus.LeftOut, error] {
	return ReadTable(w.Dir(DocsStage), corpus.ShardName(shard), leftEnding, corpus.LeftOuts)
}

// CreateVerdicts starts the file of verdicts of a shard: one for each of its
// documents, in their order. A verdict without a survivor has NoPos there.
func (o *Output) CreateVerdicts() (*TableFile[corpus.Verdict], error) {
	return CreateTable(o, tableEnding, corpus.Verdicts)
}

// Verdicts iterates over the verdicts that a stage passed on a shard.
func (w *Folder) Verdicts(stage string, shard int) iter.Seq2[corpus.Verdict, error] {
	return ReadTable(w.Dir(VerdictsStage(stage)), corpus.ShardName(shard), tableEnding, corpus.Verdicts)
}

// CreatePlan starts the file of the plan of a shard.
func (o *Output) CreatePlan() (*TableFile[corpus.Planned], error) {
	return CreateTable(o, tableEnding, corpus.Plan)
}

// Plan iterates over the plan of a shard of documents.
func (w *Folder) Plan(shard int) iter.Seq2[corpus.Planned, error] {
	return ReadTable(w.Dir(PlanStage), corpus.ShardName(shard), tableEnding, corpus.Plan)
}

// WriteBlend writes the blend as the one file of its shard.
func (o *Output) WriteBlend(b *corpus.Blend) error { return o.WriteJSON(corpus.BlendShard+".json", b) }

// Blend reads the plan's blend.
func (w *Folder) Blend() (*corpus.Blend, error) {
	var b corpus.Blend
	return &b, w.Dir(PlanStage).ReadJSON(corpus.BlendShard, corpus.BlendShard+".json", &b)
}
