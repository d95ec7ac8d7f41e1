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
// The verdict names that document, the best one if there are several, and the
// similarity. Nothing is dropped through a chain of others. A copy of a
// document that is itself a near-duplicate is one too, of the same survivor:
// each verdict holds for the two documents that it names. Documents with too
// few tokens for one shingle are compared exactly only, as are those with more
// than [MaxShingles].
//
// # How
//
// Each document gets a set of 64-bit shingle hashes and a sketch of it, stored
// beside the stage's verdicts ([Dedup.Shingles], [Dedup.Sign]). Documents that
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
// with that many of the best that were kept at most.
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
// internal/extsort within what is left of the memory.
package dedup

import "github.com/codemill/codemill/corpus"

// Version is raised when the same documents and settings give other bytes.
//
//	1: the first
//	2: tallies beside the verdicts; worst groups and audit in the summary
const Version = 2

// The reasons of this stage.
const (
	ExactDuplicate corpus.Reason = "exact_duplicate"
	NearDuplicate  corpus.Reason = "near_duplicate"
)
