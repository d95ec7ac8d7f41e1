// Package recipe holds the settings of a whole run: strict YAML, dotted keys
// that override it, variables and paths, and what all stages' settings must
// satisfy together.
package recipe

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/filter"
	"github.com/codemill/codemill/mix"
	"github.com/codemill/codemill/tokenize"
)

// Recipe is the settings of a run. The zero value of every stage's settings
// means its defaults.
type Recipe struct {
	Name     string          `yaml:"name"`    // whose work folder it is: another recipe's is refused
	Work     string          `yaml:"work"`    // work folder; "work" beside the recipe by default
	Seed     uint64          `yaml:"seed"`    // of all randomness
	Memory   Size            `yaml:"memory"`  // bytes to stay within; 1GiB by default
	Workers  int             `yaml:"workers"` // goroutines; 0 means one a core
	Crawl    crawl.Config    `yaml:"crawl"`
	Passes   []Pass          `yaml:"passes"` // verdict stages in their order; a filter and a dedup by default
	Mix      mix.Config      `yaml:"mix"`
	Tokenize tokenize.Config `yaml:"tokenize"`
}

// Pass is one verdict stage: a filter or a dedup under a name of its own.
type Pass struct {
	Name   string         `yaml:"name"` // its folder is verdicts/<name>; the kind of stage by default
	Filter *filter.Config `yaml:"filter"`
	Dedup  *dedup.Config  `yaml:"dedup"`
}

// Kind returns the command that runs the pass: "filter" or "dedup".
func (p *Pass) Kind() string {
	if p.Filter != nil {
		return "filter"
	}
	return "dedup"
}

func (p *Pass) config() any {
	if p.Filter != nil {
		return p.Filter
	}
	return p.Dedup
}

// Defaults of a recipe.
const (
	DefaultMemory Size = 1 << 30
	MinMemory     Size = 256 << 20 // below it, not even the runtime and one shard fit
)

// Load reads a recipe, puts the overrides over it, resolves variables and
// paths and checks every setting. Relative paths are relative to the recipe's
// folder; paths in overrides are too.
func Load(path string, overrides ...Override) (*Recipe, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, err
	}
	return Parse(path, b, overrides...)
}

// Parse is [Load] for a recipe in memory; path is for messages, and its folder
// what relative paths are relative to.
func Parse(path string, b []byte, overrides ...Override) (*Recipe, error) {
	var r Recipe
	if err := decode(path, b, &r); err != nil {
		return nil, err
	}
	if err := r.complete(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, o := range overrides {
		if err := r.set(o); err != nil {
			return nil, fmt.Errorf("--%s: %w", o.Key, err)
		}
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	if err := r.resolve(&places{folder: folder, known: map[string]string{}}); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if r.Workers == 0 {
		r.Workers = runtime.GOMAXPROCS(0)
	}
	if err := r.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &r, nil
}

// complete fills in the defaults that overrides may address.
func (r *Recipe) complete() error {
	if r.Work == "" {
		r.Work = "work"
	}
	if r.Memory == 0 {
		r.Memory = DefaultMemory
	}
	if r.Passes == nil {
		r.Passes = []Pass{{Filter: &filter.Config{}}, {Dedup: &dedup.Config{}}}
	}
	for i := range r.Passes {
		p := &r.Passes[i]
		if (p.Filter == nil) == (p.Dedup == nil) {
			return fmt.Errorf("passes[%d]: want either filter or dedup, with its settings or {}", i)
		}
		if p.Name == "" {
			p.Name = p.Kind()
		}
	}
	return nil
}

// Pass returns the pass of this name, nil if there is none.
func (r *Recipe) Pass(name string) *Pass {
	i := slices.IndexFunc(r.Passes, func(p Pass) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	return &r.Passes[i]
}

// PassNames returns the names of the passes in their order.
func (r *Recipe) PassNames() []string {
	var names []string
	for _, p := range r.Passes {
		names = append(names, p.Name)
	}
	return names
}

// nameRule is what names of recipes and passes look like: they are folders.
var nameRule = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// Validate checks every setting. Its errors name the dotted key and what is
// wanted there.
func (r *Recipe) Validate() error {
	if !nameRule.MatchString(r.Name) {
		return fmt.Errorf("name: %q is not a name of 1 to 64 letters, digits, dots, dashes and underscores that begins with a letter or digit", r.Name)
	}
	if r.Memory < MinMemory {
		return fmt.Errorf("memory: %v is not at least %v", r.Memory, MinMemory)
	}
	if r.Workers < 0 || r.Workers > 4096 {
		return fmt.Errorf("workers: %d is not in 0 to 4096", r.Workers)
	}
	if err := r.validatePasses(); err != nil {
		return err
	}
	for _, s := range []struct {
		key    string
		config interface{ Validate() error }
	}{{"crawl", r.Crawl}, {"mix", r.Mix}, {"tokenize", r.Tokenize}} {
		if err := s.config.Validate(); err != nil {
			return fmt.Errorf("%s.%w", s.key, err)
		}
	}
	if len(r.Crawl.Sources) == 0 {
		return errors.New("crawl.sources: there are none; a recipe needs one at least, with a name and a path")
	}
	return nil
}

func (r *Recipe) validatePasses() error {
	seen := map[string]bool{}
	for i, p := range r.Passes {
		if !nameRule.MatchString(p.Name) {
			return fmt.Errorf("passes[%d].name: %q is not a name of letters, digits, dots, dashes and underscores", i, p.Name)
		}
		if key := p.Name; seen[key] || (key != p.Kind() && slices.Contains(reserved(), key)) {
			return fmt.Errorf("passes[%d].name: %q is taken; every pass needs a name of its own", i, key)
		}
		seen[p.Name] = true
		err := error(nil)
		if p.Filter != nil {
			err = p.Filter.Validate()
		} else {
			err = p.Dedup.Validate()
		}
		if err != nil {
			return fmt.Errorf("%s.%w", p.Name, err)
		}
	}
	return nil
}

// reserved lists the names that flags give another meaning.
func reserved() []string {
	return []string{"name", "work", "seed", "memory", "workers", "crawl", "passes", "mix", "tokenize", "filter", "dedup"}
}

// resolve turns the paths of all settings into absolute ones.
func (r *Recipe) resolve(p *places) error {
	paths := map[string]*string{"work": &r.Work, "crawl.metadata": &r.Crawl.Metadata}
	for i := range r.Crawl.Sources {
		s := &r.Crawl.Sources[i]
		at := fmt.Sprintf("crawl.sources[%d] (%s).", i, s.Name)
		paths[at+"path"], paths[at+"list"] = &s.Path, &s.List
		for k := range s.Paths {
			paths[fmt.Sprintf("%spaths[%d]", at, k)] = &s.Paths[k]
		}
		for k := range s.Outside {
			paths[fmt.Sprintf("%soutside[%d]", at, k)] = &s.Outside[k]
		}
	}
	for _, pass := range r.Passes {
		if pass.Filter != nil {
			paths[pass.Name+".opt_out"] = &pass.Filter.OptOut
		} else {
			paths[pass.Name+".index.path"] = &pass.Dedup.Index.Path
		}
	}
	if t := &r.Tokenize.Tokenizer; strings.ContainsAny(*t, `/\\$`) || strings.HasSuffix(*t, ".json") {
		paths["tokenize.tokenizer"] = t // and not the name of a vocabulary
	}
	for _, key := range slices.Sorted(maps.Keys(paths)) {
		if err := p.resolve(key, paths[key]); err != nil {
			return err
		}
	}
	return nil
}
