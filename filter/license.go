package filter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/license/spdx"
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
//
// What Keep and Allow let in as permissive has to be said by a manifest or what
// goes before it; see From. Where unknown is kept as well, it does not matter.
type License struct {
	// Keep lists licence types: permissive, copyleft, restricted, unknown, none.
	// Empty means all of them, but none of them if Allow is given.
	Keep  []string `yaml:"keep"`
	Allow []string `yaml:"allow"` // SPDX identifiers
	Deny  []string `yaml:"deny"`  // SPDX identifiers
	// From is the last level at which a permissive licence counts as one, in the
	// order head, reuse, file, manifest (the default), readme, source. One that
	// was read further down counts as unknown. To take what the recipe says of a
	// source (crawl.sources[].license) at its word, give source.
	From string `yaml:"from"`
}

func (l *License) validate() error {
	for _, k := range l.Keep {
		if !slices.Contains(corpus.LicenseTypes(), k) {
			return fmt.Errorf("license.keep: %q is not one of %s", k, strings.Join(corpus.LicenseTypes(), ", "))
		}
	}
	if l.From != "" && !slices.Contains(corpus.LicenseLevels(), l.From) {
		return fmt.Errorf("license.from: %q is not one of %s", l.From, strings.Join(corpus.LicenseLevels(), ", "))
	}
	for _, id := range slices.Concat(l.Allow, l.Deny) {
		add := func(a, b int) int { return a + b }
		if n, ok := spdx.Eval(id, func(_, _ string) int { return 1 }, add, add); !ok || n != 1 {
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
	if l.From == "" {
		l.From = corpus.FromManifest
	}
	l.Keep = sorted(l.Keep)
	l.Allow, l.Deny = canonical(l.Allow), canonical(l.Deny)
	return l
}

// canonical brings identifiers into the form that is compared.
func canonical(list []string) []string {
	var out []string
	for _, s := range list {
		if names := spdx.Names(s); len(names) > 0 {
			out = append(out, withException(names[0], strings.Join(names[1:], " ")))
		}
	}
	return sorted(out)
}

// withException is one licence as it is compared.
func withException(id, exception string) string {
	if exception == "" {
		return spdx.Base(id)
	}
	return spdx.Base(id) + " with " + strings.ToLower(exception)
}

// checks returns the three rules of the policy: license for what is denied,
// license_type for what is not kept, and license_from for what would be kept had
// it been read at a higher level.
func (l License) checks() []check {
	l = l.filled()
	keep, allow, deny := choice.Set(l.Keep), choice.Set(l.Allow), choice.Set(l.Deny)
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
		levels := corpus.LicenseLevels()
		enough := choice.Set(levels[:slices.Index(levels, l.From)+1])
		if !keep[corpus.UnknownLicense] {
			checks = append(checks, policy("license_from", func(s *subject) bool {
				return s.doc.LicenseType == corpus.Permissive && !enough[s.doc.LicenseFrom]
			}))
		}
	}
	return checks
}

func beforeWith(id string) string {
	id, _, _ = strings.Cut(id, " with ")
	return id
}

// satisfies evaluates an SPDX expression over whether its licences are good.
// The empty expression is satisfied; one that cannot be read is if all that is
// named in it is good.
func satisfies(expr string, good func(id string) bool) bool {
	or := func(a, b bool) bool { return a || b }
	and := func(a, b bool) bool { return a && b }
	if v, ok := spdx.Eval(expr, func(id, exception string) bool { return good(withException(id, exception)) }, or, and); ok {
		return v
	}
	return !slices.ContainsFunc(spdx.Names(expr), func(id string) bool { return !good(spdx.Base(id)) })
}
