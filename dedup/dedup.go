// Package dedup drops documents that are the same as, or nearly the same as,
// a better one.
//
// # What is dropped
//
// Documents that an earlier stage put out take no part. The others are ordered from
// the best survivor to the worst, by Config.Priority and Config.Order. The order
// depends on the documents alone, not on where they stand. Then, from the best to the
// worst, a document is dropped if and only if a better one that is itself kept is
//
//   - the same, by the SHA-256 of the text: reason [ExactDuplicate], or
//   - similar: the Jaccard similarity of their sets of shingles, computed from
//     the whole sets, is at least the threshold: reason [NearDuplicate].
//
// Config.Exact says what of a text counts for either. The notices of copyright and
// licence in a text's leading comment ([sketch.WithoutNotice]) count for being the
// same, and for being similar only with Near.WithLicenseHeader.
//
// The verdict names the survivor and the similarity to it. The survivor is the better
// document that the dropped one is the same as or similar to, the best one if there
// are several, and it is kept. So nothing is dropped through a chain: if A is better
// than B, B than C, A similar to B and B to C, but not A to C, then B is dropped for A,
// and C stays. An exact copy of a document that is dropped as similar is dropped as
// similar too, to the same survivor.
//
// Documents with too few tokens for one shingle, such as those of nothing but a notice,
// are compared exactly only, and so are those with more than [sketch.MaxShingles]
// shingles.
//
// # Levels
//
// At [LevelRepository] all this is said of repositories. The text of a repository is
// that of its documents which take part, in the order of their rows, one after the
// other. Its licence is the worst of theirs, its path is its name. All its documents
// get the same verdict; a survivor is named by the position of its first document, and
// Copies counts repositories. A repository of more than [sketch.MaxShingles] shingles
// is compared by a sample of about as many, which gives the similarity with a standard
// error of 0.0005; the summary counts them as Sampled.
//
// Documents of languages that Config.Languages leaves out take no part, and are kept.
// So DeepSeek-Coder's recipe is two passes: repositories of five languages, and files
// of all others.
//
// At [LevelBlocks] nothing is compared as a whole: blocks of lines that stand in
// a better document too are measured, or cut by the edits of the verdicts.
//
// # Index
//
// An index ([index.Config]) remembers what earlier runs kept. Its documents are better
// than all of this run, whatever the order says. A document that is dropped for one of
// them has no survivor in its verdict; [index.KnownSurvivors] names it. A run adds what
// this stage keeps: what a later stage puts out stays in the index.
//
// # How
//
// The work is done in steps. Each step writes shards into a folder below the stage's
// and reads those of the steps before ([Describe]):
//
//	sketches   by shard: what is known of each document, its sketch and set (units)
//	outcomes   one shard: what becomes of the documents (near)
//	           then, in the stage's own folder, the verdicts by shard, and at last
//	           the summary, with limits and audit
//
// So another threshold does not make the sketches again, a lost shard of verdicts is
// made again alone, and any process can make any shard from the files before it.
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
// The summary names the repositories, sources and languages that lost the largest
// shares, and the survivor that stands for most documents. Where one passes
// Config.Limits the stage warns, or stops, with examples. An [audit.Audit] looks again
// at samples of the dropped and of the kept documents.
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
//	11: similar without licence notices; of two with the same age the one with more
//	    shingles is better
const Version = 11

// The reasons of this stage.
const (
	ExactDuplicate corpus.Reason = "exact_duplicate"
	NearDuplicate  corpus.Reason = "near_duplicate"

	// At repository level: the document's repository as a whole.
	ExactDuplicateRepository corpus.Reason = "exact_duplicate_repository"
	NearDuplicateRepository  corpus.Reason = "near_duplicate_repository"
)
