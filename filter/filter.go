// Package filter puts documents out by cheap rules: opt-out lists, languages,
// licences, vendored and generated files, sizes, and the shape of the text. It
// measures first and decides second: every rule is a bound on a named metric.
//
// # Order
//
// Rules are asked in this order, and the first that a document breaks is its
// reason: opt_out, language, license, license_type, vendor, generated,
// min_bytes, max_bytes, the preset's (xml_declaration, max_line_length,
// mean_line_length, prose_max_line_length, prose_mean_line_length,
// alphabetic_fraction, html_visible_chars, html_visible_fraction, data_chars), then the recipe's
// own in theirs.
//
// # Failing closed
//
// A rule that panics, or whose metric is not a number, puts the document out
// with the rule's name and "_failed" as the reason.
package filter

import (
	"fmt"
	"math"
	"strings"

	"github.com/codemill/codemill/corpus"
)

// Version of the algorithm: raised when the same documents and settings give
// other verdicts.
//
//	1: the first
const Version = 1

// Filter is a compiled Config. It is safe for concurrent use.
type Filter struct {
	checks   []check
	settings settings
}

// settings is what verdicts depend on besides the documents.
type settings struct {
	Config Config
	OptOut string // hash of the list
}

// New compiles the settings, and reads the opt-out list if there is one.
func New(c Config) (*Filter, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.filled()
	f := &Filter{settings: settings{Config: c}}
	if c.OptOut != "" {
		list, err := readOptOut(c.OptOut)
		if err != nil {
			return nil, err
		}
		f.checks = append(f.checks, policy("opt_out", func(s *subject) bool { return list.has(s.doc.Repo) }))
		f.settings.OptOut, f.settings.Config.OptOut = list.hash, ""
	}
	f.checks = append(f.checks, c.policies()...)
	var rules []Rule
	if c.Preset == DeepSeekCoder {
		rules = c.Limits.rules()
	}
	exempt := map[string]map[pair]bool{}
	if c.Exemptions == StarCoder {
		exempt = exemptions()
	}
	for _, r := range append(rules, c.Rules...) {
		check, err := r.compile()
		if err != nil {
			return nil, err
		}
		check.exempt = exempt[r.Name]
		f.checks = append(f.checks, check)
	}
	return f, nil
}

// policy is a rule over a question: 1, for yes, puts the document out.
func policy(name string, against func(*subject) bool) check {
	return check{name: name, min: math.Inf(-1), max: 0, value: func(s *subject) float64 { return truth(against(s)) }}
}

// policyNames lists the reasons that are not those of rules over metrics.
func policyNames() []string {
	return strings.Fields("opt_out language license license_type vendor generated min_bytes max_bytes")
}

// policies returns the checks of all settings but the opt-out list and the
// rules, in their order.
func (c Config) policies() []check {
	var checks []check
	none := func(s string) string { return s }
	in, out := set(c.Languages.Include, none), set(c.Languages.Exclude, none)
	if in != nil || out != nil {
		checks = append(checks, policy("language", func(s *subject) bool {
			return in != nil && !in[s.doc.Language] || out[s.doc.Language]
		}))
	}
	checks = append(checks, c.License.checks()...)
	switch c.Vendor {
	case Narrow:
		is := vendored()
		checks = append(checks, policy("vendor", func(s *subject) bool { return is(s.doc.Path) }))
	case Linguist:
		checks = append(checks, policy("vendor", func(s *subject) bool { return s.doc.IsVendor }))
	}
	if c.Generated == Drop {
		checks = append(checks, policy("generated", func(s *subject) bool { return s.doc.IsGenerated }))
	}
	size := func(s *subject) float64 { return float64(len(s.doc.Text)) }
	if c.Size.Min > 0 {
		checks = append(checks, check{name: "min_bytes", value: size, min: float64(c.Size.Min), max: math.Inf(1)})
	}
	if c.Size.Max > 0 {
		checks = append(checks, check{name: "max_bytes", value: size, min: math.Inf(-1), max: float64(c.Size.Max)})
	}
	return checks
}

// Judge says whether a document stays, and if not which rule decided, with the
// measured value and the limit that it broke.
func (f *Filter) Judge(d *corpus.Doc) corpus.Verdict {
	s := newSubject(d)
	for i := range f.checks {
		if finding := f.checks[i].ask(s); finding.Reason != "" {
			return corpus.Verdict{Reason: finding.Reason, Value: finding.Value, Limit: finding.Limit, Survivor: corpus.NoPos}
		}
	}
	return corpus.Verdict{Survivor: corpus.NoPos}
}

// Finding is what one rule says of a document.
type Finding struct {
	Rule     string
	Metric   string        // "" for a policy, whose value is 1 if the document goes against it
	Applies  bool          // whether the rule looks at such documents
	Reason   corpus.Reason // empty if the document passes
	Value    float64
	Limit    float64 // the one broken, if one is
	Min, Max float64 // -Inf and +Inf where there is none
}

// Explain returns what every rule says, in the order in which they are asked.
// The first reason is Judge's.
func (f *Filter) Explain(d *corpus.Doc) []Finding {
	s := newSubject(d)
	findings := make([]Finding, len(f.checks))
	for i := range f.checks {
		findings[i] = f.checks[i].ask(s)
	}
	return findings
}

// ask measures and decides one check, failing closed.
func (c *check) ask(s *subject) (f Finding) {
	f = Finding{Rule: c.name, Metric: c.metric, Min: c.min, Max: c.max}
	failed := corpus.Reason(c.name + "_failed")
	defer func() {
		if recover() != nil {
			f.Applies, f.Reason, f.Value = true, failed, 0
		}
	}()
	if f.Applies = c.concerns(s.doc); !f.Applies {
		return f
	}
	f.Value = c.value(s)
	if math.IsNaN(f.Value) {
		f.Reason, f.Value = failed, 0
		return f
	}
	if limit, broken := c.broken(f.Value); broken {
		f.Reason, f.Limit = corpus.Reason(c.name), limit
	}
	return f
}

func (f Finding) String() string {
	switch {
	case !f.Applies:
		return f.Rule + ": does not apply"
	case f.Reason != "" && f.Reason != corpus.Reason(f.Rule):
		return f.Rule + ": failed"
	case f.Metric == "" && math.IsInf(f.Min, -1) && f.Max == 0:
		return f.Rule + map[bool]string{true: ": passed", false: ": out"}[f.Reason == ""]
	}
	var bounds []string
	if !math.IsInf(f.Min, -1) {
		bounds = append(bounds, fmt.Sprintf("at least %g", f.Min))
	}
	if !math.IsInf(f.Max, 1) {
		bounds = append(bounds, fmt.Sprintf("at most %g", f.Max))
	}
	name := f.Rule
	if f.Metric != "" && f.Metric != f.Rule {
		name += " (" + f.Metric + ")"
	}
	verdict := "passed"
	if f.Reason != "" {
		verdict = "out"
	}
	return fmt.Sprintf("%s: %.6g, wanted %s: %s", name, f.Value, strings.Join(bounds, " and "), verdict)
}
