// Package corpus holds the records that stages exchange — the document, the
// verdict on it, its place in the plan — and the shards they live in. It is
// the only package that creates files.
//
// # Layout
//
// A stage's folder holds shards, numbered from 0. Documents are written once,
// a repository's files side by side in one shard. Verdicts and plan have the
// documents' shards; verdicts have their rows too, so that a position (shard,
// row) joins them and nothing is looked up. Tables are Parquet with zstd.
//
// # Whole or absent
//
// A file is written under a temporary name, synced, closed and renamed, its
// folder synced, and the shard's receipt comes last ([Receipt]). A reader
// checks size and SHA-256 against the receipt before a decoder sees a byte
// ([Dir.Open]). When all shards stand, the folder's [Manifest] is written; the
// next stage starts from it.
//
// # Resume
//
// A receipt holds the fingerprint of all that its shard depends on: the
// stage's version and settings and the contents of the shards it was made
// from. [Job.Run] makes only shards whose fingerprint is not there yet. As
// contents and not times or fingerprints are passed down, a stage that comes
// to the same bytes causes nothing after it to run again.
//
// # Ownership
//
// A *Doc from an iterator is borrowed: it is valid until the loop body ends.
// Call [Doc.Clone] to keep one.
//
// # Invariants
//
//   - Doc.Text is valid UTF-8.
//   - Doc.ContentID depends on Doc.Text alone; Doc.ID on source, repository, path and text.
//   - No path of the machine, no time and no number of workers is in any file.
package corpus
