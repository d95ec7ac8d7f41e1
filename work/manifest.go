package work

import (
	"errors"
	"fmt"
	"slices"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
)

// ManifestFile names the file that says a folder is complete.
const ManifestFile = "manifest.json"

// Manifest says that a stage is complete, and lists its shards. It is written when all of
// them stand.
type Manifest struct {
	Format      int          `json:"format"`      // ReceiptFormat
	Stage       string       `json:"stage"`       // the stage's name
	Fingerprint string       `json:"fingerprint"` // of the fingerprints of all shards
	Shards      []ShardInfo  `json:"shards"`      // those of tasks, then those of final tasks
	Count       ledger.Count `json:"count"`       // the sum over all shards
	// Parts has the fingerprints of the manifests in folders below the stage's that
	// stay, by the folders' names.
	Parts map[string]string `json:"parts,omitempty"`
}

// ShardInfo is one shard of a manifest.
type ShardInfo struct {
	Shard    string `json:"shard"`
	Contents string `json:"contents"`       // hash of its files' checksums
	Rows     int64  `json:"rows"`           // of its first file
	From     string `json:"from,omitempty"` // see Task.From
}

// ErrIncomplete says that a stage has not made all its shards. An [Incomplete] says
// which stage.
var ErrIncomplete = errors.New("is not complete")

// Incomplete is the error that a folder has no manifest yet.
type Incomplete struct{ Stage string }

func (e *Incomplete) Error() string { return fmt.Sprintf("%s %v", e.Stage, ErrIncomplete) }

// Unwrap returns [ErrIncomplete].
func (e *Incomplete) Unwrap() error { return ErrIncomplete }

// Manifest returns the manifest of a complete folder; [ErrIncomplete] where it
// has none.
func (d Dir) Manifest() (*Manifest, error) {
	var m Manifest
	if err := readJSON(d.fs, d.join(ManifestFile), &m); isNotExist(err) {
		return nil, &Incomplete{d.name}
	} else if err != nil {
		return nil, err
	}
	if m.Format != ReceiptFormat || m.Stage != d.name {
		return nil, fmt.Errorf("%s/%s: %w (not a manifest of format %d for %s); remove it and run again", d.name, ManifestFile, corpus.ErrCorrupt, ReceiptFormat, d.name)
	}
	return &m, nil
}

// manifest makes a manifest of the receipts of all shards, without fingerprint.
func manifest(d Dir, receipts []*Receipt) *Manifest {
	m := &Manifest{Format: ReceiptFormat, Stage: d.name, Shards: []ShardInfo{}}
	for _, r := range receipts {
		m.Count.Add(r.Count)
		m.Shards = append(m.Shards, ShardInfo{r.Shard, r.Contents(), r.Files[0].Rows, r.From})
	}
	return m
}

// Rows lists the shards that hold rows, without the summaries beside them: those
// that say what they were made from, or, of documents, all. Earlier builds did not
// say it of tokens: where none does, those count that have rows.
func (m *Manifest) Rows() []ShardInfo {
	if m.Stage == DocsStage {
		return m.Shards
	}
	says := func(s ShardInfo) bool { return s.From != "" }
	if !slices.ContainsFunc(m.Shards, says) {
		says = func(s ShardInfo) bool { return s.Rows > 0 }
	}
	return slices.DeleteFunc(slices.Clone(m.Shards), func(s ShardInfo) bool { return !says(s) })
}

// Contents hashes the contents of all shards. What is made from the whole folder depends
// on it.
func (m *Manifest) Contents() string {
	var all []string
	for _, s := range m.Shards {
		all = append(all, s.Contents)
	}
	return Fingerprint(all)
}

// MadeFrom returns an error unless the first shards of m were made from these inputs,
// one for each shard of documents: see [Job.Inputs].
func (m *Manifest) MadeFrom(inputs [][]string) error {
	if len(m.Shards) < len(inputs) {
		return fmt.Errorf("%s has %d shards, %s has %d: run the stages again in their order", m.Stage, len(m.Shards), DocsStage, len(inputs))
	}
	for s, in := range inputs {
		if m.Shards[s].From != Fingerprint(in) {
			return fmt.Errorf("%s was made from other documents or verdicts than stand there now: run the stages again in their order", m.Stage)
		}
	}
	return nil
}
