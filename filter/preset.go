package filter

import (
	"fmt"

	"github.com/codemill/codemill/corpus"
)

// The presets.
const (
	DeepSeekCoder = "deepseek-coder"
	None          = "none" // the policies and the recipe's own rules alone
)

// The exemptions.
const StarCoder = "starcoder"

// Limits overrides single limits of the preset. A limit of -1 switches its
// rule, or its half of the rule, off; nil leaves the preset's. A preset that
// has no such rule refuses the limit.
type Limits struct {
	XMLDeclaration      *float64 `yaml:"xml_declaration"` // 0 puts out XML that is not XSLT, -1 does not
	MaxLineLength       *float64 `yaml:"max_line_length"`
	MeanLineLength      *float64 `yaml:"mean_line_length"`
	ProseMaxLineLength  *float64 `yaml:"prose_max_line_length"`
	ProseMeanLineLength *float64 `yaml:"prose_mean_line_length"` // off
	MinAlphabetic       *float64 `yaml:"min_alphabetic"`
	MinVisibleChars     *float64 `yaml:"min_visible_chars"`
	MinVisibleFraction  *float64 `yaml:"min_visible_fraction"`
	MinDataChars        *float64 `yaml:"min_data_chars"`
	MaxDataChars        *float64 `yaml:"max_data_chars"`
}

// limit is one entry of Limits.
type limit struct {
	key      string
	value    **float64
	preset   float64 // DeepSeek-Coder's
	fraction bool
}

// list returns the limits with DeepSeek-Coder's values (arXiv 2401.14196,
// section 2.1), but for prose, whose paragraphs are lines: DeepSeek-Coder's data
// rules are stated for code. Its limit is StarCoder2's (The Stack v2, rules for
// long lines). Limits of 1000 and 100 for prose too are the paper's to the letter.
func (l *Limits) list() []limit {
	return []limit{
		{"xml_declaration", &l.XMLDeclaration, 0, true},
		{"max_line_length", &l.MaxLineLength, 1000, false},
		{"mean_line_length", &l.MeanLineLength, 100, false},
		{"prose_max_line_length", &l.ProseMaxLineLength, 100_000, false},
		{"prose_mean_line_length", &l.ProseMeanLineLength, -1, false},
		{"min_alphabetic", &l.MinAlphabetic, 0.25, true},
		{"min_visible_chars", &l.MinVisibleChars, 100, false},
		{"min_visible_fraction", &l.MinVisibleFraction, 0.2, true},
		{"min_data_chars", &l.MinDataChars, 50, false},
		{"max_data_chars", &l.MaxDataChars, 5000, false},
	}
}

func (l Limits) validate(preset string) error {
	for _, x := range l.list() {
		v := *x.value
		if v == nil {
			continue
		}
		if preset == None {
			return fmt.Errorf("limits.%s: the preset none has no limits", x.key)
		}
		if *v == -1 {
			continue
		}
		if err := inRange(*v, x.fraction); err != nil {
			return fmt.Errorf("limits.%s: %w, or -1 for off", x.key, err)
		}
	}
	if lo, hi := *l.filled().MinDataChars, *l.filled().MaxDataChars; lo >= 0 && hi >= 0 && lo > hi {
		return fmt.Errorf("limits.min_data_chars: %v is above limits.max_data_chars, %v", lo, hi)
	}
	return nil
}

// filled returns the limits with the preset's where none are given.
func (l Limits) filled() Limits {
	for _, x := range l.list() {
		if *x.value == nil {
			*x.value = &x.preset
		}
	}
	return l
}

// rules returns DeepSeek-Coder's rule set in the order in which it is applied.
// The long-line rules are for code, markup, data and what has no language;
// prose has its own.
func (l Limits) rules() []Rule {
	on := func(v *float64) *float64 {
		if *v == -1 {
			return nil
		}
		return v
	}
	l = l.filled()
	lines := []string{corpus.Code, corpus.Markup, corpus.Data, otherKind}
	all := []Rule{
		{Name: "xml_declaration", Metric: "xml_declaration", Max: on(l.XMLDeclaration), Except: []string{"XSLT"}},
		{Name: "max_line_length", Metric: "max_line_length", Max: on(l.MaxLineLength), Kinds: lines},
		{Name: "mean_line_length", Metric: "mean_line_length", Max: on(l.MeanLineLength), Kinds: lines},
		{Name: "prose_max_line_length", Metric: "max_line_length", Max: on(l.ProseMaxLineLength), Kinds: []string{corpus.Prose}},
		{Name: "prose_mean_line_length", Metric: "mean_line_length", Max: on(l.ProseMeanLineLength), Kinds: []string{corpus.Prose}},
		{Name: "alphabetic_fraction", Metric: "alphabetic_fraction", Min: on(l.MinAlphabetic)},
		{Name: "html_visible_chars", Metric: "html_visible_chars", Min: on(l.MinVisibleChars), Languages: []string{"HTML"}},
		{Name: "html_visible_fraction", Metric: "html_visible_fraction", Min: on(l.MinVisibleFraction), Languages: []string{"HTML"}},
		{Name: "data_chars", Metric: "chars", Min: on(l.MinDataChars), Max: on(l.MaxDataChars), Languages: []string{"JSON", "YAML"}},
	}
	var rules []Rule
	for _, r := range all {
		if r.Min != nil || r.Max != nil {
			rules = append(rules, r)
		}
	}
	return rules
}
