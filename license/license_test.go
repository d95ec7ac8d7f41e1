package license

import (
	"bytes"
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/license/spdx"
)

func TestLicenseType(t *testing.T) {
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

func TestLicenseTables(t *testing.T) {
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

func TestLicences(t *testing.T) {
	for name, want := range map[string][2]bool{
		"LICENSE": {true, false}, "a/License.txt": {true, false}, "LICENCE.md": {true, false}, "COPYING.LESSER": {true, false}, "UNLICENSE": {true, false}, "LICENSE-MIT": {true, true}, "LICENSE.Apache": {true, true},
		"MIT-LICENSE.txt": {true, true}, "LICENSES/MIT.txt": {true, false}, "license.go": {false, false}, "license.json": {false, false}, "licensed.txt": {false, false}, "LICENSE-check.py": {false, false}, "x.txt": {false, false},
	} {
		is, alternative := Role(name)
		if got := [2]bool{is, alternative}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	l := NewTree("ISC")
	l.Add("LICENSE-APACHE", "Apache-2.0", true)
	l.Add("LICENSE-MIT", "MIT", true)
	l.Add("a/COPYING", "GPL-3.0", false)
	l.Add("a/COPYING.LESSER", "LGPL-3.0", false)
	l.Add("b/LICENSE", "", false)
	l.Add("c/LICENSES/MIT.txt", "MIT", false)
	for p, want := range map[string]License{
		"x.go": {"Apache-2.0 OR MIT", "permissive"}, "z/y/x.go": {"Apache-2.0 OR MIT", "permissive"}, "a/b/x.go": {"GPL-3.0 AND LGPL-3.0", "copyleft"}, "b/x.go": {"", "unknown"}, "c/x.go": {"MIT", "permissive"},
	} {
		if got := l.Of(p); got != want {
			t.Errorf("%s: %v, want %v", p, got, want)
		}
	}
	if got := NewTree("ISC").Of("a/b"); got != (License{"ISC", "permissive"}) {
		t.Error(got)
	}
	if got := NewTree("").Of("a/b"); got != (License{"", "none"}) {
		t.Error(got)
	}
	for text, want := range map[string]string{
		"// SPDX-License-Identifier: MIT\n": "MIT", "/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR MIT */": "(GPL-2.0 WITH Linux-syscall-note) OR MIT", "x\n": "", "SPDX-License-Identifier: see below": "",
		strings.Repeat("\n", 30) + "SPDX-License-Identifier: MIT": "", "<!-- SPDX-License-Identifier: Apache-2.0 -->": "Apache-2.0",
	} {
		if got := Declared([]byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestRecognise(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(build.Default.GOROOT, "LICENSE"))
	if err != nil {
		t.Skip(err)
	}
	var r Recognizer
	again := bytes.ReplaceAll(bytes.ToUpper(text), []byte("COPYRIGHT 2009 THE GO AUTHORS"), []byte("COPYRIGHT 1999 NOBODY"))
	for _, c := range []struct {
		text []byte
		want string
	}{{text, "BSD-3-Clause"}, {again, "BSD-3-Clause"}, {[]byte("all rights reserved"), ""}, {nil, ""}, {bytes.Repeat([]byte("("), 1<<20), ""}} {
		if got, err := r.Recognize(c.text); err != nil || got != c.want {
			t.Errorf("%.30q: %q %v, want %q", c.text, got, err, c.want)
		}
	}
}
