// Package recipe holds the settings of a whole run: strict YAML, dotted keys
// that override it, variables and paths, and what all stages' settings must
// satisfy together.
//
// A setting goes through these steps, in this order ([Parse]):
//
//	strict.go   the YAML is refused if it is too large, or has an unknown key
//	recipe.go   defaults are filled in, as far as a flag may address them
//	set.go      flags are put over it: --filter.limits.max_line_length=900
//	paths.go    ${NAME} is replaced, and paths are made absolute
//	recipe.go   every setting is checked
//
// The other files: pass.go has the table of the kinds of passes, keys.go finds the keys of
// a settings struct, size.go reads "512MiB".
//
// Settings are ordinary structs with yaml tags, which the stages' packages declare. This
// package goes through them by reflection, so that a new key of a stage is known here
// (in files, in flags, in messages) without a line being written.
package recipe

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/mix"
	"github.com/codemill/codemill/tokenize"
)

// Recipe is the settings of a run. The zero value of every stage's settings
// means its defaults. One that [Load] or [Parse] returns is complete: its paths are
// absolute, its passes have names and settings, and Validate has nothing to say.
type Recipe struct {
	Name     string          `yaml:"name"`    // stands in the work folder, which is refused to a recipe of another name
	Work     string          `yaml:"work"`    // work folder; "work" beside the recipe by default
	Seed     uint64          `yaml:"seed"`    // of all randomness
	Memory   Size            `yaml:"memory"`  // bytes that the process stays within; 1GiB by default
	Workers  int             `yaml:"workers"` // goroutines; 0 means one a core
	Crawl    crawl.Config    `yaml:"crawl"`
	Passes   []Pass          `yaml:"passes"` // verdict stages in their order; a filter and a dedup by default
	Mix      mix.Config      `yaml:"mix"`
	Tokenize tokenize.Config `yaml:"tokenize"`
}

// Defaults of a recipe.
const (
	DefaultMemory Size = 1 << 30
	MinMemory     Size = 256 << 20 // below it, not even the runtime and one shard fit
)

// Load reads a recipe, puts the overrides over it in their order, resolves variables and
// paths and checks every setting. Relative paths are relative to the recipe's folder;
// paths in overrides are too. An error in the YAML is a [*LocatedError], with line and
// column, as far as it has a place; one of a setting names its dotted key, or the flag.
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
		if err := r.completePasses(); err != nil {
			return nil, fmt.Errorf("--%s: %w", o.Key, err)
		}
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	if err := r.resolve(&resolver{folder: folder, known: map[string]string{}}); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	// Not in complete: a flag may still say 0, which means one a core.
	if r.Workers == 0 {
		r.Workers = runtime.GOMAXPROCS(0)
	}
	if err := r.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &r, nil
}

// complete fills in the defaults that overrides may address. Without passes in the file,
// --filter.preset has to find the filter that stands there by default.
func (r *Recipe) complete() error {
	if r.Work == "" {
		r.Work = "work"
	}
	if r.Memory == 0 {
		r.Memory = DefaultMemory
	}
	return r.completePasses()
}

// Pass returns the pass of this name, nil if there is none. It is the recipe's own: what
// is changed in it is changed in the recipe.
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

// nameRule is what names of recipes and passes look like. A pass's name is that of a
// folder, on any file system: no separators, no leading dot, not too long.
var nameRule = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// Validate checks every setting. Its error is about the first that makes no sense; it
// names the dotted key and what is wanted there.
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
	if err := r.validateNames(); err != nil {
		return err
	}
	for _, s := range r.stages() {
		if err := s.Validate(); err != nil {
			return fmt.Errorf("%s.%w", s.key, err)
		}
	}
	if len(r.Crawl.Sources) == 0 {
		return errors.New("crawl.sources: there are none; a recipe needs one at least, with a name and a path")
	}
	return nil
}

// validateNames checks the names of the passes. A pass's name is a folder, and the first
// part of its keys in flags: of a pass named "strict" the flag --strict.preset. So it must
// not be a key of the recipe ("mix"), nor a kind ("dedup") that the pass is not of.
func (r *Recipe) validateNames() error {
	// Flags give these names another meaning.
	reserved := append(keysOf(reflect.TypeFor[Recipe]()), kindNames()...)
	seen := map[string]bool{}
	for i, p := range r.Passes {
		if !nameRule.MatchString(p.Name) {
			return fmt.Errorf("passes[%d].name: %q is not a name of letters, digits, dots, dashes and underscores", i, p.Name)
		}
		first, _, dotted := strings.Cut(p.Name, ".")
		hides := dotted && slices.Contains(keysOf(reflect.TypeFor[Recipe]()), first) // "mix.budget" would hide a key
		if seen[p.Name] || hides || p.Name != p.Kind.Name && slices.Contains(reserved, p.Name) {
			return fmt.Errorf("passes[%d].name: %q is taken; every pass needs a name of its own", i, p.Name)
		}
		seen[p.Name] = true
	}
	return nil
}

// stageSettings are those of one stage and the key that they have in flags and in
// messages: "crawl", or the name of a pass.
type stageSettings struct {
	key string
	Settings
}

// stages returns the settings of all stages in their order.
func (r *Recipe) stages() []stageSettings {
	list := []stageSettings{{"crawl", &r.Crawl}}
	for _, p := range r.Passes {
		list = append(list, stageSettings{p.Name, p.Settings})
	}
	return append(list, stageSettings{"mix", &r.Mix}, stageSettings{"tokenize", &r.Tokenize})
}

// resolve turns the paths of all settings into absolute ones, in the order of their keys,
// so that of several that cannot be resolved always the same one is named.
func (r *Recipe) resolve(p *resolver) error {
	paths := map[string]*string{"work": &r.Work}
	for _, s := range r.stages() {
		for key, path := range s.Paths() {
			paths[s.key+"."+key] = path
		}
	}
	for _, key := range slices.Sorted(maps.Keys(paths)) {
		if err := p.resolve(key, paths[key]); err != nil {
			return err
		}
	}
	return nil
}
