// Package corpus holds the records that stages exchange: the document, the
// verdict on it, its uses in the plan, and what crawl left out; each with the
// columns of its table ([github.com/codemill/codemill/corpus/table]). The shards
// that the tables stand in are package work's.
//
// # Position
//
// Documents are written once, a repository's files side by side in one shard.
// Verdicts and plan have the documents' shards; verdicts have their rows too, so
// that a position (shard, row) joins them and nothing is looked up.
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
//   - No path of the machine, no time and no number of workers is in any record.
package corpus
