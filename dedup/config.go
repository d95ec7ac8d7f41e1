package dedup

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/codemill/codemill/dedup/blocks"
	"github.com/codemill/codemill/dedup/index"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/dedup/units"
)

// Config is the settings of deduplication. The zero Config means the defaults.
type Config struct {
	// Level is what is compared: "file" (default), "repository" or "blocks"; see
	// [LevelRepository] and [LevelBlocks]. For repositories and then files put two
	// passes into the recipe, one of either level.
	Level string `yaml:"level"`
	// Languages lists the languages whose documents take part, by their Linguist
	// names, and other for documents without one. Default: all.
	// ExceptLanguages lists those whose documents do not. What takes no part is
	// kept.
	Languages       []string `yaml:"languages"`
	ExceptLanguages []string `yaml:"except_languages"`
	// Priority lists sources, by name or pattern (* and ?). Of similar documents the
	// one whose source stands first in it is kept; sources that it does not name come
	// last. It decides before Order. [books, github-*], for example, keeps a book's
	// copy of a text rather than any repository's.
	Priority []string     `yaml:"priority"`
	Index    index.Config `yaml:"index"` // the memory of earlier runs; none by default
	Exact    sketch.Exact `yaml:"exact"` // what of a text counts; all of it by default
	Near     near.Config  `yaml:"near"`  // how similar documents are found
	// Order lists terms by which the survivor among similar documents is chosen. The
	// first term that tells two of them apart decides: "license" (permissive before
	// unknown or none, before copyleft), "stars" and "forks" (more first), "created"
	// (earlier first, unknown last), "shingles" (more different ones first, so more
	// code; of what is compared exactly only it tells none apart), "path" (shorter
	// first). Where none does, content id and document id decide. Default: all six in
	// this order.
	Order []string `yaml:"order"`
	// Limits say what is too much.
	Limits Limits `yaml:"limits"`
	// Blocks is how repeated blocks are found, at level blocks.
	Blocks blocks.Config `yaml:"blocks"`
}

// The values of Config.Level.
const (
	// LevelFile compares documents one by one.
	LevelFile = units.LevelFile
	// LevelRepository compares repositories; see [units.LevelRepository].
	LevelRepository = units.LevelRepository
	// LevelBlocks looks for blocks of lines in several documents; see [blocks.Level].
	LevelBlocks = blocks.Level
)

// withDefaults returns the settings with everything filled in, so that settings which
// mean the same have the same fingerprint. It expects a valid Config.
func (c Config) withDefaults() Config {
	orElse(&c.Level, units.LevelFile)
	c.Limits = c.Limits.withDefaults()
	if len(c.Order) == 0 {
		c.Order = units.Terms()
	}
	if c.Level == LevelBlocks {
		orElse(&c.Blocks.Lines, 10)
		c.Near.Off = true
	}
	c.Near = c.Near.WithDefaults()
	return c
}

func orElse[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
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
	for _, validate := range []func() error{c.Limits.validate, c.Index.Validate, c.Blocks.Validate, c.validateLevel} {
		if err := validate(); err != nil {
			return err
		}
	}
	if c.Level == LevelBlocks {
		return nil
	}
	if c.Exact.LicenseHeader && c.Near.WithLicenseHeader {
		return fmt.Errorf("near.with_license_header: exact.license_header leaves out what it wants compared")
	}
	return c.Near.Validate()
}

// Paths returns the folder of the index by its key.
func (c *Config) Paths() map[string]*string {
	return map[string]*string{"index.path": &c.Index.Path}
}

// validateLevel refuses settings that mean nothing at the level.
func (c Config) validateLevel() error {
	if c.Level != LevelBlocks {
		if c.Blocks != (blocks.Config{}) {
			return fmt.Errorf("blocks: are looked for at level %q only", LevelBlocks)
		}
		return nil
	}
	for _, s := range []struct {
		key string
		set bool
	}{{"exact", c.Exact != (sketch.Exact{})}, {"near", c.Near != (near.Config{})}, {"index", c.Index != (index.Config{})}, {"limits", c.Limits != (Limits{})}} {
		if s.set {
			return fmt.Errorf("%s: has no part at level %q", s.key, LevelBlocks)
		}
	}
	return nil
}
