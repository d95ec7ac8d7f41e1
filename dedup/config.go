package dedup

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/dedup/units"
)

// Config is the settings of deduplication. The zero Config means the defaults.
type Config struct {
	// Level is what is compared: "file" (default), "repository" or "blocks"; see
	// [LevelRepository] and [LevelBlocks]. For repositories and then files put two
	// passes into the recipe, one of either level.
	Level string `yaml:"level"`
	// Languages lists the languages, by their Linguist names, whose documents
	// take part, all by default; ExceptLanguages those of which none do. The
	// others are kept.
	Languages       []string `yaml:"languages"`
	ExceptLanguages []string `yaml:"except_languages"`
	// Priority lists sources, by name or pattern (* and ?), from the first whose
	// documents are to be kept to the last; sources that it does not name come
	// after them. It decides before Order.
	Priority []string `yaml:"priority"`
	// Index is the memory of earlier runs.
	Index Index        `yaml:"index"`
	Exact sketch.Exact `yaml:"exact"`
	Near  Near         `yaml:"near"`
	// Order lists what makes one of several similar documents the survivor,
	// the first that tells them apart deciding: "license" (permissive, then
	// unknown or none, then copyleft), "stars" and "forks" (most), "created"
	// (earliest, unknown last), "path" (shortest). Content id and document id
	// always follow. Default: all five in this order.
	Order []string `yaml:"order"`
	// Limits say what is too much.
	Limits Limits `yaml:"limits"`
	// Blocks is how repeated blocks are found, at level blocks.
	Blocks Blocks `yaml:"blocks"`
}

// The values of Config.Level.
const (
	// LevelFile compares documents one by one.
	LevelFile = units.LevelFile
	// LevelRepository compares repositories; see [units.LevelRepository].
	LevelRepository = units.LevelRepository
)

// Near is how near-duplicates are found.
type Near struct {
	Off bool `yaml:"off"` // compare exactly only
	// Threshold is the Jaccard similarity from which on the worse of two
	// documents is dropped, above 0 and at most 1. Default 0.7, The Stack's
	// (v1, v2 and v3: bigcode-dataset, near_deduplication).
	Threshold float64 `yaml:"threshold"`
	// Ngram is how many tokens make a shingle, 1 to 64. Default 5, The Stack's.
	Ngram int `yaml:"ngram"`
	// Split is how a text is cut into tokens: "code" (default), "stack-v1",
	// "stack-v2" or "chars"; see [Sketcher.Shingles].
	Split string `yaml:"split"`
	// Permutations is the number of values of a sketch, 8 to 4096. Default 256.
	Permutations int `yaml:"permutations"`
	// Bands and Rows of the sketch. Default: as many rows as let 0.99 of the
	// pairs at the threshold become candidates, and as many bands as fit.
	Bands int `yaml:"bands"`
	Rows  int `yaml:"rows"`
	// BucketCap is how many documents with the same band are compared all with
	// all, 2 to 65536; in a larger bucket each is compared with that many of
	// those that were kept, chosen by lot. Default 256.
	BucketCap int `yaml:"bucket_cap"`
}

// wantRecall is the share of pairs at the threshold that the default bands
// let through at least.
const wantRecall = 0.99

// leastRecall is what bands that somebody asks for must let through at the
// threshold: below it most of what is looked for would be missed.
const leastRecall = 0.5

// SCurve returns the probability that two documents of Jaccard similarity s
// agree in all rows of at least one band: 1-(1-s^rows)^bands.
func SCurve(s float64, bands, rows int) float64 {
	return -math.Expm1(float64(bands) * math.Log1p(-math.Pow(s, float64(rows))))
}

// withDefaults returns the settings with everything filled in, so that equal
// behaviour has equal fingerprints. It expects a valid Config.
func (c Config) withDefaults() Config {
	orElse(&c.Level, units.LevelFile)
	c.Limits = c.Limits.withDefaults()
	if len(c.Order) == 0 {
		c.Order = units.Terms()
	}
	n := &c.Near
	if c.Level == LevelBlocks {
		orElse(&c.Blocks.Lines, 10)
		n.Off = true
	}
	if n.Off {
		*n = Near{Off: true}
		return c
	}
	orElse(&n.Threshold, 0.7)
	orElse(&n.Ngram, 5)
	orElse(&n.Split, sketch.SplitCode)
	orElse(&n.Permutations, 256)
	orElse(&n.BucketCap, 256)
	switch {
	case n.Bands == 0 && n.Rows == 0:
		n.Bands, n.Rows = chooseBands(n.Threshold, n.Permutations)
	case n.Rows == 0:
		n.Rows = n.Permutations / n.Bands
	case n.Bands == 0:
		n.Bands = n.Permutations / n.Rows
	}
	return c
}

