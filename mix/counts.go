package mix

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/report"
)

// countsVersion is that of the table of counts.
//
//	1: the first
const countsVersion = 1

// countColumns are all that planning needs to know of a document, so that the
// documents are read once. A document that is out has -1 tokens.
var countColumns = []corpus.Column{
	{Name: "id", Type: corpus.IDs},
	{Name: "source", Type: corpus.Names}, {Name: "language", Type: corpus.Names},
	{Name: "kind", Type: corpus.Names}, {Name: "license_type", Type: corpus.Names},
	{Name: "bytes", Type: corpus.Ints}, {Name: "tokens", Type: corpus.Ints},
}

// counted is a row of the table of counts; its strings are borrowed.
type counted struct {
	pos                                 corpus.Pos
	id                                  corpus.ID
	source, language, kind, licenseType string
	bytes, tokens                       int64 // of the text; tokens without overhead
}

// countsJob is the sub-stage that counts tokens. Its shards are those of the
// documents, and depend on the vocabulary alone: another blend counts nothing
// again.
func countsJob(job corpus.Job) corpus.Job {
	job.Stage += "/counts"
	return job
}

// counterMemory is about what a Counter keeps in its caches.
const counterMemory = 32 << 20

// runCounts counts the tokens of every document that is still in.
func runCounts(ctx context.Context, job corpus.Job, inputs [][]string, before *report.Count, v Vocabulary) (*corpus.Manifest, error) {
	job = countsJob(job)
	workers, err := job.Parallel(corpus.TableMemory + counterMemory)
	if err != nil {
		return nil, err
	}
	stage := corpus.Stage{
		Version: countsVersion, Settings: v.Fingerprint(), Workers: workers, Expect: before,
		Prepare: func(context.Context) error { job.Meter.Expect(before.Total().Kept.Bytes); return nil },
	}
	for i, in := range inputs {
		stage.Tasks = append(stage.Tasks, corpus.Task{
			Shard: corpus.ShardName(i), Inputs: in, From: corpus.Fingerprint(in),
			Make: func(ctx context.Context, out *corpus.Output) error {
				return countShard(ctx, job, i, v.NewCounter(), out)
			},
		})
	}
	return job.Run(ctx, stage)
}

func countShard(ctx context.Context, job corpus.Job, shard int, counter Counter, out *corpus.Output) error {
	f, err := out.Create(out.Shard() + ".parquet")
	if err != nil {
		return err
	}
	t := corpus.NewTableWriter(f, countColumns)
	for row, err := range job.Rows(ctx, shard, true) {
		if err != nil {
			return err
		}
		d, tokens, bytes := row.Doc, int64(-1), row.Crawled
		if !row.Out {
			tokens = int64(counter.Count(d.Text))
			if tokens < 0 || tokens > maxTokens {
				return fmt.Errorf("%v: the vocabulary counts %d tokens", row.Pos, tokens)
			}
			out.Count.Keep(d.Source, report.Amount{Docs: 1, Bytes: bytes, Tokens: tokens})
			job.Meter.Did(1, bytes)
		}
		t.ID(d.ID)
		t.String(d.Source)
		t.String(d.Language)
		t.String(d.Kind)
		t.String(d.LicenseType)
		t.Int(bytes)
		t.Int(tokens)
		if err := t.EndRow(); err != nil {
			return err
		}
	}
	f.Rows = t.Rows()
	return t.Close()
}

// counts iterates over the counted documents of a shard.
func counts(ctx context.Context, job corpus.Job, shard int) iter.Seq2[counted, error] {
	return func(yield func(counted, error) bool) {
		name, dir := corpus.ShardName(shard), countsJob(job).Dir()
		t, closer, err := dir.Table(name, name+".parquet", countColumns)
		if err != nil {
			yield(counted{}, err)
			return
		}
		defer closer.Close()
		for row := int64(0); ; {
			b, err := t.Next()
			if err == nil {
				err = ctx.Err()
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(counted{}, fmt.Errorf("%s/%s.parquet: %w", dir.Name(), name, err))
				return
			}
			for i := range b.Rows {
				c := counted{corpus.At(shard, row), b.ID(0, i), b.String(1, i), b.String(2, i), b.String(3, i), b.String(4, i), b.Int(5, i), b.Int(6, i)}
				if !yield(c, nil) {
					return
				}
				row++
			}
		}
	}
}
