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
// than [MaxShingles].
//
// # Levels
//
// At [LevelRepository] all this is said of repositories: of the texts that are
// left of one, in the order of their rows, one after the other. The verdicts on
// all documents of a repository are the same; a survivor is named by its first
// document, and Copies counts repositories. A repository of more than
// [MaxShingles] shingles is compared by a sample of about as many, which gives
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
// An [Index] remembers what earlier runs kept. A document is dropped for one of
// the index as for one of this run, whatever the order says; the verdict has no
// survivor then, and [KnownSurvivors] names it. What a later stage puts out
// stays in the index.
//
// # How
//
// Each document gets a set of shingle hashes and a sketch of it, stored beside
// the stage's verdicts ([Dedup.Shingles], [Dedup.Sign]). Documents that
// agree in a band of their sketches are candidates; bands are chosen for recall
// ([SCurve]), because a candidate costs little: the sketches rule most of them
// out, and the sets decide. Similar documents that share no band are missed
// (one in 200 at the default threshold, fewer the more similar they are), and
// so is one whose sketches differ by five standard errors more than the
// threshold allows.
//
// Candidates are looked at in the order of the documents and only where the
// better one was kept, so a family of thousands of copies costs one comparison
// a member. In a bucket of more than Near.BucketCap documents each is compared
// with that many of those that were kept at most, a sample that gives each of
// them the same chance; the summary says how many such buckets there were.
//
// # Hashes
//
// A shingle is known by 40 bits, which makes stored sets half as large as 64
// would. Similarities are those of the sets of shingles unless two different
// ones, of the two documents compared, have the same hash: of 1000 shingles each
// and a similarity of 0.7 that is one pair in 35 million, of 100,000 each one
// in 3500, by one shingle.
//
// # Sketches
//
// The error of an estimate on pairs of real files, of which one was changed a
// little (go test -bench Estimate ./dedup); bias is 0.004 at most:
//
//	root of the mean square     J .3-.6  .6-.8  .8-.95  n<200  n>1000
//	theory, sqrt(J(1-J)/256)      .0309  .0283   .0204  .0264   .0254
//	256 permutations              .0319  .0291   .0209  .0277   .0262
//	Fast Similarity Sketch, 256   .0262  .0242   .0171  .0182   .0253
//	theory for 128                .0437  .0400   .0288  .0374   .0360
//	128 permutations              .0436  .0399   .0289  .0372   .0360
//	Fast Similarity Sketch, 128   .0366  .0367   .0255  .0260   .0365
//
// From text to sketch takes 1.8 ns a byte (Zen 5, AVX2; 2.3 without vector
// code): 0.2 to find the tokens, 0.3 to hash them, 0.4 for the shingles, 0.5 to
// sort them, 0.4 for the sketch (go test -bench Sign ./dedup). With permutations
// it takes thirty times as long.
//
// # Limits and audit
//
// The summary names the repositories, sources and languages that lost the
// largest shares, and the survivor that stands for most documents; past
// Config.Limits the stage warns, or stops, with examples. In an [Audit] samples
// of the dropped and of the kept documents are looked at again.
//
// # Memory
//
// The phase over all documents holds 8 bytes and two bits a document, and 4
// bytes and less for every document kept of an overfull bucket. All else —
// order, bands, candidates, outcomes — is fixed-width records sorted by
// internal/extsort within what is left of the memory. Bands of the index are
// sorted only where they may meet one of this run, by a sieve in memory.
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
//	7: overfull buckets by lot
//	8: more of a block is verified side by side
//	9: overfull buckets of the index alone are left out, whatever the sieve lets through
const Version = 9

// The reasons of this stage.
const (
	ExactDuplicate corpus.Reason = "exact_duplicate"
	NearDuplicate  corpus.Reason = "near_duplicate"

	// At repository level: the document's repository as a whole.
	ExactDuplicateRepository corpus.Reason = "exact_duplicate_repository"
	NearDuplicateRepository  corpus.Reason = "near_duplicate_repository"
)
