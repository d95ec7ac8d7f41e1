// Package mix makes the plan: which documents are used, how often, in what
// order and in which output shard, so that the blend of tokens is the one
// asked for.
//
// # Units
//
// Tokens are those written: those of a document's text in the vocabulary, plus the
// overhead that every use of a document has (EOS, BOS). Budget, quotas, blend and
// ledger are in these. Only [corpus.Planned] has the text's tokens alone.
//
// # How the quotas are met
//
// A group is the documents that one quota is drawn from: those of a part, or where
// languages have weights or a temperature, those of one language of a part. Its
// supply is the tokens of all its documents, each used once. Its quota is the tokens
// that are wanted of it.
//
// All documents of a group are used as often as the supply goes into the quota: with a
// supply of 100 and a quota of 250 tokens, twice. The 50 tokens that are missing then
// come from documents that are used once more. They are drawn by lot: documents are
// taken in the order of corpus.Hash(seed, "draw", id, epoch), and one that is longer
// than what is still wanted is passed over. That ends when the quota is missed by a
// two-thousandth of the blend at most, over all groups together. Where only longer
// documents are left, the shortest of them is taken if the quota is nearer with it
// than without.
//
// Where a use stands in the shuffle is said by corpus.Hash(seed, "order", id, epoch).
// Neither hash depends on how documents lie in shards.
//
// # Files
//
//	config.go   the settings
//	preset.go   published blends
//	counts.go   the sub-stage that counts tokens
//	select.go   which group a document belongs to, how often it is used
//	quota.go    a total divided by weights
//	blend.go    the quotas of parts and groups, what falls short
//	draw.go     the passes over the counts that draw documents
//	lottery.go  the drawing of one group
//	plan.go     the stage: quotas, the plan's shards
package mix

import (
	"context"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/work"
)

// Version of the algorithm: raised when the same documents and settings give
// another plan.
//
//	1: the first
//	2: gaps that a long document leaves are filled with shorter ones
const Version = 2

// The reasons of documents that are not in the plan.
const (
	NoPart   corpus.Reason = "no_part"   // no part of the blend matches
	NotDrawn corpus.Reason = "not_drawn" // the blend needs less than there is
	NoTokens corpus.Reason = "no_tokens" // an empty text
)

// Counter counts the tokens of a text, without BOS and EOS. One goroutine uses it at a
// time.
type Counter interface{ Count(text []byte) int }

// Vocabulary is what mix needs of a tokenizer.
type Vocabulary interface {
	Fingerprint() string // the same for vocabularies that give the same tokens
	NewCounter() Counter
}

// Run counts the tokens of all documents that no pass put out, in the sub-stage
// plan/counts, and writes the plan. overhead is how many tokens every use of a
// document has besides those of its text.
//
// job.Warn is told of every part that does not get what the recipe asks, also by a run
// that finds its plan made already.
func Run(ctx context.Context, job work.Job, c Config, v Vocabulary, overhead int) (*work.Manifest, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if _, err := runCounts(ctx, job, v); err != nil {
		return nil, err
	}
	s, err := Describe(job, c, v, overhead)
	if err != nil {
		return nil, err
	}
	m, err := job.Run(ctx, s)
	if err != nil {
		return nil, err
	}
	return m, warn(job)
}

// Describe returns the stage that [Run] runs when plan/counts is complete. A need of it,
// the quotas, is worked out from all counts; the plan of each shard then follows from
// the quotas and the counts of the shard's own documents.
func Describe(job work.Job, c Config, v Vocabulary, overhead int) (work.Stage, error) {
	if err := c.Validate(); err != nil {
		return work.Stage{}, err
	}
	inputs, err := job.Inputs()
	if err != nil {
		return work.Stage{}, err
	}
	before, err := job.Intake()
	if err != nil {
		return work.Stage{}, err
	}
	counted, err := countsJob(job).Dir().Manifest()
	if err != nil {
		return work.Stage{}, err
	}
	workers, err := job.Parallel(work.TableMemory)
	if err != nil {
		return work.Stage{}, err
	}
	p := &planner{job: job, config: c.filled(), overhead: int64(overhead), shards: len(inputs), workers: workers}
	p.match = newMatcher(p.config.Parts)
	return p.stage(inputs, counted.Fingerprint, v.Fingerprint(), &before), nil
}

// warn tells job.Warn which parts of the blend that stands fall short, and of what.
func warn(job work.Job) error {
	b, err := job.Work.Blend()
	if err != nil {
		return err
	}
	for _, part := range b.Parts {
		if part.Shortage != "" {
			job.Warnf("%s: %s", part.Name, part.Shortage)
		}
	}
	return nil
}
