package filter

import (
	"fmt"
	"iter"
	"maps"
	"slices"
)

// None is the preset without rules, which leaves the policies and the recipe's
// own rules, and the exemptions that exempt nothing.
const None = "none"

// presets is the table of presets. To add one, write its file and its line.
func presets() map[string]preset {
	return map[string]preset{
		None:          nil,
		DeepSeekCoder: deepSeekCoder(),
	}
}

// exemptions is the table of exemptions: by their name and the name of a
// preset's rule, what the rule does not look at.
func exemptions() map[string]map[string][]exemption {
	return map[string]map[string][]exemption{
		None:      nil,
		StarCoder: starCoder(),
	}
}

// preset is a published set of rules, in the order in which they are applied.
type preset []presetRule

// presetRule is a rule without bounds and its two limits. A limit that it does
// not have is the zero one.
type presetRule struct {
	Rule
	min, max limit
}

// limit is a bound that a recipe can change: its key in Limits and its value
// in the preset, off for none.
type limit struct {
	key   string
	value float64
}

// off is the value of a limit that switches its half of a rule off.
const off = -1

// Limits overrides single limits of the preset, by the keys that the preset's
// file gives them. A limit of -1 switches its rule, or its half of the rule,
// off; nil leaves the preset's. A preset that has no such limit refuses it.
type Limits map[string]*float64

// Keys lists the limits of all presets.
func (Limits) Keys() []string {
	var keys []string
	for _, name := range slices.Sorted(maps.Keys(presets())) {
		for key := range presets()[name].limits() {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// limits yields the keys and values of the preset's limits in the order of its
// rules.
func (p preset) limits() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		for _, r := range p {
			for _, l := range []limit{r.min, r.max} {
				if l.key != "" && !yield(l.key, l.value) {
					return
				}
			}
		}
	}
}

// validate checks limits that are meant for the preset of this name.
func (l Limits) validate(name string) error {
	p := presets()[name]
	known := maps.Collect(p.limits())
	for _, key := range slices.Sorted(maps.Keys(l)) {
		if _, ok := known[key]; ok || l[key] == nil {
			continue
		}
		if len(known) == 0 {
			return fmt.Errorf("limits.%s: the preset %s has no limits", key, name)
		}
		return fmt.Errorf("limits: %w", unknown("limit", key, slices.Sorted(maps.Keys(known))))
	}
	filled := p.fill(l)
	for _, r := range p {
		m, err := lookup(r.Metric)
		if err != nil {
			return err
		}
		for _, x := range []limit{r.min, r.max} {
			if v := x.bound(filled); v != nil {
				if err := inRange(*v, m.fraction); err != nil {
					return fmt.Errorf("limits.%s: %w, or -1 for off", x.key, err)
				}
			}
		}
		lo, hi := r.min.bound(filled), r.max.bound(filled)
		if lo != nil && hi != nil && *lo > *hi {
			return fmt.Errorf("limits.%s: %v is above limits.%s, %v", r.min.key, *lo, r.max.key, *hi)
		}
	}
	return nil
}

// fill returns all limits of the preset, those that are given and else its own.
func (p preset) fill(given Limits) Limits {
	var filled Limits
	for key, value := range p.limits() {
		if filled == nil {
			filled = Limits{}
		}
		filled[key] = &value
		if v := given[key]; v != nil {
			filled[key] = v
		}
	}
	return filled
}

// rules returns the preset's rules with limits, but those that are off.
func (p preset) rules(given Limits) []Rule {
	filled := p.fill(given)
	var rules []Rule
	for _, r := range p {
		r.Min, r.Max = r.min.bound(filled), r.max.bound(filled)
		if r.Min != nil || r.Max != nil {
			rules = append(rules, r.Rule)
		}
	}
	return rules
}

// bound returns the limit's value among filled ones, nil if it is off.
func (l limit) bound(filled Limits) *float64 {
	if v := filled[l.key]; v != nil && *v != off {
		return v
	}
	return nil
}
