package license

import (
	"strings"
	"testing"
)

func TestRole(t *testing.T) {
	long := "license-" + strings.Repeat("x", 100-len("license-"))
	for name, want := range map[string][2]bool{ // is a licence file, is an alternative
		"LICENSE": {true, false}, "a/License.txt": {true, false}, "LICENCE.md": {true, false}, "COPYING.LESSER": {true, false}, "UNLICENSE": {true, false}, "LICENSE-MIT": {true, true}, "LICENSE.Apache": {true, true},
		"MIT-LICENSE.txt": {true, true}, "LICENSES/MIT.txt": {true, false}, "license.go": {false, false}, "license.json": {false, false}, "licensed.txt": {false, false}, "LICENSE-check.py": {false, false}, "x.txt": {false, false},
		"LICENSES/MIT.html": {false, false}, "licenses/mit.txt": {false, false}, long: {true, true}, long + "x": {false, false},
	} {
		is, alternative := role(name)
		if got := [2]bool{is, alternative}; got != want || IsFile(name) != is {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
