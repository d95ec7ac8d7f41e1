package license

import (
	"strings"
	"sync"

	"github.com/codemill/codemill/license/spdx"
)

//go:generate ./generate.sh

// TypeOf returns the type of an SPDX expression: of OR the best that is known, of
// AND the worst, of WITH that of the licence before it. From best to worst types
// are permissive, unknown, copyleft, restricted: what is joined with a known
// restriction is restricted whatever else it is, and never permissive where a
// part is not understood. The empty expression is [Unknown]: whether there is no
// licence at all is not for the expression to say.
//
// The type of one licence is by The Stack v2's rule (arXiv 2402.19173):
// permissive is what the Blue Oak Council rates from model to lead, or
// ScanCode's licence database has in its categories Permissive or Public
// Domain; copyleft is what the latter has as Copyleft or Copyleft Limited and
// the former does not rate. Restricted is what it has as Commercial, Free
// Restricted, Proprietary Free or Source-available. All else is unknown.
func TypeOf(expression string) string {
	t, ok := spdx.Eval(expression, func(id, _ string) string { return idType(id) }, best, worst)
	if !ok {
		return Unknown
	}
	return t
}

func best(a, b string) string {
	return first(a, b, Permissive, Copyleft, Restricted)
}

func worst(a, b string) string {
	if a == Permissive && b == Permissive {
		return Permissive
	}
	return first(a, b, Restricted, Copyleft)
}

// first returns the first of some types that a or b is, or [Unknown].
func first(a, b string, types ...string) string {
	for _, t := range types {
		if a == t || b == t {
			return t
		}
	}
	return Unknown
}

// idTypes is the type of every id of the tables in ids.go, which come from the
// npm package @blueoak/list and from scancode-toolkit on PyPI (nexB and others,
// CC-BY-4.0); generate.sh names their releases. Its keys are in the form of
// [spdx.Base]. Exceptions are left out.
var idTypes = sync.OnceValue(func() map[string]string {
	types := map[string]string{}
	eachID(func(id, t string) { types[strings.ToLower(id)] = t })
	return types
})

// eachID calls do with the ids of the tables, as SPDX spells them, and their types.
func eachID(do func(id, licenceType string)) {
	for _, table := range []struct{ ids, of string }{{permissiveIDs, Permissive}, {copyleftIDs, Copyleft}, {restrictedIDs, Restricted}} {
		for id := range strings.FieldsSeq(table.ids) {
			do(id, table.of)
		}
	}
}

// idType looks up one SPDX id. The exception in old ids such as
// GPL-2.0-with-GCC-exception does not matter.
func idType(id string) string {
	id, _, _ = strings.Cut(spdx.Base(id), "-with-")
	if t, ok := idTypes()[id]; ok {
		return t
	}
	return Unknown
}
