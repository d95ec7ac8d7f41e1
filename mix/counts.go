package mix

import (
	"context"
	"fmt"
	"iter"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/corpus/table"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// countsVersion is that of the table of counts.
//
//	1: the first
const countsVersion = 1

// counted is all that planning needs to know of a document, so that the
// documents are read once; its strings are borrowed.
type counted struct {
	pos                                 corpus.Pos
	id                                  corpus.ID
	source, language, kind, licenseType string
	bytes, tokens                       int64 // of the text; tokens without overhead, -1 for a document that is out
}

var countColumns = table.Schema[counted]{
	{Name: "id", Type: table.IDs, At: func(c *counted) any { return (*[16]byte)(&c.id) }},
	{Name: "source", Type: table.Names, At: func(c *counted) any { return &c.source }},
	{Name: "language", Type: table.Names, At: func(c *counted) any { return &c.language }},
	{Name: "kind", Type: table.Names, At: func(c *counted) any { return &c.kind }},
	{Name: "license_type", Type: table.Names, At: func(c *counted) any { return &c.licenseType }},
	{Name: "bytes", Type: table.Ints, At: func(c *counted) any { return &c.bytes }},
	{Name: "tokens", Type: table.Ints, At: func(c *counted) any { return &c.tokens }},
}

// countsJob is the sub-stage that counts tokens. Its shards are those of the
// documents, and depend on the vocabulary alone: another blend counts nothing
// again.
func countsJob(job work.Job) work.Job {
	return job.Sub(countsSub)
}

const countsSub = "counts"

// counterMemory is about what a Counter keeps in its caches.
const counterMemory = 32 << 20

// runCounts counts the tokens of every document that is still in.
func runCounts(ctx context.Context, job work.Job, v Vocabulary) (*work.Manifest, error) {
	job = countsJob(job)
	s := work.Stage{Version: countsVersion, Settings: v.Fingerprint()}
	return job.RunShards(ctx, s, work.TableMemory+counterMemory, func(ctx context.Context, shard int, out *work.Output) error {
		return countShard(ctx, job, shard, v.NewCounter(), out)
	})
}

const countsEnding = ".parquet"

func countShard(ctx context.Context, job work.Job, shard int, counter Counter, out *work.Output) error {
	t, err := work.CreateTable(out, countsEnding, countColumns)
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
		c := counted{id: d.ID, source: d.Source, language: d.Language, kind: d.Kind, licenseType: d.LicenseType, bytes: bytes, tokens: tokens}
		if err := t.Write(&c); err != nil {
			return err
		}
	}
	return t.Close()
}

// counts iterates over the counted documents of a shard.
func counts(ctx context.Context, job work.Job, shard int) iter.Seq2[counted, error] {
	return func(yield func(counted, error) bool) {
		row := int64(0)
		for c, err := range work.ReadTable(countsJob(job).Dir(), corpus.ShardName(shard), countsEnding, countColumns) {
			if err == nil {
				err = ctx.Err()
			}
			c.pos = corpus.At(shard, row)
			if !yield(c, err) || err != nil {
				return
			}
			row++
		}
	}
}