func orElse[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// chooseBands returns the most rows, with the bands that fit, that still make
// candidates of wantRecall of the pairs at the threshold.
func chooseBands(threshold float64, permutations int) (bands, rows int) {
	for rows = permutations; rows > 1; rows-- {
		if bands = permutations / rows; SCurve(threshold, bands, rows) >= wantRecall {
			return bands, rows
		}
	}
	return permutations, 1
}

// Validate reports the first setting that makes no sense, by its key.
func (c Config) Validate() error {
	seen := map[string]bool{}
	for _, o := range c.Order {
		if !slices.Contains(units.Terms(), o) {
			return fmt.Errorf("order: %q is not one of %s", o, strings.Join(units.Terms(), ", "))
		}
		if seen[o] {
			return fmt.Errorf("order: %q stands there twice", o)
		}
		seen[o] = true
	}
	if c.Level != "" && !slices.Contains(levels, c.Level) {
		return fmt.Errorf("level: %q is not one of %s", c.Level, strings.Join(levels, ", "))
	}
	for _, l := range c.Languages {
		if slices.Contains(c.ExceptLanguages, l) {
			return fmt.Errorf("except_languages: %q is one of languages too", l)
		}
	}
	for _, p := range c.Priority {
		if _, err := path.Match(p, ""); err != nil || p == "" {
			return fmt.Errorf("priority: %q is not a name or pattern", p)
		}
	}
	for _, validate := range []func() error{c.Limits.validate, c.Index.validate, c.Blocks.validate, c.validateLevel} {
		if err := validate(); err != nil {
			return err
		}
	}
	if c.Near.Off || c.Level == LevelBlocks {
		return nil
	}
	if t := c.Near.Threshold; t != 0 && !(t > 0 && t <= 1) {
		return fmt.Errorf("near.threshold: %v is not above 0 and at most 1", t)
	}
	n := c.withDefaults().Near
	for _, k := range []struct {
		key              string
		value, low, high int
	}{
		{"ngram", n.Ngram, 1, sketch.MaxNgram},
		{"permutations", n.Permutations, 8, 4096},
		{"bucket_cap", n.BucketCap, 2, 1 << 16},
		{"bands", c.Near.Bands, 0, n.Permutations}, // 0 asks for the default
		{"rows", c.Near.Rows, 0, n.Permutations},
	} {
		if k.value < k.low || k.value > k.high {
			return fmt.Errorf("near.%s: %d is not in %d to %d", k.key, k.value, k.low, k.high)
		}
	}
	if !slices.Contains(sketch.Splits(), n.Split) {
		return fmt.Errorf("near.split: %q is not one of %s", n.Split, strings.Join(sketch.Splits(), ", "))
	}
	return n.validateBands()
}

// validateLevel refuses settings that have no part at the level.
func (c Config) validateLevel() error {
	if c.Level != LevelBlocks {
		if c.Blocks != (Blocks{}) {
			return fmt.Errorf("blocks: are looked for at level %q only", LevelBlocks)
		}
		return nil
	}
	for _, s := range []struct {
		key string
		set bool
	}{{"exact", c.Exact != (sketch.Exact{})}, {"near", c.Near != (Near{})}, {"index", c.Index != (Index{})}, {"limits", c.Limits != (Limits{})}} {
		if s.set {
			return fmt.Errorf("%s: has no part at level %q", s.key, LevelBlocks)
		}
	}
	return nil
}

func (n Near) validateBands() error {
	if n.Bands*n.Rows > n.Permutations {
		return fmt.Errorf("near.bands: %d bands of %d rows need %d permutations, there are %d", n.Bands, n.Rows, n.Bands*n.Rows, n.Permutations)
	}
	if p := SCurve(n.Threshold, n.Bands, n.Rows); p < leastRecall {
		bands, rows := chooseBands(n.Threshold, n.Permutations)
		return fmt.Errorf("near.rows: %d bands of %d rows find only %.2g %% of the pairs at the threshold %v, want %v %% at least; %d bands of %d rows find %.3g %%",
			n.Bands, n.Rows, 100*p, n.Threshold, 100*leastRecall, bands, rows, 100*SCurve(n.Threshold, bands, rows))
	}
	return nil
}
