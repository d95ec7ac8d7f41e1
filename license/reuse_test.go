package license

import (
	"fmt"
	"strings"
	"testing"
)

func reuseTree(t *testing.T, files ...string) *Tree {
	t.Helper()
	var r Recognizer
	var list []File
	for i := 0; i < len(files); i += 2 {
		list = append(list, File{files[i], r.Read(FormOf(files[i]), []byte(files[i+1]))})
	}
	return NewTree(Default(""), list)
}

func block(path, precedence, license string) string {
	s := fmt.Sprintf("[[annotations]]\npath = %s\nSPDX-FileCopyrightText = \"A\"\nSPDX-License-Identifier = %q\n", path, license)
	if precedence != "" {
		s += fmt.Sprintf("precedence = %q\n", precedence)
	}
	return s
}

func TestREUSE(t *testing.T) {
	gpl := Finding{License: FromSPDX("GPL-2.0"), Line: 1, Detected: []string{"GPL-2.0"}}
	root := "version = 1\n" + block(`"**"`, "", "MIT") + block(`["img/*", "data/**.csv", 'a\*.c']`, "", "CC0-1.0") + block(`"both/**"`, "aggregate", "ISC") + block(`"over/**"`, "override", "Zlib")
	sub := "version = 1\n" + block(`"*"`, "", "BSD-2-Clause")
	tree := reuseTree(t, "REUSE.toml", root, "sub/REUSE.toml", sub, "over/REUSE.toml", sub, "both/REUSE.toml", sub, "s.c.license", "SPDX-License-Identifier: BSL-1.0\n")
	for _, c := range []struct {
		p    string
		head Finding
		want string
	}{
		{"x.go", nothing, "MIT reuse [REUSE.toml:2]"}, {"a/b/x.go", nothing, "MIT reuse [REUSE.toml:2]"}, {"x.go", gpl, "GPL-2.0 head [x.go:1]"},
		{"img/x.png", nothing, "CC0-1.0 reuse [REUSE.toml:6]"}, {"img/a/x.png", nothing, "MIT reuse [REUSE.toml:2]"}, {"data/a/b.csv", nothing, "CC0-1.0 reuse [REUSE.toml:6]"}, {"a*.c", nothing, "CC0-1.0 reuse [REUSE.toml:6]"}, {"ab.c", nothing, "MIT reuse [REUSE.toml:2]"},
		{"sub/x.go", nothing, "BSD-2-Clause reuse [sub/REUSE.toml:2]"}, {"sub/a/x.go", nothing, "MIT reuse [REUSE.toml:2]"},
		{"both/x.go", gpl, "GPL-2.0 AND ISC head [both/x.go:1 REUSE.toml:10]"}, {"both/x.go", nothing, "BSD-2-Clause AND ISC reuse [both/REUSE.toml:2 REUSE.toml:10]"},
		{"over/x.go", gpl, "Zlib reuse [REUSE.toml:15]"}, {"s.c", nothing, "BSL-1.0 reuse [s.c.license:1]"}, {"s.c", gpl, "GPL-2.0 head [s.c:1]"},
	} {
		v := tree.Of(c.p, "", c.head)
		if got := fmt.Sprint(v.Expression, " ", v.From, " ", v.At); got != c.want {
			t.Errorf("%s with %q: %s, want %s", c.p, c.head.Expression, got, c.want)
		}
	}
	dep5 := "Format: x\n\nFiles: *\nCopyright: A\nLicense: MIT\n\nFiles: doc/* a?.c\n tools/x\nLicense: GPL-2+ or Artistic-2.0\n some text\n\nLicense: GPL-2+\n text\n"
	tree = reuseTree(t, "p/.reuse/dep5", dep5)
	for p, want := range map[string]string{
		"p/x": "MIT reuse [p/.reuse/dep5:5]", "p/doc/a/b": "GPL-2.0-or-later OR Artistic-2.0 reuse [p/.reuse/dep5:9]", "p/ab.c": "GPL-2.0-or-later OR Artistic-2.0 reuse [p/.reuse/dep5:9]", "p/tools/x": "GPL-2.0-or-later OR Artistic-2.0 reuse [p/.reuse/dep5:9]", "q": "  []",
	} {
		v := tree.Of(p, "", nothing)
		if got := fmt.Sprint(v.Expression, " ", v.From, " ", v.At); got != want {
			t.Errorf("%s: %s, want %s", p, got, want)
		}
	}
	if v := tree.Of("p/x", "", gpl); v.Expression != "GPL-2.0 AND MIT" {
		t.Errorf("dep5 beside a head: %+v", v)
	}
}

// TestREUSELimits: a REUSE file that cannot be read leaves unknown what it could
// speak for.
func TestREUSELimits(t *testing.T) {
	stars := func(n int) string { return `"` + strings.Repeat("*a", n) + `"` }
	list := func(n int, s string) string { return "[" + strings.Repeat(`"`+s+`", `, n) + "]" }
	for text, want := range map[string]string{
		"": "MIT file", "[[annotations]]\npath = 7\n": " reuse", "not TOML": " reuse", block(`"**"`, "sometimes", "ISC"): " reuse", "[[annotations]]\nSPDX-License-Identifier = \"MIT\"\n": " reuse",
		"[[annotations]]\npath = \"**\"\nSPDX-FileCopyrightText = \"A\"\n": "MIT file", block(`"**"`, "", "MIT MIT"): "MIT MIT reuse", "[[annotations]]\npath = \"**\"\nSPDX-License-Identifier = [\"MIT\", \"ISC\"]\n": "MIT AND ISC reuse",
		block(stars(maxWildcards), "", "ISC"): "MIT file", block(stars(maxWildcards+1), "", "ISC"): " reuse",
		block(`"`+strings.Repeat("a", maxPatternBytes)+`"`, "", "ISC"): "MIT file", block(`"`+strings.Repeat("a", maxPatternBytes+1)+`"`, "", "ISC"): " reuse",
		block(list(maxGlobs, "*b"), "", "ISC"): "MIT file", block(list(maxGlobs+1, "*b"), "", "ISC"): " reuse", block(list(maxPatterns, "b"), "", "ISC"): "MIT file", block(list(maxPatterns+1, "b"), "", "ISC"): " reuse",
	} {
		tree := reuseTree(t, "LICENSE", "SPDX-License-Identifier: MIT\n", "REUSE.toml", text)
		v := tree.Of("x/y", "", nothing)
		if got := v.Expression + " " + v.From; got != want {
			t.Errorf("%.100q: %q, want %q", text, got, want)
		}
		if strings.HasPrefix(want, " ") && v.Type != Unknown {
			t.Errorf("%.100q: %s", text, v.Type)
		}
	}
	for _, p := range []string{"REUSE.toml", ".reuse/dep5"} { // crawl could not read it
		tree := NewTree(Default(""), []File{{"LICENSE", saying("MIT")}, {p, Unread()}})
		if v := tree.Of("x/y", "", nothing); v.Type != Unknown || v.From != FromReuse {
			t.Errorf("%s that could not be read: %+v", p, v)
		}
	}
}
