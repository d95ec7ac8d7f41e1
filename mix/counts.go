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

// countsVersion is raised when the same documents and vocabulary give another table of
// counts.
//
//	1: the first
const countsVersion = 1

// counted is all that planning needs to know of a document: one row of plan/counts. The
// texts are read once, to make it; every pass of planning reads these rows. Its strings
// are borrowed: they are valid until the next row.
type counted struct {
	pos                                 corpus.Pos // not in the table: it has the documents' rows
	id                                  corpus.ID
	source, language, kind, licenseType string
	bytes                               int64 // of the text as crawled
	tokens                              int64 // of the text, without overhead; -1 for a document that a pass put out
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

// countsJob is the job of the sub-stage that counts tokens. It makes a shard for each
// shard of documents, which depends on them and on the vocabulary only: a plan with
// another blend counts nothing again.
func countsJob(job work.Job) work.Job {
	return job.Sub(countsSub)
}

const countsSub = "counts"

// counterMemory is about what a Counter keeps in its caches.
const counterMemory = 32 << 20

// runCounts counts the tokens of every document that no pass put out.
func runCounts(ctx context.Context, job work.Job, v Vocabulary) (*work.Manifest, error) {
	job = countsJob(job)
	s := work.Stage{Version: countsVersion, Settings: v.Fingerprint()}
	return job.RunShards(ctx, s, work.TableMemory+counterMemory, func(ctx context.Context, shard int, out *work.Output) error {
		return countShard(ctx, job, shard, v.NewCounter(), out)
	})
}

const countsEnding = ".parquet"

// countShard writes the counts of one shard of documents.
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

// counts iterates over the counts of a shard, a row for each document, in their order.
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
