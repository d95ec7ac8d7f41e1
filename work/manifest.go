package work

import (
	"errors"
	"fmt"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
)

// ManifestFile names the file that says a folder is complete.
const ManifestFile = "manifest.json"

// Manifest is written when all shards of a stage are. It lists them.
type Manifest struct {
	Format      int          `json:"format"`
	Stage       string       `json:"stage"`
	Fingerprint string       `json:"fingerprint"` // of all shards' fingerprints
	Shards      []ShardInfo  `json:"shards"`
	Count       ledger.Count `json:"count"`
}

// ShardInfo is one shard of a manifest.
type ShardInfo struct {
	Shard    string `json:"shard"`
	Contents string `json:"contents"` // hash of its files' checksums
	Rows     int64  `json:"rows"`     // of its first file
	From     string `json:"from,omitempty"`
}

// ErrIncomplete says that a stage has not made all its shards.
var ErrIncomplete = errors.New("is not complete")

// Manifest returns the manifest of a complete folder; [ErrIncomplete] where it
// has none.
func (d Dir) Manifest() (*Manifest, error) {
	var m Manifest
	if err := readJSON(d.fs, d.join(ManifestFile), &m); isNotExist(err) {
		return nil, fmt.Errorf("%s %w: run `codemill %s` first", d.name, ErrIncomplete, d.command())
	} else if err != nil {
		return nil, err
	}
	if m.Format != ReceiptFormat || m.Stage != d.name {
		return nil, fmt.Errorf("%s/%s: %w (not a manifest of format %d for %s); remove it and run again", d.name, ManifestFile, corpus.ErrCorrupt, ReceiptFormat, d.name)
	}
	return &m, nil
}

// command names the program's command that makes the folder.
func (d Dir) command() string {
	switch {
	case d.name == DocsDir:
		return "crawl"
	case d.name == PlanDir:
		return "mix"
	case d.name == TokensDir:
		return "tokenize"
	default:
		return "run"
	}
}

// manifest sums up shards.
func manifest(d Dir, receipts []*Receipt) *Manifest {
	m := &Manifest{Format: ReceiptFormat, Stage: d.name, Shards: []ShardInfo{}}
	for _, r := range receipts {
		m.Count.Add(r.Count)
		m.Shards = append(m.Shards, ShardInfo{r.Shard, r.Contents(), r.Files[0].Rows, r.From})
	}
	return m
}

// Contents hashes the contents of all shards: what depends on the whole folder
// depends on it.
func (m *Manifest) Contents() string {
	var all []string
	for _, s := range m.Shards {
		all = append(all, s.Contents)
	}
	return Fingerprint(all)
}

// MadeFrom reports whether the first shards of m, one for each of the inputs
// of [Job.Inputs], were made from these.
func (m *Manifest) MadeFrom(inputs [][]string) error {
	if len(m.Shards) < len(inputs) {
		return fmt.Errorf("%s has %d shards, %s has %d: run the stages again in their order", m.Stage, len(m.Shards), DocsDir, len(inputs))
	}
	for s, in := range inputs {
		if m.Shards[s].From != Fingerprint(in) {
			return fmt.Errorf("%s was made from other documents or verdicts than stand there now: run the stages again in their order", m.Stage)
		}
	}
	return nil
}
