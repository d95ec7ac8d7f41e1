// Package mix makes the plan: which documents are used, how often, in what
// order and in which output shard, so that the blend of tokens is the one
// asked for.
//
// # Units
//
// Tokens are those written: a document's text in the vocabulary, plus the
// overhead that every use of a document has (EOS, BOS). Budget, quotas, blend
// and ledger are in these. Only [corpus.Planned] has the text's alone.
//
// # How the quotas are met
//
// A part's quota is divided by its supply: its documents are all used as often
// as that goes in whole numbers. For the rest some are used once more: in the
// order of corpus.Hash(seed, "draw", id, epoch), each that is not longer than
// what is still wanted, until the part's share is met to a twentieth of a
// percentage point; and where only longer ones are left, the shortest of them if
// that comes nearer. The place of a use in the shuffle is corpus.Hash(seed,
// "order", id, epoch). Neither depends on how documents lie in shards.
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

// Counter counts the tokens of a text. It is used by one goroutine at a time.
type Counter interface{ Count(text []byte) int }

// Vocabulary is what mix needs of a tokenizer.
type Vocabulary interface {
	Fingerprint() string // the same for vocabularies that give the same tokens
	NewCounter() Counter
}

// Run counts the tokens of all documents that are in, in the sub-stage
// plan/counts, and writes the plan. Overhead is how many tokens every use of a
// document has besides its text's.
//
// Every part that does not get what the blend asks is told to job.Warn, also
// by a run that finds its plan made already.
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

// Describe returns the stage that [Run] runs when plan/counts stands. The plan of
// each shard follows from the counts of its documents and from the quotas, a
// need of the stage.
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

// warn passes on what the blend falls short of.
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
