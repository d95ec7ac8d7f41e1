package license

import (
	"strings"
	"sync"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/license/spdx"
)

// TypeOf returns the type of an SPDX expression: of OR the best, of AND
// the worst, of WITH that of the licence before it. An empty expression is
// [corpus.UnknownLicense]: whether there is no licence at all is not for the
// expression to say.
func TypeOf(expression string) string {
	t, ok := spdx.Eval(expression, func(id, _ string) string { return idType(id) }, best, worst)
	if !ok {
		return corpus.UnknownLicense
	}
	return t
}

func best(a, b string) string {
	switch {
	case a == corpus.Permissive || b == corpus.Permissive:
		return corpus.Permissive
	case a == corpus.Copyleft || b == corpus.Copyleft:
		return corpus.Copyleft
	}
	return corpus.UnknownLicense
}

func worst(a, b string) string {
	switch {
	case a == corpus.Copyleft || b == corpus.Copyleft:
		return corpus.Copyleft
	case a == corpus.UnknownLicense || b == corpus.UnknownLicense:
		return corpus.UnknownLicense
	}
	return corpus.Permissive
}

// licenseIDs is the type of every id of the tables.
var licenseIDs = sync.OnceValue(func() map[string]string {
	types := map[string]string{}
	for _, table := range []struct{ ids, as string }{{copyleftIDs, corpus.Copyleft}, {permissiveIDs, corpus.Permissive}} {
		for id := range strings.FieldsSeq(table.ids) {
			types[id] = table.as
		}
	}
	return types
})

// idType looks up one SPDX id. The exception in old ids such as
// GPL-2.0-with-GCC-exception does not matter.
func idType(id string) string {
	id, _, _ = strings.Cut(spdx.Base(id), "-with-")
	if t, ok := licenseIDs()[id]; ok {
		return t
	}
	return corpus.UnknownLicense
}
