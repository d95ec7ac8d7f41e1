package dedup

import (
	"context"
	"maps"
	"math"
	"slices"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/blocks"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// Dedup compares texts by fixed settings. It is safe for concurrent use.
type Dedup struct {
	c Config // with all defaults
	*units.Maker

	windowMask  uint64 // see blocks.Input.WindowMask
	sieveMemory int64  // see near.Input.SieveMemory; 0 but in tests
}

// New returns a Dedup for valid settings.
func New(c Config) (*Dedup, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	d := &Dedup{c: c.withDefaults(), windowMask: math.MaxUint64}
	d.Maker = units.New(d.unitSettings())
	return d, nil
}

// unitSettings are the settings that entries, sketches and sets depend on.
func (d *Dedup) unitSettings() units.Settings {
	n := d.c.Near
	function := ""
	if !n.Off {
		function = "fss"
	}
	return units.Settings{Exact: d.c.Exact, Near: !n.Off, Ngram: n.Ngram, Split: n.Split, WithLicenseHeader: n.WithLicenseHeader, Sketch: function, Permutations: n.Permutations, Level: d.c.Level, Languages: d.c.Languages, Except: d.c.ExceptLanguages}
}

// indexSettings are the settings that all runs of an index must share. At repository
// level the languages are among them, for they say what of a repository is compared.
func (d *Dedup) indexSettings() units.Settings {
	s := d.unitSettings()
	if d.c.Level != LevelRepository {
		s.Languages, s.Except = nil, nil // each document is compared by itself
	}
	return s
}

// reasons are the two reasons of the level.
func (d *Dedup) reasons() (exact, near corpus.Reason) {
	if d.c.Level == LevelRepository {
		return ExactDuplicateRepository, NearDuplicateRepository
	}
	return ExactDuplicate, NearDuplicate
}

// order is the survivor order, for the sources of which the stage before kept
// anything. It warns of patterns of priority that fit none of them.
func (d *Dedup) order(job work.Job, before ledger.Count) *units.Order {
	o, idle := units.NewOrder(d.c.Order, d.c.Priority, slices.Sorted(maps.Keys(before.Sources)))
	for _, pattern := range idle {
		job.Warnf("priority: no source is called %q", pattern)
	}
	return o
}

// levels are the values of Config.Level.
var levels = []string{LevelFile, LevelRepository, LevelBlocks}

// blockSettings are what the verdicts at LevelBlocks depend on.
type blockSettings struct {
	Level     string
	Order     []string
	Priority  []string
	Languages []string
	Except    []string
	Blocks    blocks.Config
}

// blockStage describes the stage at [LevelBlocks]: the shards of verdicts are package
// blocks', the summary is made here.
func (d *Dedup) blockStage(job work.Job) (s work.Stage, err error) {
	before, err := job.Intake()
	if err != nil {
		return s, err
	}
	s, err = blocks.Describe(job, blocks.Input{
		Config: d.c.Blocks, Maker: d.Maker, Order: d.order(job, before), Sorted: []any{d.c.Order, d.c.Priority}, WindowMask: d.windowMask,
	})
	s.Version, s.Settings = Version, blockSettings{d.c.Level, d.c.Order, d.c.Priority, d.c.Languages, d.c.ExceptLanguages, d.c.Blocks}
	shards := len(s.Tasks)
	s.Final = []work.FinalTask{{Shard: SummaryShard, Needs: true, Make: func(_ context.Context, out *work.Output, m *work.Manifest) error {
		found, err := blocks.Sum(job, shards, d.c.Blocks.Cut)
		if err != nil {
			return err
		}
		return out.WriteJSON(SummaryShard+".json", Summary{Level: LevelBlocks, Documents: m.Count.Total().In.Docs, Blocks: found})
	}}}
	return s, err
}
