package mix

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
)

// Config is the settings of the mix stage. The zero Config takes the blend of
// DeepSeek-Coder-v1.5, as many tokens as fit.
type Config struct {
	Preset string `yaml:"preset"` // v1.5 (default), v1, v2, or code-text, also called 70/30; not beside parts
	Parts  []Part `yaml:"parts"`
	// Budget is how many tokens the blend has. 0 means all that fits: the
	// largest blend in which every part that has documents keeps its share.
	Budget int64 `yaml:"budget"`
	// MaxEpochs is how often documents may be used, on average over a part or
	// language. 1 means no repetition; 2.5 means that all are used twice and half
	// of them, by tokens, a third time. Default 4: DeepSeek-Coder's authors say 4
	// to 5 of v1 (issues 9 and 121 of its repository).
	MaxEpochs float64 `yaml:"max_epochs"`
	// Shortfall is what happens to the tokens that a part cannot supply:
	// redistribute (default) gives them to the others in proportion, refuse is
	// an error.
	Shortfall string `yaml:"shortfall"`
	// Weights multiplies what languages get within their part, by their Linguist
	// names, other for documents without one. 0 leaves a language out; those not
	// named have 1.
	Weights map[string]float64 `yaml:"weights"`
	// Temperature says how a part's tokens are shared out among its languages: in
	// proportion to n to this power, for a language of n tokens, 0 to 1. With 1
	// (default) each language has the share that its texts have; with 0 all
	// languages get the same; with 0.5 one of 100 times the text gets 10 times
	// the tokens.
	Temperature *float64 `yaml:"temperature"`
	ShardTokens int64    `yaml:"shard_tokens"` // about how many tokens go into one output shard; 16Mi by default
}

// Part is a selection of the documents and its share of the tokens. A document
// belongs to the first part that has a selection which matches it.
type Part struct {
	Name  string      `yaml:"name"`
	Share float64     `yaml:"share"` // 0 to 1; those of all parts add up to 1
	Where []Selection `yaml:"where"` // one of them has to match; without any, every document does
}

// Selection matches a document that has one of the values of every list that is not
// empty. {language: [Go, C], license_type: [permissive]} matches permissive documents in
// Go and in C.
type Selection struct {
	Kind        []string `yaml:"kind"`         // code, markup, prose, data, other
	Language    []string `yaml:"language"`     // Linguist names, other for none
	Source      []string `yaml:"source"`       // names of the recipe's sources
	LicenseType []string `yaml:"license_type"` // permissive, copyleft, unknown, none
}

// The values of Config.Shortfall.
const (
	Redistribute = "redistribute"
	Refuse       = "refuse"
)

// The defaults of Config.MaxEpochs and Config.ShardTokens.
const (
	DefaultMaxEpochs   = 4
	DefaultShardTokens = 16 << 20
)

// Validate names the first setting that makes no sense, and what would.
func (c Config) Validate() error {
	if c.Preset != "" && len(c.Parts) > 0 {
		return fmt.Errorf("preset: give either a preset or parts")
	}
	if _, ok := presets()[c.Preset]; !ok && c.Preset != "" {
		return fmt.Errorf("preset: %q is not one of %s", c.Preset, strings.Join(PresetNames(), ", "))
	}
	if err := validParts(c.Parts); err != nil {
		return err
	}
	switch {
	case c.Budget < 0 || c.Budget > maxTokens:
		return fmt.Errorf("budget: %d is not in 0 to %d", c.Budget, int64(maxTokens))
	case c.MaxEpochs != 0 && !(c.MaxEpochs >= 0.001 && c.MaxEpochs <= 1000):
		return fmt.Errorf("max_epochs: %v is not in 0.001 to 1000", c.MaxEpochs)
	case c.Shortfall != "" && c.Shortfall != Redistribute && c.Shortfall != Refuse:
		return fmt.Errorf("shortfall: %q is not one of redistribute, refuse", c.Shortfall)
	case c.Temperature != nil && !(*c.Temperature >= 0 && *c.Temperature <= 1):
		return fmt.Errorf("temperature: %v is not in 0 to 1", *c.Temperature)
	case c.ShardTokens < 0 || c.ShardTokens > maxTokens:
		return fmt.Errorf("shard_tokens: %d is not in 0 to %d", c.ShardTokens, int64(maxTokens))
	}
	for _, language := range slices.Sorted(maps.Keys(c.Weights)) {
		w := c.Weights[language]
		if !(w >= 0 && w <= 1e6) {
			return fmt.Errorf("weights.%s: %v is not in 0 to 1000000", language, w)
		}
	}
	return nil
}

// Paths returns none: no setting is a path.
func (c *Config) Paths() map[string]*string { return nil }

// maxTokens keeps sums of tokens exact in 64-bit floating point.
const maxTokens = 1 << 52

func validParts(parts []Part) error {
	names, sum := map[string]bool{}, 0.0
	for i, p := range parts {
		switch {
		case p.Name == "":
			return fmt.Errorf("parts[%d].name: a part needs a name", i)
		case names[p.Name]:
			return fmt.Errorf("parts[%d].name: %q is taken already", i, p.Name)
		case !(p.Share >= 0 && p.Share <= 1):
			return fmt.Errorf("parts[%d].share: %v is not in 0 to 1", i, p.Share)
		}
		for _, s := range p.Where {
			if err := s.validate(); err != nil {
				return fmt.Errorf("parts[%d].where: %w", i, err)
			}
		}
		names[p.Name] = true
		sum += p.Share
	}
	if len(parts) > 0 && math.Abs(sum-1) > 1e-6 {
		return fmt.Errorf("parts: the shares add to %.6g, want 1", sum)
	}
	return nil
}

func (s *Selection) validate() error {
	for _, k := range s.Kind {
		if err := choice.ValidKind(k); err != nil {
			return fmt.Errorf("kind: %w", err)
		}
	}
	for _, l := range s.LicenseType {
		if !slices.Contains(corpus.LicenseTypes(), l) {
			return fmt.Errorf("license_type: %q is not one of %s", l, strings.Join(corpus.LicenseTypes(), ", "))
		}
	}
	return nil
}

// filled returns the settings with all defaults filled in, and the preset replaced by
// its parts. The plan's fingerprint is made of them.
func (c Config) filled() Config {
	if len(c.Parts) == 0 {
		if c.Preset == "" {
			c.Preset = DefaultPreset
		}
		c.Parts, c.Preset = presets()[c.Preset], ""
	}
	if c.MaxEpochs == 0 {
		c.MaxEpochs = DefaultMaxEpochs
	}
	if c.Shortfall == "" {
		c.Shortfall = Redistribute
	}
	if c.Temperature == nil {
		one := 1.0
		c.Temperature = &one
	}
	if c.ShardTokens == 0 {
		c.ShardTokens = DefaultShardTokens
	}
	return c
}

// byLanguage reports whether languages get quotas of their own.
func (c *Config) byLanguage() bool { return len(c.Weights) > 0 || *c.Temperature != 1 }
