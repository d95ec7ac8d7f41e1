package filter

import (
	"fmt"
	"maps"
	"slices"
)

// Config is the settings of a filter stage. The zero Config applies
// DeepSeek-Coder's rules, keeps all licences, and puts out vendored (narrowly)
// and generated documents.
type Config struct {
	Preset     string    `yaml:"preset"`     // one of the presets: deepseek-coder (default) or none
	Limits     Limits    `yaml:"limits"`     // of the preset, by its file's keys
	Exemptions string    `yaml:"exemptions"` // none (default: DeepSeek-Coder's paper states none) or starcoder
	License    License   `yaml:"license"`
	Vendor     string    `yaml:"vendor"`    // narrow (default), linguist or keep
	Generated  string    `yaml:"generated"` // drop (default) or keep
	Languages  Languages `yaml:"languages"`
	Size       Size      `yaml:"size"`
	OptOut     string    `yaml:"opt_out"` // file of repositories to leave out; empty for none
	// OptOutCopies says what else goes out with the repositories of OptOut: keep (default:
	// nothing), files (every document whose text is that of a document there), or
	// repositories (these, and all of a repository of which they are half of the bytes or
	// more: forks and copies, near ones among them). It takes no account of what earlier
	// passes put out, and knows only of texts that the crawl has. Single files that are
	// near copies are for dedup to find, with an index of a run over those repositories.
	OptOutCopies string `yaml:"opt_out_copies" json:"-"`
	Rules        []Rule `yaml:"rules"` // applied after the preset's, in their order
}

// Languages chooses languages by their Linguist names. Documents without a
// language are called other: they are out where Include does not name it, or
// Exclude does.
type Languages struct {
	Include []string `yaml:"include"` // empty means all
	Exclude []string `yaml:"exclude"`
}

// Size bounds the bytes of a document's text. 0 means no bound.
type Size struct {
	Min int64 `yaml:"min"`
	Max int64 `yaml:"max"`
}

// Validate names the first setting that makes no sense, and what would.
func (c Config) Validate() error {
	d := c.filled()
	for _, s := range []struct {
		key, value string
		of         []string
	}{
		{"preset", d.Preset, slices.Sorted(maps.Keys(presets()))},
		{"exemptions", d.Exemptions, slices.Sorted(maps.Keys(exemptions()))},
		{"vendor", d.Vendor, []string{Narrow, Linguist, Keep}},
		{"generated", d.Generated, []string{Drop, Keep}},
		{"opt_out_copies", d.OptOutCopies, []string{Keep, Files, Repositories}},
	} {
		if !slices.Contains(s.of, s.value) {
			return fmt.Errorf("%s: %w of %q", s.key, unknown("value", s.value, s.of), s.of)
		}
	}
	if d.OptOutCopies != Keep && c.OptOut == "" {
		return fmt.Errorf("opt_out_copies: %s, and opt_out names no list of repositories", d.OptOutCopies)
	}
	if err := c.Limits.validate(d.Preset); err != nil {
		return err
	}
	if err := c.License.validate(); err != nil {
		return err
	}
	if err := validLanguages("languages.include", c.Languages.Include); err != nil {
		return err
	}
	if err := validLanguages("languages.exclude", c.Languages.Exclude); err != nil {
		return err
	}
	if c.Size.Min < 0 {
		return fmt.Errorf("size.min: %d is below 0", c.Size.Min)
	}
	if c.Size.Max < 0 || c.Size.Max > 0 && c.Size.Max < c.Size.Min {
		return fmt.Errorf("size.max: %d is not 0 or at least size.min, %d", c.Size.Max, c.Size.Min)
	}
	return c.validateRules(presets()[d.Preset])
}

// Paths returns the file OptOut by its key.
func (c *Config) Paths() map[string]*string { return map[string]*string{"opt_out": &c.OptOut} }

func (c Config) validateRules(p preset) error {
	taken := map[string]bool{}
	for _, name := range policyNames() {
		taken[name] = true
	}
	for _, r := range p {
		taken[r.Name] = true
	}
	for i := range c.Rules {
		r := &c.Rules[i]
		if err := r.validate(); err != nil {
			return fmt.Errorf("rules[%d] %s: %w", i, r.Name, err)
		}
		if taken[r.Name] {
			return fmt.Errorf("rules[%d].name: %q is taken already", i, r.Name)
		}
		taken[r.Name] = true
	}
	return nil
}

// filled returns the settings with the defaults in, and in one form for all
// that means the same: what the output depends on, but for the contents of the
// file OptOut.
func (c Config) filled() Config {
	for _, s := range []struct {
		value *string
		def   string
	}{{&c.Preset, DeepSeekCoder}, {&c.Exemptions, None}, {&c.Vendor, Narrow}, {&c.Generated, Drop}, {&c.OptOutCopies, Keep}} {
		if *s.value == "" {
			*s.value = s.def
		}
	}
	c.Limits = presets()[c.Preset].fill(c.Limits)
	c.License = c.License.filled()
	c.Languages.Include, c.Languages.Exclude = sorted(c.Languages.Include), sorted(c.Languages.Exclude)
	return c
}

func sorted(list []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}
