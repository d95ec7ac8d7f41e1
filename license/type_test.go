package license

import (
	"strings"
	"testing"

	"github.com/google/licensecheck"

	"github.com/codemill/codemill/license/spdx"
)

func TestTypeOf(t *testing.T) {
	for expression, want := range map[string]string{
		"MIT": "permissive", "mit": "permissive", "Zlib": "permissive", "UPL-1.0": "permissive", "GPL-2.0": "copyleft", "GPL-3.0-or-later": "copyleft", "LGPL-2.1-only": "copyleft", "MPL-2.0": "copyleft", "CC-BY-SA-4.0": "copyleft",
		"CC-BY-4.0": "permissive", "Artistic-2.0": "permissive", "Artistic-1.0": "permissive", "GPL-2.0-with-GCC-exception": "copyleft", "CECILL-B": "permissive", "CECILL-2.1": "copyleft", "SNIA": "copyleft", "SSPL-1.0": "restricted", "GPL-2.0+": "copyleft", "LicenseRef-x": "unknown", "CC-BY-NC-4.0": "restricted", "": "unknown", "MIT OR": "unknown", "MIT MIT": "unknown", "(MIT": "unknown",
		"MIT OR GPL-2.0": "permissive", "MIT AND GPL-2.0": "copyleft", "MIT AND LicenseRef-x": "unknown", "GPL-2.0 OR LicenseRef-x": "copyleft", "Apache-2.0 WITH LLVM-exception": "permissive",
		"MIT AND CC-BY-NC-4.0": "restricted", "GPL-2.0 AND CC-BY-NC-4.0": "restricted", "LicenseRef-x AND CC-BY-NC-4.0": "restricted", "GPL-2.0 AND LicenseRef-x": "copyleft", "LicenseRef-x AND MIT": "unknown",
		"MIT OR CC-BY-NC-4.0": "permissive", "GPL-2.0 OR CC-BY-NC-4.0": "copyleft", "CC-BY-NC-4.0 OR LicenseRef-x": "restricted", "JSON": "restricted", "BUSL-1.1": "restricted", "LicenseRef-RAIL": "restricted", "LicenseRef-unknown": "unknown",
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
	n := map[string]int{}
	last := ""
	eachID(func(id, of string) {
		low := strings.ToLower(id)
		if n[of] == 0 {
			last = ""
		}
		n[of]++
		if seen[low] || !spdx.IsID(id) || spdx.Base(id) != low || strings.Contains(id, "-with-") || low <= last {
			t.Errorf("%s: twice, or not in the form or order of the table", id)
		}
		seen[low] = true
		last = low
	})
	for _, of := range []string{Permissive, Copyleft, Restricted} {
		if n[of] < 100 {
			t.Errorf("%d ids are %s", n[of], of)
		}
	}
}

// TestNames: the names of phrases.go and licensecheck's stand for expressions of
// known types.
func TestNames(t *testing.T) {
	n := 0
	for line := range strings.Lines(licenseNames) {
		id, _, _ := strings.Cut(line, ":")
		n++
		if TypeOf(id) == Unknown {
			t.Errorf("%s has no type", id)
		}
	}
	for _, l := range licensecheck.BuiltinLicenses() {
		id, ok := spdxOf[l.ID]
		if !ok {
			id = l.ID
		}
		n++
		if id != "" && TypeOf(id) == Unknown {
			t.Errorf("%s has no type", id)
		}
	}
	if n < 500 {
		t.Errorf("only %d names", n)
	}
}
