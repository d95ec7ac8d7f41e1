package mix

import (
	"context"
	"fmt"
	"iter"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
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
func runCounts(ctx context.Context, job corpus.Job, v Vocabulary) (*corpus.Manifest, error) {
	job = countsJob(job)
	s := corpus.Stage{Version: countsVersion, Settings: v.Fingerprint()}
	return job.RunShards(ctx, s, corpus.TableMemory+counterMemory, func(ctx context.Context, shard int, out *corpus.Output) error {
		return countShard(ctx, job, shard, v.NewCounter(), out)
	})
}

const countsEnding = ".parquet"

func countShard(ctx context.Context, job corpus.Job, shard int, counter Counter, out *corpus.Output) error {
	t, err := out.CreateTable(countsEnding, countColumns)
	if err != nil {
		return err
	}
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
			out.Count.Keep(d.Source, ledger.Amount{Docs: 1, Bytes: bytes, Tokens: tokens})
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
	return t.Close()
}

// counts iterates over the counted documents of a shard.
func counts(ctx context.Context, job corpus.Job, shard int) iter.Seq2[counted, error] {
	return func(yield func(counted, error) bool) {
		row := int64(-1)
		corpus.TableRows(countsJob(job).Dir(), shard, countsEnding, countColumns, func(b *corpus.Batch, i int) (counted, error) {
			row++
			return counted{corpus.At(shard, row), b.ID(0, i), b.String(1, i), b.String(2, i), b.String(3, i), b.String(4, i), b.Int(5, i), b.Int(6, i)}, ctx.Err()
		})(yield)
	}
}
