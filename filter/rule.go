package filter

import (
	"fmt"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
	"github.com/go-enry/go-enry/v2"
	"github.com/go-enry/go-enry/v2/data"
)

// Rule puts out the documents whose metric is below Min or above Max. It looks
// at a document only if every list that is given has a match for it and
// neither of the two lists of exceptions has.
type Rule struct {
	// Name becomes the reason of what the rule puts out: lower case letters,
	// digits and underscores.
	Name             string   `yaml:"name"`
	Metric           string   `yaml:"metric"` // a name of the table in metric.go
	Min              *float64 `yaml:"min"`
	Max              *float64 `yaml:"max"`
	Languages        []string `yaml:"languages"`         // Linguist names
	Except           []string `yaml:"except"`            // Linguist names
	Kinds            []string `yaml:"kinds"`             // code, markup, prose, data, other
	Extensions       []string `yaml:"extensions"`        // ".md", in any case
	ExceptExtensions []string `yaml:"except_extensions"` // ".md", in any case
}

var ruleName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (r *Rule) validate() error {
	if !ruleName.MatchString(r.Name) || corpus.Reason(r.Name) == corpus.Earlier {
		return fmt.Errorf("name: %q is not a name of lower case letters, digits and _", r.Name)
	}
	m, err := lookup(r.Metric)
	if err != nil {
		return fmt.Errorf("metric: %w", err)
	}
	if r.Min == nil && r.Max == nil {
		return fmt.Errorf("min, max: at least one of the two must be given")
	}
	for _, l := range []struct {
		key   string
		limit *float64
	}{{"min", r.Min}, {"max", r.Max}} {
		if l.limit == nil {
			continue
		}
		if err := inRange(*l.limit, m.fraction); err != nil {
			return fmt.Errorf("%s: %w", l.key, err)
		}
	}
	if r.Min != nil && r.Max != nil && *r.Min > *r.Max {
		return fmt.Errorf("min: %v is above max, %v", *r.Min, *r.Max)
	}
	return r.validateScope()
}

func (r *Rule) validateScope() error {
	if err := validLanguages("languages", r.Languages); err != nil {
		return err
	}
	if err := validLanguages("except", r.Except); err != nil {
		return err
	}
	for _, k := range r.Kinds {
		if err := choice.ValidKind(k); err != nil {
			return fmt.Errorf("kinds: %w", err)
		}
	}
	for _, e := range slices.Concat(r.Extensions, r.ExceptExtensions) {
		if !strings.HasPrefix(e, ".") {
			return fmt.Errorf("extensions: %q does not begin with a dot", e)
		}
	}
	return nil
}

// inRange checks a limit of a fraction or a count.
func inRange(limit float64, fraction bool) error {
	top := 1e12
	if fraction {
		top = 1
	}
	if !(limit >= 0 && limit <= top) {
		return fmt.Errorf("%v is not in 0 to %.0f", limit, top)
	}
	return nil
}

func validLanguages(key string, names []string) error {
	for _, n := range names {
		if _, err := enry.GetLanguageInfo(n); err != nil && n != choice.Other {
			var known []string
			// In any order; they are sorted below.
			for _, l := range data.LanguageInfoByID {
				known = append(known, l.Name)
			}
			slices.Sort(known)
			return fmt.Errorf("%s: %w", key, unknown("language", n, known))
		}
	}
	return nil
}

// check is a rule ready to be asked: those of the recipe, the preset's, and
// the policies, whose value is 1 where a document goes against them.
type check struct {
	name     string
	metric   string // "" for a policy
	value    func(*subject) float64
	min, max float64 // -Inf and +Inf where there is none
	in, out  map[string]bool
	kinds    map[string]bool
	ext      map[string]bool
	notExt   map[string]bool
	exempt   map[pair]bool // language and extension
}

// pair is a language and an extension, the latter in lower case.
type pair struct{ language, ext string }

func (r *Rule) compile() (check, error) {
	m, err := lookup(r.Metric)
	c := check{name: r.Name, metric: r.Metric, value: m.value, min: math.Inf(-1), max: math.Inf(1)}
	if r.Min != nil {
		c.min = *r.Min
	}
	if r.Max != nil {
		c.max = *r.Max
	}
	c.in = choice.SetOf(r.Languages, choice.Value)
	c.out = choice.SetOf(r.Except, choice.Value)
	c.kinds = choice.SetOf(r.Kinds, choice.Value)
	c.ext = choice.SetOf(r.Extensions, strings.ToLower)
	c.notExt = choice.SetOf(r.ExceptExtensions, strings.ToLower)
	return c, err
}

// concerns reports whether the check looks at a document.
func (c *check) concerns(d *corpus.Doc) bool {
	if c.in != nil && !c.in[d.Language] || c.out[d.Language] || c.kinds != nil && !c.kinds[d.Kind] {
		return false
	}
	if c.ext == nil && c.notExt == nil && c.exempt == nil {
		return true
	}
	ext := strings.ToLower(path.Ext(d.Path))
	if c.ext != nil && !c.ext[ext] || c.notExt[ext] {
		return false
	}
	return !c.exempt[pair{d.Language, ext}]
}

// broken returns the limit that a value breaks.
func (c *check) broken(v float64) (limit float64, broken bool) {
	switch {
	case v < c.min:
		return c.min, true
	case v > c.max:
		return c.max, true
	}
	return 0, false
}
