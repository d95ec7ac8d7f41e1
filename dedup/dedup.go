// Package dedup drops documents that are the same as, or nearly the same as,
// a better one.
//
// # What is dropped
//
// Documents that an earlier stage put out take no part. The others are put in
// the order of Config.Order, from the best survivor to the worst; it depends on
// the documents alone, not on where they stand. Then, from best to worst, a
// document is dropped if and only if a better one that is itself kept is
//
//   - the same, by the SHA-256 of the text: reason [ExactDuplicate], or
//   - similar: the Jaccard similarity of their sets of shingles, computed from
//     the whole sets, is at least the threshold: reason [NearDuplicate].
//
// What of a text counts, for either, is Config.Exact's to say.
//
// The verdict names that document, the best one if there are several, and the
// similarity. Nothing is dropped through a chain of others. A copy of a
// document that is itself a near-duplicate is one too, of the same survivor:
// each verdict holds for the two documents that it names. Documents with too
// few tokens for one shingle are compared exactly only, as are those with more
// than [sketch.MaxShingles].
//
// # Levels
//
// At [LevelRepository] all this is said of repositories: of the texts that are
// left of one, in the order of their rows, one after the other. The verdicts on
// all documents of a repository are the same; a survivor is named by its first
// document, and Copies counts repositories. A repository of more than
// [sketch.MaxShingles] shingles is compared by a sample of about as many, which gives
// the similarity with a standard error of 0.0005; the summary counts them. Its
// licence is the worst of its documents', its path the repository's name.
// Config.Languages keeps others out of it all, so that DeepSeek-Coder's recipe
// is two passes: repositories of five languages, and files of all others.
//
// At [LevelBlocks] nothing is compared as a whole: blocks of lines that stand in
// a better document too are measured, or cut by the edits of the verdicts.
//
// # Index
//
// An index ([index.Config]) remembers what earlier runs kept. A document is dropped for one of
// the index as for one of this run, whatever the order says; the verdict has no
// survivor then, and [index.KnownSurvivors] names it. What a later stage puts out
// stays in the index.
//
// # How
//
// Each shard is a function of files ([Describe]), in steps that stand in folders
// below the stage's:
//
//	sketches   by shard: what is known of each document, its sketch and set (units)
//	outcomes   one shard: what becomes of the documents (near)
//	           then, in the stage's own folder, the verdicts by shard, and at last
//	           the summary, with limits and audit
//
// So another threshold leaves the sketches as they are, a lost shard of verdicts
// is made again alone, and any process can make any shard.
//
// # Parts
//
// Each knows those before it, and none this package:
//
//	sketch   from a text to its shingles and their sketch; stored sets
//	units    documents or repositories in shards: entries, sketches, sets; the
//	         survivor order
//	near     which units are the same as, or similar to, a better one
//	index    earlier runs
//	audit    samples of the verdicts, looked at again
//	blocks   repeated blocks of lines, level blocks
//
// and this package has:
//
//	dedup.go      version, reasons
//	config.go     settings, their defaults and limits
//	core.go       Dedup: the settings as the parts want them; the stage at level
//	              blocks
//	run.go        Run and Describe
//	verdicts.go   verdicts from outcomes
//	summary.go    Summary
//	tally.go      what the verdicts of one shard come to
//	limits.go     how much may be dropped, and how it is said
//	conclude.go   the tallies put together: groups, limits, audit, summary
//
// # Limits and audit
//
// The summary names the repositories, sources and languages that lost the
// largest shares, and the survivor that stands for most documents; past
// Config.Limits the stage warns, or stops, with examples. In an [audit.Audit] samples
// of the dropped and of the kept documents are looked at again.
package dedup

import "github.com/codemill/codemill/corpus"

// Version is raised when the same documents and settings give other bytes.
//
//	1: the first
//	2: tallies beside the verdicts; worst groups and audit in the summary
//	3: levels, priorities, the index and blocks
//	4: hashes of 40 bits
//	5: the splittings of The Stack to the letter, settings of what counts of a text
//	6: the audit looks into the index too, its figures are tallied
//	7: overfull buckets keep a priority sample
//	8: more of a block is verified side by side
//	9: overfull buckets of the index alone are left out, whatever the sieve lets through
//	10: a tally beside the verdicts has a bounded number of repositories
const Version = 10

// The reasons of this stage.
const (
	ExactDuplicate corpus.Reason = "exact_duplicate"
	NearDuplicate  corpus.Reason = "near_duplicate"

	// At repository level: the document's repository as a whole.
	ExactDuplicateRepository corpus.Reason = "exact_duplicate_repository"
	NearDuplicateRepository  corpus.Reason = "near_duplicate_repository"
)
