package license

import (
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/license/spdx"
)

func TestTypeOf(t *testing.T) {
	for expression, want := range map[string]string{
		"MIT": "permissive", "mit": "permissive", "Zlib": "permissive", "UPL-1.0": "permissive", "GPL-2.0": "copyleft", "GPL-3.0-or-later": "copyleft", "LGPL-2.1-only": "copyleft", "MPL-2.0": "copyleft", "CC-BY-SA-4.0": "copyleft",
		"CC-BY-4.0": "permissive", "Artistic-2.0": "permissive", "Artistic-1.0": "permissive", "GPL-2.0-with-GCC-exception": "copyleft", "CECILL-B": "permissive", "CECILL-2.1": "copyleft", "SNIA": "copyleft", "SSPL-1.0": "unknown", "GPL-2.0+": "copyleft", "LicenseRef-x": "unknown", "CC-BY-NC-4.0": "unknown", "": "unknown", "MIT OR": "unknown", "MIT MIT": "unknown", "(MIT": "unknown",
		"MIT OR GPL-2.0": "permissive", "MIT AND GPL-2.0": "copyleft", "MIT AND LicenseRef-x": "unknown", "GPL-2.0 OR LicenseRef-x": "copyleft", "Apache-2.0 WITH LLVM-exception": "permissive",
		"GPL-2.0 WITH Classpath-exception-2.0": "copyleft", "(MIT OR GPL-2.0) AND BSD-3-Clause": "permissive", "MIT OR GPL-2.0 AND LicenseRef-x": "permissive",
		strings.Repeat("(", 1000) + "MIT" + strings.Repeat(")", 1000): "unknown",
	} {
		if got := TypeOf(expression); got != want {
			t.Errorf("%.60s: %s, want %s", expression, got, want)
		}
	}
}

// TestIDs holds the form that lookups rely on.
func TestIDs(t *testing.T) {
	seen := map[string]bool{}
	for _, table := range []string{permissiveIDs, copyleftIDs} {
		ids := strings.Fields(table)
		if !slices.IsSorted(ids) || len(ids) < 100 {
			t.Errorf("%d ids, sorted: %v", len(ids), slices.IsSorted(ids))
		}
		for _, id := range ids {
			if seen[id] || !spdx.IsID(id) || spdx.Base(id) != id || strings.Contains(id, "-with-") {
				t.Errorf("%s: twice, or not in the form of the table", id)
			}
			seen[id] = true
		}
	}
}
