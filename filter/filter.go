// Package filter puts documents out by cheap rules: opt-out lists, languages,
// licences, vendored and generated files, sizes, and the shape of the text. It
// measures first and decides second: every rule is a bound on a named metric.
//
// # Order
//
// Rules are asked in this order, and the first that a document breaks is its
// reason: opt_out, opt_out_copy, opt_out_copy_repository, language, license, license_type, license_from, vendor,
// generated, min_bytes, max_bytes, the preset's in the order of its file, then
// the recipe's own in theirs.
//
// # Failing closed
//
// A rule that panics, or whose metric is not a number, puts the document out
// with the rule's name and "_failed" as the reason. A run warns of each such
// rule once, with what the panic said and where.
//
// # Files
//
//	config.go     the settings, their defaults and ranges
//	filter.go     Filter: settings compiled into checks; Judge asks them
//	rule.go       a rule: a metric and its bounds, and where it applies
//	metric.go     the table of metrics by name
//	metrics.go    Metrics: all that one pass over a text counts
//	html.go       how much of a markup file is visible text
//	rows.go       how much of a text is rows of a table or list
//	preset.go     the table of presets
//	deepseek.go   DeepSeek-Coder's rules
//	starcoder.go  StarCoder's exemptions from them
//	vendor.go     which files count as taken over from elsewhere
//	license.go    the licence policy
//	optout.go     repositories whose owners want them out
//	copies.go     copies of what these have
//	run.go        the stage
package filter

import (
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
)

// Version of the algorithm: raised when the same documents and settings give
// other verdicts.
//
//	1: the first
//	2: a permissive licence has to be said by a manifest or better; owners and
//	   globs in opt-out lists
//	3: the well-known files of vendor: narrow are known by their beginnings;
//	   .gitattributes; prose that is lists, tables and dumps; long catalogues of
//	   messages
const Version = 3

// Filter is a compiled Config. It is safe for concurrent use.
type Filter struct {
	checks   []check
	optOut   *optOut // nil for none
	settings settings
}

// settings is what verdicts depend on besides the documents.
type settings struct {
	Config Config
	OptOut string // hash of the list
	Copies string `json:",omitempty"` // Config.OptOutCopies, "" for Keep
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
		f.optOut = list
		f.checks = append(f.checks, policy(optOutReason, func(s *subject) bool { return list.has(s.doc.Repo) }))
		f.settings.OptOut, f.settings.Config.OptOut = list.hash, ""
		if c.OptOutCopies != Keep {
			f.settings.Copies = c.OptOutCopies
		}
	}
	f.checks = append(f.checks, c.policies()...)
	rules, exempt := presets()[c.Preset].rules(c.Limits), exemptions()[c.Exemptions]
	for i, r := range append(rules, c.Rules...) {
		check, err := r.compile()
		if err != nil {
			return nil, err
		}
		if list := exempt[r.Name]; list != nil && i < len(rules) {
			check.exempt = pairs(list)
		}
		f.checks = append(f.checks, check)
	}
	return f, nil
}

// policy is a rule over a question: 1, for yes, puts the document out.
func policy(name string, against func(*subject) bool) check {
	return check{name: name, min: math.Inf(-1), max: 0, value: func(s *subject) float64 { return truth(against(s)) }}
}

// Reasons that are named elsewhere as well.
const (
	vendorReason    = "vendor"
	generatedReason = "generated"
	optOutReason    = "opt_out"
)

// policyNames lists the reasons that are not those of rules over metrics.
func policyNames() []string {
	return strings.Fields("opt_out opt_out_copy opt_out_copy_repository language license license_type license_from vendor generated min_bytes max_bytes")
}

// policies returns the checks of all settings but the opt-out list and the
// rules, in their order.
func (c Config) policies() []check {
	var checks []check
	in, out := choice.SetOf(c.Languages.Include, choice.Value), choice.SetOf(c.Languages.Exclude, choice.Value)
	if in != nil || out != nil {
		checks = append(checks, policy("language", func(s *subject) bool {
			return in != nil && !in[s.doc.Language] || out[s.doc.Language]
		}))
	}
	checks = append(checks, c.License.checks()...)
	switch c.Vendor {
	case Narrow:
		checks = append(checks, policy(vendorReason, func(s *subject) bool { return vendored(s.doc) != "" }))
	case Linguist:
		checks = append(checks, policy(vendorReason, func(s *subject) bool { return s.doc.IsVendor }))
	}
	if c.Generated == Drop {
		checks = append(checks, policy(generatedReason, func(s *subject) bool { return s.doc.IsGenerated }))
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

// Judge says whether a document stays by what it is itself, without copies of others, and if not which rule decided, with the
// measured value and the limit that it broke. Where a rule fails, the verdict puts
// the document out all the same, and the error is why.
func (f *Filter) Judge(d *corpus.Doc) (corpus.Verdict, error) {
	s := newSubject(d)
	for i := range f.checks {
		if v, err := f.checks[i].ask(s); !v.Kept() {
			return v, err
		}
	}
	return corpus.Verdict{Survivor: corpus.NoPos}, nil
}

// ask measures and decides one check. It fails closed: where it has an error,
// the document is out.
func (c *check) ask(s *subject) (v corpus.Verdict, err error) {
	v.Survivor = corpus.NoPos
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
		if err != nil {
			v.Reason = corpus.Reason(c.name + "_failed")
		}
	}()
	if !c.concerns(s.doc) {
		return v, nil
	}
	value := c.value(s)
	if math.IsNaN(value) {
		return v, errors.New("its metric is not a number")
	}
	if limit, broken := c.broken(value); broken {
		v.Reason, v.Value, v.Limit = corpus.Reason(c.name), value, limit
	}
	return v, nil
}
