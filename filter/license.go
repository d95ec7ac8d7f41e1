package filter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
)

// License is what licences a corpus may have. The zero License keeps
// everything, copyleft and documents without a licence among it: crawl records
// what it found, and which of it may be trained on is for the recipe to say.
//
// A document whose licence Deny does not leave open is out. Of the others
// those stay whose type is in Keep or whose licence Allow permits. An
// expression with OR is denied if all its alternatives are and permitted if
// one is; one with AND is denied if one of its parts is and permitted if all
// are. Identifiers match in any case, and GPL-2.0, GPL-2.0+, GPL-2.0-only and
// GPL-2.0-or-later are one: which of them a text means is seldom known. "MIT
// WITH X" matches an entry for all of it or one for the licence before WITH.
type License struct {
	// Keep lists licence types: permissive, copyleft, unknown, none. Empty
	// means all of them, but none of them if Allow is given.
	Keep  []string `yaml:"keep"`
	Allow []string `yaml:"allow"` // SPDX identifiers
	Deny  []string `yaml:"deny"`  // SPDX identifiers
}

func (l *License) validate() error {
	for _, k := range l.Keep {
		if !slices.Contains(corpus.LicenseTypes(), k) {
			return fmt.Errorf("license.keep: %q is not one of %s", k, strings.Join(corpus.LicenseTypes(), ", "))
		}
	}
	for _, id := range slices.Concat(l.Allow, l.Deny) {
		if t := tokens(id); len(t) == 0 || len(t) != 1 && !(len(t) == 3 && t[1] == "with") {
			return fmt.Errorf("license: %q is not one SPDX identifier", id)
		}
	}
	return nil
}

// filled returns the policy with its default for Keep.
func (l License) filled() License {
	if len(l.Keep) == 0 && len(l.Allow) == 0 {
		l.Keep = corpus.LicenseTypes()
	}
	l.Keep = sorted(l.Keep)
	l.Allow, l.Deny = canonical(l.Allow), canonical(l.Deny)
	return l
}

// canonical brings identifiers into the form that is compared.
func canonical(list []string) []string {
	var out []string
	for _, s := range list {
		if t := tokens(s); len(t) > 0 {
			t[0] = versionOnly(t[0])
			out = append(out, strings.Join(t, " "))
		}
	}
	return sorted(out)
}

// versionOnly takes off what says whether later versions may be chosen.
func versionOnly(id string) string {
	for _, end := range []string{"-only", "-or-later", "+"} {
		id = strings.TrimSuffix(id, end)
	}
	return id
}

// checks returns the two rules of the policy: license for what is denied,
// license_type for what is not kept.
func (l License) checks() []check {
	l = l.filled()
	none := func(s string) string { return s }
	keep, allow, deny := set(l.Keep, none), set(l.Allow, none), set(l.Deny, none)
	var checks []check
	if len(deny) > 0 {
		checks = append(checks, policy("license", func(s *subject) bool {
			return !satisfies(s.doc.License, func(id string) bool { return !deny[id] && !deny[beforeWith(id)] })
		}))
	}
	if len(keep) < len(corpus.LicenseTypes()) {
		checks = append(checks, policy("license_type", func(s *subject) bool {
			return !keep[s.doc.LicenseType] && !(s.doc.License != "" &&
				satisfies(s.doc.License, func(id string) bool { return allow[id] || allow[beforeWith(id)] }))
		}))
	}
	return checks
}

func beforeWith(id string) string {
	id, _, _ = strings.Cut(id, " with ")
	return id
}

// tokens splits an expression, in lower case.
func tokens(expr string) []string {
	expr = strings.NewReplacer("(", " ( ", ")", " ) ").Replace(strings.ToLower(expr))
	return strings.Fields(expr)
}

// satisfies evaluates an SPDX expression over whether its licences are good.
// The empty expression is satisfied; one that cannot be read is if all that is
// named in it is good.
func satisfies(expr string, good func(id string) bool) bool {
	t := tokens(expr)
	if len(t) == 0 {
		return true
	}
	if len(t) == 1 {
		return good(versionOnly(t[0]))
	}
	p := parser{t, good}
	v, ok := p.or(0)
	if ok && len(p.rest) == 0 {
		return v
	}
	for _, id := range t {
		if id != "and" && id != "or" && id != "with" && id != "(" && id != ")" && !good(versionOnly(id)) {
			return false
		}
	}
	return true
}

// parser evaluates expressions by recursive descent. AND binds closer than OR.
type parser struct {
	rest []string
	good func(string) bool
}

// maxDepth bounds the nesting of parentheses.
const maxDepth = 100

func (p *parser) take(word string) bool {
	if len(p.rest) == 0 || p.rest[0] != word {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *parser) or(depth int) (v, ok bool) {
	v, ok = p.and(depth)
	for ok && p.take("or") {
		var w bool
		w, ok = p.and(depth)
		v = v || w
	}
	return v, ok
}

func (p *parser) and(depth int) (v, ok bool) {
	v, ok = p.one(depth)
	for ok && p.take("and") {
		var w bool
		w, ok = p.one(depth)
		v = v && w
	}
	return v, ok
}

func (p *parser) one(depth int) (v, ok bool) {
	if p.take("(") {
		if depth == maxDepth {
			return false, false
		}
		v, ok = p.or(depth + 1)
		return v, ok && p.take(")")
	}
	if len(p.rest) == 0 || slices.Contains([]string{")", "and", "or", "with"}, p.rest[0]) {
		return false, false
	}
	id := versionOnly(p.rest[0])
	p.rest = p.rest[1:]
	if p.take("with") {
		if len(p.rest) == 0 {
			return false, false
		}
		id += " with " + p.rest[0]
		p.rest = p.rest[1:]
	}
	return p.good(id), true
}
