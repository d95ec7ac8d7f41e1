package license

import "testing"

func TestTree(t *testing.T) {
	tree := NewTree(Default("ISC"), []File{
		{"LICENSE-APACHE", "Apache-2.0"},
		{"LICENSE-MIT", "MIT"},
		{"LICENSE-OTHER", ""},
		{"a/COPYING", "GPL-3.0"},
		{"a/COPYING.LESSER", "LGPL-3.0"},
		{"b/LICENSE", ""},
		{"c/LICENSES/MIT.txt", "MIT"},
		{"d/LICENSE", "MIT OR GPL-2.0"},
		{"d/NOTICE-LICENSE", "MIT OR GPL-2.0"},
		{"d/NOTICE/LICENSE", "ISC"},
		{"e/COPYING", ""},
		{"e/COPYING.LIB", "MIT OR ISC"},
		{"e/LICENSE", "Zlib"},
	})
	for p, want := range map[string]License{
		"x.go":           {"Apache-2.0 OR MIT", Permissive},
		"z/y/x.go":       {"Apache-2.0 OR MIT", Permissive},
		"a/b/x.go":       {"GPL-3.0 AND LGPL-3.0", Copyleft},
		"b/x.go":         {"", Unknown},
		"c/x.go":         {"MIT", Permissive},
		"c/LICENSES/x":   {"MIT", Permissive},
		"d/x.go":         {"MIT OR GPL-2.0", Permissive},
		"d/NOTICE/x.go":  {"ISC", Permissive},
		"e/f/g/h/x.go":   {"(MIT OR ISC) AND Zlib", Permissive},
		"LICENSE-APACHE": {"Apache-2.0 OR MIT", Permissive},
	} {
		if got := tree.Of(p); got != want {
			t.Errorf("%s: %v, want %v", p, got, want)
		}
	}
	for _, p := range []string{"a/b", "a", "", ".", "/", "/a/b", "../a"} {
		if got := NewTree(Default("ISC"), nil).Of(p); got != (License{"ISC", Permissive}) {
			t.Errorf("%q: %v", p, got)
		}
		if got := NewTree(Default(""), nil).Of(p); got != (License{"", None}) {
			t.Errorf("%q: %v", p, got)
		}
	}
}
